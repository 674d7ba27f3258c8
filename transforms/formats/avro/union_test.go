package avro

import (
	"errors"
	"strings"
	"testing"

	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/transforms/formats/avro/internal/datum"
	"github.com/suiro/suiro/transforms/formats/internal/avrotest"
)

// union is a STRUCT as Confluent's converter makes it of a union.
func union(optional bool, params map[string]string, fields ...data.Field) *data.Schema {
	return &data.Schema{Kind: data.Struct, Name: "io.confluent.connect.avro.Union", Optional: optional, Parameters: params,
		Fields: fields}
}

func TestUnionsAreStructsOfTheirTypes(t *testing.T) {
	enum := &data.Schema{Kind: data.String, Optional: true, Parameters: map[string]string{datum.ParamEnum: "x.E",
		datum.ParamSymbols: "A,B"}}
	record := func(name string) *data.Schema {
		return &data.Schema{Kind: data.Struct, Optional: true, Name: name,
			Fields: []data.Field{avrotest.Field("a", avrotest.Prim(data.Int32))}}
	}
	tests := []struct {
		name, text string
		want       *data.Schema
		data       map[string]any // by datum
	}{
		{"two types", `["int","string"]`, union(false, nil, avrotest.Field("int", avrotest.Optional(data.Int32)),
			avrotest.Field("string", avrotest.Optional(data.String))),
			map[string]any{"\x00\x02": map[string]any{"int": int32(1), "string": nil},
				"\x02\x04ab": map[string]any{"int": nil, "string": "ab"}}},
		{"null first", `["null","long","boolean"]`, union(true, nil, avrotest.Field("long", avrotest.Optional(data.Int64)),
			avrotest.Field("boolean", avrotest.Optional(data.Boolean))),
			map[string]any{"\x00": nil, "\x02\x02": map[string]any{"long": int64(1), "boolean": nil},
				"\x04\x01": map[string]any{"long": nil, "boolean": true}}},
		{"null between", `["bytes","null","double"]`, union(true, map[string]string{datum.ParamNullAt: "1"},
			avrotest.Field("bytes", avrotest.Optional(data.Bytes)), avrotest.Field("double", avrotest.Optional(data.Float64))),
			map[string]any{"\x02": nil, "\x00\x02x": map[string]any{"bytes": []byte("x"), "double": nil}}},
		{"null last", `["float","int","null"]`, union(true, map[string]string{datum.ParamNullAt: "2"},
			avrotest.Field("float", avrotest.Optional(data.Float32)), avrotest.Field("int", avrotest.Optional(data.Int32))),
			map[string]any{"\x04": nil, "\x02\x02": map[string]any{"float": nil, "int": int32(1)}}},
		{"named types, lists and maps", `[{"type":"enum","name":"E","namespace":"x","symbols":["A","B"]},` +
			`{"type":"record","name":"R","namespace":"y","fields":[{"name":"a","type":"int"}]},` +
			`{"type":"array","items":"int"},{"type":"map","values":"int"}]`,
			union(false, nil, avrotest.Field("E", enum), avrotest.Field("R", record("y.R")),
				avrotest.Field("array", &data.Schema{Kind: data.Array, Optional: true, Elem: avrotest.Prim(data.Int32)}),
				avrotest.Field("map", &data.Schema{Kind: data.Map, Optional: true, Key: avrotest.Prim(data.String),
					Elem: avrotest.Prim(data.Int32)})),
			map[string]any{"\x00\x02": map[string]any{"E": "B", "R": nil, "array": nil, "map": nil},
				"\x02\x02":         map[string]any{"E": nil, "R": map[string]any{"a": int32(1)}, "array": nil, "map": nil},
				"\x04\x02\x02\x00": map[string]any{"E": nil, "R": nil, "array": []any{int32(1)}, "map": nil}}},
		{"two records of one short name", `[{"type":"record","name":"R","namespace":"x","fields":[{"name":"a",` +
			`"type":"int"}]},` +
			`{"type":"record","name":"R","namespace":"y","fields":[{"name":"a","type":"int"}]}]`,
			union(false, nil, avrotest.Field("x.R", record("x.R")), avrotest.Field("y.R", record("y.R"))),
			map[string]any{"\x02\x02": map[string]any{"x.R": nil, "y.R": map[string]any{"a": int32(1)}}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, err := ParseCodec([]byte(tt.text))
			if err != nil || !c.Schema().Equal(tt.want) {
				t.Fatalf("ParseCodec = %+v, %v, want %+v", c, err, tt.want)
			}
			if text, err := SchemaText(tt.want); err != nil || text != tt.text {
				t.Errorf("SchemaText = %s, %v, want %s", text, err, tt.text)
			}
			for raw, want := range tt.data {
				v, err := c.Decode([]byte(raw))
				if err != nil || !avrotest.Same(v, want) {
					t.Errorf("Decode(%q) = %v, %v, want %v", raw, v, err, want)
				}
				if got, err := c.Append(nil, want); err != nil || string(got) != raw {
					t.Errorf("Append(%v) = %q, %v, want %q", want, got, err, raw)
				}
			}
		})
	}
}

func TestUnionsInAField(t *testing.T) {
	const text = `{"type":"record","name":"R","namespace":"","fields":[` +
		`{"name":"e","type":{"type":"enum","name":"E","namespace":"","symbols":["A"]}},` +
		`{"name":"u","type":["E","long","null"],"default":"A"},` +
		`{"name":"v","type":["null","string","int"],"default":null},` +
		`{"name":"w","type":["null","string","int"],"default":7}]}`
	c, err := ParseCodec([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Schema().Field("u").Schema.Default; !avrotest.Same(got, map[string]any{"E": "A", "long": nil}) {
		t.Errorf("the default of u is %v, want its first type with A", got)
	}
	if again, err := SchemaText(c.Schema()); err != nil || again != text {
		t.Errorf("SchemaText\n got %s, %v\nwant %s", again, err, text)
	}
	raw, err := c.Append(nil, map[string]any{"e": "A", "u": nil, "v": map[string]any{"int": int32(1)}})
	if want := "\x00\x00\x00\x04\x02\x04\x0e"; err != nil || string(raw) != want {
		t.Errorf("Append = %q, %v, want %q, the defaults of u and w", raw, err, want)
	}
}

func TestUnionValuesAreRefusedWithReason(t *testing.T) {
	c, err := ParseCodec([]byte(`["int","string"]`))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		value any
		want  string
	}{
		{nil, "null for STRUCT"},
		{int32(1), "an integer for STRUCT io.confluent.connect.avro.Union"},
		{map[string]any{}, "no type of the union has a value, and the union is not optional"},
		{map[string]any{"int": nil, "string": nil}, "no type of the union has a value"},
		{map[string]any{"int": int32(1), "string": "x"}, "more than one type of the union has a value"},
		{map[string]any{"int": int32(1), "long": int64(1)}, `field "long" is not in schema`},
		{map[string]any{"int": "x"}, `field "int": avro value: a string for INT32`},
	} {
		raw, err := c.Append([]byte("before"), tt.value)
		if !errors.Is(err, ErrValue) || !strings.Contains(err.Error(), tt.want) || string(raw) != "before" {
			t.Errorf("Append(%v) = %q, %v, want an ErrValue with %q", tt.value, raw, err, tt.want)
		}
	}
	for _, raw := range []string{"", "\x04", "\x01", "\x02\x04a"} {
		if v, err := c.Decode([]byte(raw)); !errors.Is(err, ErrValue) {
			t.Errorf("Decode(%q) = %v, %v, want an ErrValue", raw, v, err)
		}
	}
}

// TestReferencesBecomePartOfTheText: a file's header has to define all types.
func TestReferencesBecomePartOfTheText(t *testing.T) {
	c, err := ParseCodec([]byte(`["null","x.A","string"]`),
		[]byte(`{"type":"record","name":"A","namespace":"x","fields":[{"name":"a","type":"int"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	want := `["null",{"type":"record","name":"A","namespace":"x","fields":[{"name":"a","type":"int"}]},"string"]`
	if c.Text() != want {
		t.Errorf("Text() = %s, want %s", c.Text(), want)
	}
	if _, err := ParseCodec([]byte(`"x.A"`), []byte(`{"type":"record"`)); !errors.Is(err, ErrSchema) ||
		!strings.Contains(err.Error(), "reference 1 of 1: ") {
		t.Errorf("a damaged reference: %v, want an ErrSchema that counts it", err)
	}
}
