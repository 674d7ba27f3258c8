package converters

import (
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/sr"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/connecttest"
	"github.com/suiro/suiro/connect/data"
)

func jsonSchemaConverter(t *testing.T, props map[string]string) (*JSONSchema, error) {
	t.Helper()
	c, err := JSONSchemaDef().Parse(props)
	if err != nil {
		return nil, err
	}
	return NewJSONSchema(c, false)
}

func mustJSONSchema(t *testing.T, props map[string]string) *JSONSchema {
	t.Helper()
	c, err := jsonSchemaConverter(t, props)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// visit is a schema and a value of it.
func visit() (*data.Schema, map[string]any) {
	return &data.Schema{Kind: data.Struct, Name: "suiro.Access", Fields: []data.Field{
			{Name: "host", Schema: &data.Schema{Kind: data.String}},
			{Name: "status", Schema: &data.Schema{Kind: data.Int32, Optional: true}},
			{Name: "price", Schema: &data.Schema{Kind: data.Bytes, Name: data.DecimalName, Parameters: map[string]string{"scale": "2"}}},
			{Name: "at", Schema: &data.Schema{Kind: data.Int64, Name: data.TimestampName}}}},
		map[string]any{"host": "web-1", "status": int32(200), "price": big.NewRat(156, 100),
			"at": time.UnixMilli(1768469412345).UTC()}
}

func TestJSONSchemaMessages(t *testing.T) {
	r := registryServer(t)
	c := mustJSONSchema(t, map[string]string{"schema.registry.url": r.URL()})
	s, v := visit()
	raw, err := c.FromConnect("t", s, v)
	if want := "\x00\x00\x00\x00\x01" + `{"host":"web-1","status":200,"price":"AJw=","at":1768469412345}`; err != nil || string(raw) != want {
		t.Errorf("FromConnect = %q, %v, want %q", raw, err, want)
	}
	registered, ok := r.GetSchema("t-value", 1)
	if !ok || registered.Schema.Type != sr.TypeJSON || !strings.Contains(registered.Schema.Schema, `"title":"suiro.Access"`) {
		t.Errorf("registered as %+v", registered)
	}
	connecttest.RunConverter(t, func(t *testing.T) connect.Converter {
		return mustJSONSchema(t, map[string]string{"schema.registry.url": r.URL()})
	}, connecttest.Value{Schema: s, Data: v})
}

func TestJSONSchemaNulls(t *testing.T) {
	r := registryServer(t)
	c := mustJSONSchema(t, map[string]string{"schema.registry.url": r.URL()})
	s, _ := visit()
	for _, schema := range []*data.Schema{nil, s} {
		if raw, err := c.FromConnect("t", schema, nil); raw != nil || err != nil {
			t.Errorf("FromConnect of null = %q, %v, want null in Kafka", raw, err)
		}
	}
	if s, v, err := c.ToConnect("t", nil); s != nil || v != nil || err != nil {
		t.Errorf("ToConnect of null = %v, %v, %v", s, v, err)
	}
	if raw, err := c.FromConnect("t", optionalString, nil); err != nil || string(raw[5:]) != "null" {
		t.Errorf("FromConnect of a null that its schema allows = %q, %v, want JSON's null", raw, err)
	}
}

func TestJSONSchemaWritesWithTheSchemaGiven(t *testing.T) {
	r := registryServer(t)
	r.SeedSchema("t-value", 1, 7, sr.Schema{Type: sr.TypeJSON, Schema: `{"type":"object","properties":{"a":{"type":"integer","maximum":9}}}`})
	for name, props := range map[string]map[string]string{"latest": {"use.latest.version": "true"}, "id": {"use.schema.id": "7"}} {
		props["schema.registry.url"], props["auto.register.schemas"] = r.URL(), "false"
		c := mustJSONSchema(t, props)
		if raw, err := c.FromConnect("t", nil, map[string]any{"a": int64(1)}); err != nil || string(raw) != "\x00\x00\x00\x00\x07{\"a\":1}" {
			t.Errorf("%s: %q, %v", name, raw, err)
		}
		if raw, err := c.FromConnect("t", nil, map[string]any{"a": int64(10)}); err == nil || connect.IsRetriable(err) ||
			!strings.Contains(err.Error(), "at '/a'") {
			t.Errorf("%s: a value that the schema does not allow: %q, %v, want a final error", name, raw, err)
		}
	}
}

func TestJSONSchemaSaysWhatIsWrong(t *testing.T) {
	r := registryServer(t)
	r.SeedSchema("avro", 1, 3, sr.Schema{Type: sr.TypeAvro, Schema: `"int"`})
	r.SeedSchema("t", 1, 4, sr.Schema{Type: sr.TypeJSON, Schema: `{"type":"object","properties":{"a":{"type":"integer","maximum":9}}}`})
	r.SeedSchema("node", 1, 5, sr.Schema{Type: sr.TypeJSON, Schema: `{"title":"Node","properties":{"next":{"$ref":"#"}}}`})
	c := mustJSONSchema(t, map[string]string{"schema.registry.url": r.URL(), "json.fail.invalid.schema": "true"})
	for raw, want := range map[string]string{
		`{"a":1}`: "decode json schema value for topic t: invalid data: the message is not JSON Schema with a schema registry, " +
			"which begins with byte 0 and a schema id of 4 bytes: is it JSON without a registry, for JsonConverter, or another format?",
		"\x00\x00\x00\x00\x03{}":         "schema registry: schema 3: json schema: the schema is AVRO, want JSON",
		"\x00\x00\x00\x00\x04":           "unexpected end of JSON",
		"\x00\x00\x00\x00\x04{\"a\":\"":  "a closing quote",
		"\x00\x00\x00\x00\x04{\"a\":10}": "the message does not fit its schema: at '/a': maximum",
		"\x00\x00\x00\x00\x05{}":         `schema registry: schema 5: field "next": json schema: "Node" contains itself`,
		"\x00\x00\x00\x00\x63{}":         "schema registry: read schema 99",
	} {
		_, _, err := c.ToConnect("t", []byte(raw))
		if err == nil || !strings.Contains(err.Error(), want) || connect.IsRetriable(err) {
			t.Errorf("ToConnect(%q): %v, want a final error with %q", raw, err, want)
		}
	}
	if _, err := c.FromConnect("t", nil, map[string]any{"a": 1}); err == nil || !strings.Contains(err.Error(), "the data has no schema") {
		t.Errorf("data without a schema: %v", err)
	}
	away := httptest.NewServer(http.NotFoundHandler())
	away.Close()
	c = mustJSONSchema(t, map[string]string{"schema.registry.url": away.URL})
	s, v := visit()
	if _, err := c.FromConnect("t", s, v); !connect.IsRetriable(err) {
		t.Errorf("a registry that is away: %v, want a retriable error", err)
	}
	if _, _, err := c.ToConnect("t", []byte("\x00\x00\x00\x00\x01{}")); !connect.IsRetriable(err) {
		t.Errorf("a registry that is away: %v, want a retriable error", err)
	}
}

func TestJSONSchemaKeys(t *testing.T) {
	for _, tt := range []struct {
		props map[string]string
		want  string
	}{
		{map[string]string{}, "give the address of a schema registry"},
		{map[string]string{"schema.registry.url": "http://x", "use.latest.version": "true"}, "set auto.register.schemas to false"},
		{map[string]string{"schema.registry.url": "http://x", "decimal.format": "TEXT"}, "BASE64"},
	} {
		if _, err := jsonSchemaConverter(t, tt.props); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%v: %v, want %q", tt.props, err, tt.want)
		}
	}
	props := map[string]string{"schema.registry.url": "http://x", "json.fail.unknown.properties": "false",
		"json.oneof.for.nullables": "true", "latest.compatibility.strict": "false", "flatten.singleton.unions": "true"}
	if unknown := JSONSchemaDef().Unknown(props); len(unknown) > 0 {
		t.Errorf("keys of Confluent's converter are refused: %v", unknown)
	}
	r := registryServer(t)
	s := &data.Schema{Kind: data.Struct, Fields: []data.Field{{Name: "d", Schema: &data.Schema{Kind: data.Bytes, Name: data.DecimalName,
		Parameters: map[string]string{"scale": "1"}}}, {Name: "n", Schema: &data.Schema{Kind: data.Int8, Optional: true, Default: int8(3)}}}}
	c := mustJSONSchema(t, map[string]string{"schema.registry.url": r.URL(), "decimal.format": "numeric",
		"object.additional.properties": "false", "ignore.default.for.nullables": "true"})
	raw, err := c.FromConnect("t", s, map[string]any{"d": big.NewRat(3, 2)})
	if err != nil || string(raw[5:]) != `{"d":1.5,"n":null}` {
		t.Errorf("FromConnect = %q, %v", raw, err)
	}
	if registered, _ := r.GetSchema("t-value", 1); !strings.Contains(registered.Schema.Schema, `"additionalProperties":false`) ||
		!strings.Contains(registered.Schema.Schema, `"type":"number","connect.type":"bytes"`) {
		t.Errorf("registered as %s", registered.Schema.Schema)
	}
}
