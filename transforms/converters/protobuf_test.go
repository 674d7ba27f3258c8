package converters

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/sr"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/connecttest"
	"github.com/suiro/suiro/connect/data"
)

func protobufConverter(t *testing.T, props map[string]string) (*Protobuf, error) {
	t.Helper()
	c, err := ProtobufDef().Parse(props)
	if err != nil {
		return nil, err
	}
	return NewProtobuf(c, false)
}

func mustProtobuf(t *testing.T, props map[string]string) *Protobuf {
	t.Helper()
	c, err := protobufConverter(t, props)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestProtobufMessages(t *testing.T) {
	r := registryServer(t)
	props := map[string]string{"schema.registry.url": r.URL(), "optional.for.nullables": "true"}
	c := mustProtobuf(t, props)
	s, v := visit()
	raw, err := c.FromConnect("t", s, v)
	want := "\x00\x00\x00\x00\x01\x00" + "\x0a\x05web-1" + "\x10\xc8\x01" + "\x1a\x08\x0a\x02\x00\x9c\x10\x03\x18\x02" +
		"\x22\x0c\x08\xa4\xe7\xa2\xcb\x06\x10\xc0\x90\xc1\xa4\x01"
	if err != nil || string(raw) != want {
		t.Errorf("FromConnect = %q, %v, want %q", raw, err, want)
	}
	registered, ok := r.GetSchema("t-value", 1)
	if !ok || registered.Schema.Type != sr.TypeProtobuf || !strings.Contains(registered.Schema.Schema, "package suiro;") {
		t.Errorf("registered as %+v", registered)
	}
	read, got, err := mustProtobuf(t, props).ToConnect("t", raw)
	if err != nil || !data.Equal(got, v) || read.Name != "Access" {
		t.Errorf("ToConnect = %v, %v, %v, want %v", read, got, err, v)
	}
	connecttest.RunConverter(t, func(t *testing.T) connect.Converter { return mustProtobuf(t, props) },
		connecttest.Value{Schema: read, Data: v})
}

func TestProtobufNulls(t *testing.T) {
	r := registryServer(t)
	c := mustProtobuf(t, map[string]string{"schema.registry.url": r.URL()})
	s, _ := visit()
	for _, schema := range []*data.Schema{nil, s, optionalString} {
		if raw, err := c.FromConnect("t", schema, nil); raw != nil || err != nil {
			t.Errorf("FromConnect of null = %q, %v, want null in Kafka", raw, err)
		}
	}
	if s, v, err := c.ToConnect("t", nil); s != nil || v != nil || err != nil {
		t.Errorf("ToConnect of null = %v, %v, %v", s, v, err)
	}
}

const twoMessages = `syntax = "proto3"; package x; message A { int32 a = 1; } message B { string b = 1; }`

func TestProtobufWritesWithTheSchemaGiven(t *testing.T) {
	r := registryServer(t)
	r.SeedSchema("t-value", 1, 7, sr.Schema{Type: sr.TypeProtobuf, Schema: twoMessages})
	b := &data.Schema{Kind: data.Struct, Name: "x.B", Fields: []data.Field{{Name: "b", Schema: optionalString}}}
	for name, props := range map[string]map[string]string{"latest": {"use.latest.version": "true"}, "id": {"use.schema.id": "7"}} {
		props["schema.registry.url"], props["auto.register.schemas"] = r.URL(), "false"
		c := mustProtobuf(t, props)
		if raw, err := c.FromConnect("t", nil, map[string]any{"a": int64(1)}); err != nil || string(raw) != "\x00\x00\x00\x00\x07\x00\x08\x01" {
			t.Errorf("%s: %q, %v", name, raw, err)
		}
		if raw, err := c.FromConnect("t", b, map[string]any{"b": "x"}); err != nil || string(raw) != "\x00\x00\x00\x00\x07\x02\x02\x0a\x01x" {
			t.Errorf("%s: the second message: %q, %v", name, raw, err)
		}
		if raw, err := c.FromConnect("t", nil, map[string]any{"c": int64(1)}); err == nil || connect.IsRetriable(err) {
			t.Errorf("%s: a field that the schema does not have: %q, %v, want a final error", name, raw, err)
		}
	}
}

func TestProtobufSaysWhatIsWrong(t *testing.T) {
	r := registryServer(t)
	r.SeedSchema("avro", 1, 3, sr.Schema{Type: sr.TypeAvro, Schema: `"int"`})
	r.SeedSchema("t", 1, 4, sr.Schema{Type: sr.TypeProtobuf, Schema: twoMessages})
	r.SeedSchema("node", 1, 5, sr.Schema{Type: sr.TypeProtobuf, Schema: `syntax = "proto3"; message Node { Node next = 1; }`})
	c := mustProtobuf(t, map[string]string{"schema.registry.url": r.URL()})
	for raw, want := range map[string]string{
		`{"a":1}`:                          "decode protobuf value for topic t: protobuf value: the message is not Protobuf with a schema registry",
		"\x00\x00\x00\x00\x03\x00":         "schema registry: schema 3: protobuf schema: the schema is AVRO, want PROTOBUF",
		"\x00\x00\x00\x00\x04":             "ends before it says which message",
		"\x00\x00\x00\x00\x04\x02\x04":     "has no such message",
		"\x00\x00\x00\x00\x04\x00\x0a\x05": "decode 2 bytes as x.A",
		"\x00\x00\x00\x00\x05\x00":         "Node contains itself",
		"\x00\x00\x00\x00\x63\x00":         "schema registry: read schema 99",
	} {
		if _, v, err := c.ToConnect("t", []byte(raw)); err == nil || !strings.Contains(err.Error(), want) || connect.IsRetriable(err) {
			t.Errorf("ToConnect(%q): %v, %v, want a final error with %q", raw, v, err, want)
		}
	}
	if _, err := c.FromConnect("t", nil, map[string]any{"a": 1}); err == nil || !strings.Contains(err.Error(), "the data has no schema") {
		t.Errorf("data without a schema: %v", err)
	}
	away := httptest.NewServer(http.NotFoundHandler())
	away.Close()
	c = mustProtobuf(t, map[string]string{"schema.registry.url": away.URL})
	s, v := visit()
	if _, err := c.FromConnect("t", s, v); !connect.IsRetriable(err) {
		t.Errorf("a registry that is away: %v, want a retriable error", err)
	}
	if _, _, err := c.ToConnect("t", []byte("\x00\x00\x00\x00\x01\x00")); !connect.IsRetriable(err) {
		t.Errorf("a registry that is away: %v, want a retriable error", err)
	}
}

// TestProtobufKeys: each key changes what is read of the same message.
func TestProtobufKeys(t *testing.T) {
	r := registryServer(t)
	r.SeedSchema("t-value", 1, 7, sr.Schema{Type: sr.TypeProtobuf, Schema: `syntax = "proto3"; package x; import "google/protobuf/wrappers.proto";
		message M { enum E { ZERO = 0; } E e = 1; oneof o { int32 a = 2; } google.protobuf.Int32Value w = 3; }`})
	raw := []byte("\x00\x00\x00\x00\x07\x00\x10\x05\x1a\x02\x08\x07")
	in := func(v any) map[string]any { return map[string]any{"a": v} }
	for _, tt := range []struct {
		props map[string]string
		name  string
		want  map[string]any
	}{
		{map[string]string{}, "M", map[string]any{"o_0": in(int32(5)), "e": "ZERO", "w": map[string]any{"value": int32(7)}}},
		{map[string]string{"enhanced.protobuf.schema.support": "true", "int.for.enums": "true", "generate.index.for.unions": "false"},
			"x.M", map[string]any{"o": in(int32(5)), "e": int32(0), "w": map[string]any{"value": int32(7)}}},
		{map[string]string{"flatten.unions": "true", "wrapper.for.nullables": "true"}, "M",
			map[string]any{"a": int32(5), "e": "ZERO", "w": int32(7)}},
	} {
		tt.props["schema.registry.url"] = r.URL()
		s, v, err := mustProtobuf(t, tt.props).ToConnect("t", raw)
		if err != nil || s.Name != tt.name || !data.Equal(v, tt.want) {
			t.Errorf("%v: %v, %v, %v, want %s %v", tt.props, s, v, err, tt.name, tt.want)
		}
	}
	if _, err := protobufConverter(t, map[string]string{}); err == nil || !strings.Contains(err.Error(), "give the address of a schema registry") {
		t.Errorf("no address: %v", err)
	}
}

// TestMessagesOfConfluentsPythonClientAreRead: the bytes are those of its ProtobufSerializer and JSONSerializer, version
// 2.16.1, and the Protobuf schema is the descriptor that it registers.
func TestMessagesOfConfluentsPythonClientAreRead(t *testing.T) {
	r := registryServer(t)
	r.SeedSchema("p-value", 1, 33, sr.Schema{Type: sr.TypeProtobuf, Schema: "ChV2aXNpdDE3OTYwMzg0MjkucHJvdG8SAXgiEgoFRmlyc3QSCQoBbhgBI" +
		"AEoBSJlCgVWaXNpdBIMCgRob3N0GAEgASgJEg4KBnN0YXR1cxgCIAEoERIMCgR0YWdzGAMgAygJEhoKAmF0GAQgASgLMg4ueC5WaXNpdC5QbGFjZRoUCgV" +
		"QbGFjZRILCgN6aXAYASABKARiBnByb3RvMw=="})
	r.SeedSchema("j-value", 1, 36, sr.Schema{Type: sr.TypeJSON,
		Schema: `{"type":"object","title":"V","properties":{"host":{"type":"string"},"n":{"type":"integer"}}}`})
	for raw, want := range map[string]map[string]any{
		"\x00\x00\x00\x00\x21\x00\x08\x07": {"n": int32(7)},
		"\x00\x00\x00\x00\x21\x02\x02\x0a\x01a\x10\x05\x1a\x01x\x1a\x01y\x22\x02\x08\x09": {"host": "a", "status": int32(-3),
			"tags": []any{"x", "y"}, "at": map[string]any{"zip": int64(9)}},
		"\x00\x00\x00\x00\x21\x04\x02\x00\x08\x0c":    {"zip": int64(12)},
		"\x00\x00\x00\x00\x24" + `{"host":"a","n":1}`: {"host": "a", "n": int64(1)},
	} {
		var c connect.Converter = mustProtobuf(t, map[string]string{"schema.registry.url": r.URL()})
		if raw[4] == 36 {
			c = mustJSONSchema(t, map[string]string{"schema.registry.url": r.URL()})
		}
		s, v, err := c.ToConnect("t", []byte(raw))
		if err != nil || !data.Equal(v, want) {
			t.Errorf("%q is read as %v, %v, want %v", raw, v, err, want)
			continue
		}
		props := map[string]string{"schema.registry.url": r.URL(), "auto.register.schemas": "false", "use.schema.id": "33"}
		if _, is := c.(*Protobuf); is {
			if again, err := mustProtobuf(t, props).FromConnect("t", s, v); err != nil || string(again) != raw {
				t.Errorf("%q is written again as %q, %v", raw, again, err)
			}
		}
	}
}
