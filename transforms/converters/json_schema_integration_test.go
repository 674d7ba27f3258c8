//go:build integration

package converters

import (
	"maps"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/sr"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/connecttest"
	"github.com/suiro/suiro/connect/data"
)

// registerAs registers a schema of a type as another program would.
func (r aRegistry) registerAs(t *testing.T, kind sr.SchemaType, subject, text string, references ...sr.SchemaReference) int {
	t.Helper()
	s, err := r.client.CreateSchema(t.Context(), subject, sr.Schema{Schema: text, Type: kind, References: references})
	if err != nil {
		t.Fatal(err)
	}
	return s.ID
}

func (r aRegistry) jsonSchema(t *testing.T, props map[string]string) *JSONSchema {
	t.Helper()
	all := map[string]string{"schema.registry.url": r.url}
	maps.Copy(all, props)
	return mustJSONSchema(t, all)
}

func TestJSONSchemaOnARealRegistry(t *testing.T) {
	r := realRegistry(t)
	topic := unused("t")
	s, v := visit()
	c := r.jsonSchema(t, nil)
	raw, err := c.FromConnect(topic, s, v)
	if err != nil {
		t.Fatal(err)
	}
	found, err := r.client.SchemaByID(t.Context(), idOf(raw))
	if err != nil || found.Type != sr.TypeJSON {
		t.Errorf("schema %d is %+v, %v, want one of JSON Schema", idOf(raw), found, err)
	}
	read, got, err := r.jsonSchema(t, nil).ToConnect(topic, raw)
	if err != nil || !data.Equal(got, v) || !read.Equal(s) {
		t.Errorf("ToConnect(%q) = %v, %v, %v, want %v", raw, read, got, err, v)
	}
	lookup := r.jsonSchema(t, map[string]string{"auto.register.schemas": "false"})
	if again, err := lookup.FromConnect(topic, s, v); err != nil || string(again) != string(raw) {
		t.Errorf("looked up: %q, %v, want %q", again, err, raw)
	}
	if n := r.versions(t, topic+"-value"); n != 1 {
		t.Errorf("the subject has %d schemas, want 1", n)
	}
	connecttest.RunConverter(t, func(t *testing.T) connect.Converter { return r.jsonSchema(t, nil) },
		connecttest.Value{Schema: s, Data: v})
}

func TestJSONSchemaOnARealRegistryFollowsReferences(t *testing.T) {
	r := realRegistry(t)
	topic, place := unused("events"), unused("place")
	r.registerAs(t, sr.TypeJSON, place, `{"type":"object","title":"Place","properties":{"host":{"type":"string","maxLength":5}}}`)
	id := r.registerAs(t, sr.TypeJSON, topic+"-value", `{"type":"object","properties":{"at":{"$ref":"place.json"}}}`,
		sr.SchemaReference{Name: "place.json", Subject: place, Version: 1})
	c := r.jsonSchema(t, map[string]string{"auto.register.schemas": "false", "use.latest.version": "true"})
	v := map[string]any{"at": map[string]any{"host": "a"}}
	raw, err := c.FromConnect(topic, nil, v)
	if err != nil || idOf(raw) != id {
		t.Fatalf("FromConnect = %q, %v, want schema %d", raw, err, id)
	}
	if s, got, err := r.jsonSchema(t, nil).ToConnect(topic, raw); err != nil || !data.Equal(got, v) ||
		s.Fields[0].Schema.Name != "Place" {
		t.Errorf("ToConnect = %v, %v, %v", s, got, err)
	}
	_, err = c.FromConnect(topic, nil, map[string]any{"at": map[string]any{"host": "too long"}})
	if err == nil || connect.IsRetriable(err) || !strings.Contains(err.Error(), "at '/at/host'") {
		t.Errorf("a value that the reference does not allow: %v, want a final error", err)
	}
}
