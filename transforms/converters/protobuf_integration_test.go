//go:build integration

package converters

import (
	"maps"
	"testing"

	"github.com/twmb/franz-go/pkg/sr"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/connecttest"
	"github.com/suiro/suiro/connect/data"
)

func (r aRegistry) protobuf(t *testing.T, props map[string]string) *Protobuf {
	t.Helper()
	all := map[string]string{"schema.registry.url": r.url, "optional.for.nullables": "true"}
	maps.Copy(all, props)
	return mustProtobuf(t, all)
}

func TestProtobufOnARealRegistry(t *testing.T) {
	r := realRegistry(t)
	topic := unused("t")
	s, v := visit()
	raw, err := r.protobuf(t, nil).FromConnect(topic, s, v)
	if err != nil {
		t.Fatal(err)
	}
	found, err := r.client.SchemaByID(t.Context(), idOf(raw))
	if err != nil || found.Type != sr.TypeProtobuf {
		t.Errorf("schema %d is %+v, %v, want one of Protobuf", idOf(raw), found, err)
	}
	read, got, err := r.protobuf(t, nil).ToConnect(topic, raw)
	if err != nil || !data.Equal(got, v) {
		t.Fatalf("ToConnect(%q) = %v, %v, %v, want %v", raw, read, got, err, v)
	}
	lookup := r.protobuf(t, map[string]string{"auto.register.schemas": "false"})
	if again, err := lookup.FromConnect(topic, s, v); err != nil || string(again) != string(raw) {
		t.Errorf("looked up: %q, %v, want %q", again, err, raw)
	}
	if n := r.versions(t, topic+"-value"); n != 1 {
		t.Errorf("the subject has %d schemas, want 1", n)
	}
	for _, value := range []connecttest.Value{{Schema: read, Data: v}, {Schema: &data.Schema{Kind: data.String}, Data: "x"}} {
		connecttest.RunConverter(t, func(t *testing.T) connect.Converter { return r.protobuf(t, nil) }, value)
	}
}

func TestProtobufOnARealRegistryFollowsReferences(t *testing.T) {
	r := realRegistry(t)
	topic, place := unused("events"), unused("place")
	r.registerAs(t, sr.TypeProtobuf, place, `syntax = "proto3"; package x; message Place { string host = 1; }`)
	id := r.registerAs(t, sr.TypeProtobuf, topic+"-value",
		`syntax = "proto3"; import "place.proto"; message Event { x.Place at = 1; }`,
		sr.SchemaReference{Name: "place.proto", Subject: place, Version: 1})
	c := r.protobuf(t, map[string]string{"auto.register.schemas": "false", "use.latest.version": "true"})
	v := map[string]any{"at": map[string]any{"host": "a"}}
	raw, err := c.FromConnect(topic, nil, v)
	if err != nil || idOf(raw) != id {
		t.Fatalf("FromConnect = %q, %v, want schema %d", raw, err, id)
	}
	s, got, err := r.protobuf(t, nil).ToConnect(topic, raw)
	if err != nil || !data.Equal(got, v) || s.Fields[0].Schema.Name != "Place" {
		t.Errorf("ToConnect = %v, %v, %v", s, got, err)
	}
	// A sink's data goes on to another topic: the schema is registered whole.
	raw, err = r.protobuf(t, nil).FromConnect(unused("copy"), s, got)
	if err != nil {
		t.Fatal(err)
	}
	if _, got, err := r.protobuf(t, nil).ToConnect(topic, raw); err != nil || !data.Equal(got, v) {
		t.Errorf("copied: %v, %v, want %v", got, err, v)
	}
}
