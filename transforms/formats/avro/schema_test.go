package avro

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/linkedin/goavro/v2"

	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/transforms/formats/avro/internal/datum"
	"github.com/suiro/suiro/transforms/formats/internal/avrotest"
)

func TestSchemaText(t *testing.T) {
	tests := []struct {
		name   string
		schema *data.Schema
		want   string
	}{
		{"primitive", avrotest.Prim(data.Int64), `"long"`},
		{"optional", avrotest.Optional(data.String), `["null","string"]`},
		{"small integers", &data.Schema{Kind: data.Int8}, `{"type":"int","connect.type":"int8"}`},
		{"array", &data.Schema{Kind: data.Array, Elem: avrotest.Optional(data.Int32)}, `{"type":"array",` +
			`"items":["null","int"]}`},
		{"map", &data.Schema{Kind: data.Map, Key: avrotest.Prim(data.String), Elem: avrotest.Prim(data.Float64)},
			`{"type":"map","values":"double"}`},
		{"timestamp", &data.Schema{Kind: data.Int64, Name: data.TimestampName, Optional: true},
			`["null",{"type":"long","logicalType":"timestamp-millis"}]`},
		{"decimal", &data.Schema{Kind: data.Bytes, Name: data.DecimalName, Parameters: map[string]string{"scale": "2"}},
			`{"type":"bytes","logicalType":"decimal","precision":64,"scale":2}`},
		{"record", &data.Schema{Kind: data.Struct, Name: "com.example.Access", Doc: "One request.", Fields: []data.Field{
			avrotest.Field("host", avrotest.Prim(data.String)),
			avrotest.Field("x-forwarded-for", avrotest.Optional(data.String)),
			avrotest.Field("x_forwarded_for", avrotest.Optional(data.String)),
			avrotest.Field("1st", &data.Schema{Kind: data.Int32, Default: int32(7), Doc: "First."}),
			avrotest.Field("size", &data.Schema{Kind: data.Int64, Optional: true, Default: int64(0)}),
		}}, `{"type":"record","name":"Access","namespace":"com.example","doc":"One request.","fields":[` +
			`{"name":"host","type":"string"},` +
			`{"name":"x_forwarded_for_2","type":["null","string"],"default":null,"suiro.name":"x-forwarded-for"},` +
			`{"name":"x_forwarded_for","type":["null","string"],"default":null},` +
			`{"name":"_1st","type":"int","default":7,"doc":"First.","suiro.name":"1st"},` +
			`{"name":"size","type":["long","null"],"default":0}]}`},
		{"float with a default", &data.Schema{Kind: data.Struct, Name: "n.R", Fields: []data.Field{
			avrotest.Field("f", &data.Schema{Kind: data.Float32, Default: float32(0.1)})}},
			`{"type":"record","name":"R","namespace":"n","fields":[{"name":"f","type":"float","default":0.1}]}`},
		{"unnamed records", &data.Schema{Kind: data.Struct, Fields: []data.Field{
			avrotest.Field("a", &data.Schema{Kind: data.Struct, Fields: []data.Field{
				avrotest.Field("b", avrotest.Prim(data.Boolean))}})}},
			`{"type":"record","name":"ConnectDefault","namespace":"io.confluent.connect.avro","fields":[` +
				`{"name":"a","type":{"type":"record","name":"ConnectDefault2","namespace":"io.confluent.connect.avro",` +
				`"fields":[{"name":"b","type":"boolean"}]}}]}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := SchemaText(tt.schema)
			if err != nil || got != tt.want {
				t.Fatalf("SchemaText\n got %s, %v\nwant %s", got, err, tt.want)
			}
			if _, err := goavro.NewCodec(got); err != nil {
				t.Errorf("goavro refuses %s: %v", got, err)
			}
			back, err := ParseSchema([]byte(got))
			if err != nil {
				t.Fatal(err)
			}
			if again, err := SchemaText(back); err != nil || again != got {
				t.Errorf("text of the parsed text\n got %s, %v\nwant %s", again, err, got)
			}
		})
	}
}

func TestParseSchemaKeepsTextAndBytes(t *testing.T) {
	for _, text := range []string{
		`["string","null"]`,
		`{"type":"record","name":"R","fields":[{"name":"e","type":{"type":"enum","name":"E","symbols":["B","A"]}},` +
			`{"name":"again","type":["null","E"],"default":null}]}`,
		`{"type":"record","name":"R","namespace":"n","fields":[{"name":"f","type":{"type":"fixed","name":"F",` +
			`"namespace":"n","size":4}},` +
			`{"name":"t","type":{"type":"long","logicalType":"timestamp-micros"}},` +
			`{"name":"d","type":{"type":"int","logicalType":"date"},"default":1},` +
			`{"name":"b","type":"bytes","default":"\u00ff\u0000"},` +
			`{"name":"xff","type":["null","string"],"default":null,"suiro.name":"x-forwarded-for"},` +
			`{"name":"l","type":{"type":"array","items":"string"},"default":["x"]},` +
			`{"name":"m","type":{"type":"map","values":"int"},"default":{"k":1}}]}`,
	} {
		s, err := ParseSchema([]byte(text))
		if err != nil {
			t.Errorf("ParseSchema(%s): %v", text, err)
			continue
		}
		got, err := SchemaText(s)
		if err != nil {
			t.Errorf("SchemaText of %s: %v", text, err)
			continue
		}
		a, errA := goavro.NewCodec(text)
		b, errB := goavro.NewCodec(got)
		if errA != nil || errB != nil || a.CanonicalSchema() != b.CanonicalSchema() {
			t.Errorf("%s\nbecame %s (%v, %v)", text, got, errA, errB)
		}
		back, err := ParseSchema([]byte(got))
		if err != nil || !reflect.DeepEqual(back, s) {
			t.Errorf("parsed again %s: %+v, %v, want %+v", got, back, err, s)
		}
	}
}

// TestDefaultOfTheSecondType reads a schema that Avro forbids and that many
// registries hold: the default is not of the union's first type.
func TestDefaultOfTheSecondType(t *testing.T) {
	const text = `{"type":"record","name":"R","namespace":"","fields":[{"name":"v","type":["null","string"],` +
		`"default":""}]}`
	c, err := ParseCodec([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	for raw, want := range map[string]any{"\x00": nil, "\x02\x02a": "a"} {
		v, err := c.Decode([]byte(raw))
		if err != nil || !reflect.DeepEqual(v, map[string]any{"v": want}) {
			t.Errorf("Decode(%q) = %v, %v, want %v", raw, v, err, want)
		}
	}
	if got, err := c.Append(nil, map[string]any{"v": "a"}); err != nil || string(got) != "\x02\x02a" {
		t.Errorf("Append = %q, %v, want the second branch of the union", got, err)
	}
	if got, err := SchemaText(c.Schema()); err != nil || got != text {
		t.Errorf("SchemaText = %s, %v, want %s", got, err, text)
	}
}

func TestParseSchemaRefusesWithReason(t *testing.T) {
	tests := []struct{ text, want string }{
		{`{`, "not JSON"},
		{`"long" "int"`, "text after the schema"},
		{`7`, "want a name, an object or a union"},
		{`"strng"`, `unknown type "strng"`},
		{`["null"]`, `union ["null"]: want null at most once, and another type`},
		{`["null","null","int"]`, "want null at most once"},
		{`[]`, "union []: want null at most once, and another type"},
		{`["int",["string","null"]]`, "a union directly in a union"},
		{`[["string","null"]]`, "a union directly in a union"},
		{`["null",{"type":{"type":["string"]}},"int"]`, "a union directly in a union"},
		{`["null",{"type":["string"]}]`, "a union directly in a union"},
		{`["int","string","int"]`, `union ["int","string","int"] has the type int twice`},
		{`"null"`, "null outside a union"},
		{`{"type":"record","name":"Union","namespace":"io.confluent.connect.avro",` +
			`"fields":[]}`, "which is the name of unions in Connect"},
		{`{"name":"R"}`, "object without a type"},
		{`{"type":"record","fields":[]}`, "record without a name"},
		{`{"type":"record","name":"a-b","fields":[]}`, `name "a-b"`},
		{`{"type":"record","name":"R"}`, "record R has no list of fields"},
		{`{"type":"record","name":"R","fields":[{"name":"a","type":"int"},{"name":"a","type":"int"}]}`, `field "a" twice`},
		{`{"type":"record","name":"R","fields":[{"name":"x-y","type":"int"}]}`, `field name "x-y"`},
		{`{"type":"record","name":"R","fields":[{"name":"a","type":["null","R"]}]}`, "R contains itself"},
		{`{"type":"enum","name":"E","symbols":[]}`, "E has no symbols"},
		{`{"type":"fixed","name":"F","size":-1}`, "size -1: want a number from 0"},
	}
	for _, tt := range tests {
		_, err := ParseSchema([]byte(tt.text))
		if !errors.Is(err, ErrSchema) || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("ParseSchema(%s): %v, want an ErrSchema with %q", tt.text, err, tt.want)
		}
	}
}

func TestSchemaTextRefusesWithReason(t *testing.T) {
	twice := &data.Schema{Kind: data.Struct, Name: "T",
		Fields: []data.Field{avrotest.Field("x", avrotest.Prim(data.Int32))}}
	other := &data.Schema{Kind: data.Struct, Name: "T",
		Fields: []data.Field{avrotest.Field("y", avrotest.Prim(data.Int32))}}
	tests := []struct {
		schema *data.Schema
		want   string
	}{
		{nil, "the data has no schema"},
		{&data.Schema{Kind: data.Map, Key: avrotest.Prim(data.Int32), Elem: avrotest.Prim(data.Int32)},
			"the keys of a map are not strings"},
		{&data.Schema{Kind: data.Int32, Name: data.TimestampName}, "is of type INT32, want INT64"},
		{&data.Schema{Kind: data.Bytes, Name: data.DecimalName}, `decimal scale ""`},
		{&data.Schema{Kind: data.Struct, Name: "a b"}, `name "a b"`},
		{&data.Schema{Kind: data.Struct, Name: datum.UnionName}, "a union with 0 types"},
		{&data.Schema{Kind: data.Struct, Name: datum.UnionName, Fields: []data.Field{
			avrotest.Field("a", avrotest.Optional(data.Int8)), avrotest.Field("b", avrotest.Optional(data.Int32))}},
			"a union has the type int twice"},
		{&data.Schema{Kind: data.Struct, Fields: []data.Field{avrotest.Field("a", twice), avrotest.Field("b", other)}},
			"two different types are named T"},
		{&data.Schema{Kind: data.Struct, Fields: []data.Field{avrotest.Field("a", &data.Schema{Kind: data.Int8,
			Default: "x"})}}, "default: avro schema: a string for INT8"},
		{&data.Schema{Kind: data.Struct, Fields: []data.Field{avrotest.Field("a", &data.Schema{Kind: data.Int8,
			Default: []any{"x"}})}}, "default: avro schema: a list for INT8"},
	}
	for _, tt := range tests {
		_, err := SchemaText(tt.schema)
		if !errors.Is(err, ErrSchema) || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("SchemaText(%+v): %v, want an ErrSchema with %q", tt.schema, err, tt.want)
		}
	}
}

// Each record uses the one before twice, so that 2^12 ways lead to the first.
func TestSchemaThatUsesATypeInManyPlaces(t *testing.T) {
	text := `{"type":"record","name":"R0","fields":[{"name":"a","type":"int"}]}`
	for i := range 12 {
		text = fmt.Sprintf(`{"type":"record","name":"R%d","fields":[{"name":"a","type":["null",%s]},`+
			`{"name":"b","type":["null","R%d"]}]}`, i+1, text, i)
	}
	c, err := ParseCodec([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]any{"a": nil, "b": nil}
	if got, err := c.Decode([]byte{0, 0}); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("Decode = %v, %v, want %v", got, err, want)
	}
	if got, err := SchemaText(c.Schema()); err != nil || strings.Count(got, `"R0"`) != 2 {
		t.Errorf("SchemaText = %.200s, %v, want R0 defined once and used once", got, err)
	}
	if again, err := ParseSchema([]byte(text)); err != nil || !again.Equal(c.Schema()) {
		t.Errorf("the text parsed again is another schema, %v", err)
	}
}
