package avro

import (
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/transforms/formats/avro/internal/datum"
	"github.com/suiro/suiro/transforms/formats/internal/avrotest"
)

type params = map[string]string

func decimal(p params) *data.Schema {
	return &data.Schema{Kind: data.Bytes, Name: data.DecimalName, Parameters: p}
}

func logicalOf(k data.Kind, name string) *data.Schema {
	return &data.Schema{Kind: k, Parameters: params{datum.ParamLogical: name}}
}

// foreign are types that are unusual or against Avro's rules, what they are in
// Connect, and a datum with its value.
var foreign = []struct {
	name, typ string
	want      *data.Schema
	raw       string
	value     any
}{
	{"a Connect decimal with a scale above the precision", `{"type":"bytes","scale":127,"precision":64,` +
		`"connect.version":1,"connect.parameters":{"scale":"127"},` +
		`"connect.name":"org.apache.kafka.connect.data.Decimal","logicalType":"decimal"}`,
		&data.Schema{Kind: data.Bytes, Name: data.DecimalName, Version: 1, Parameters: params{"scale": "127"}},
		"\x02\x05", new(big.Rat).SetFrac(big.NewInt(5), new(big.Int).Exp(big.NewInt(10), big.NewInt(127), nil))},
	{"a Connect decimal with a scale below 0", `{"type":"bytes","logicalType":"decimal","precision":4,"scale":-2,` +
		`"connect.name":"org.apache.kafka.connect.data.Decimal"}`,
		decimal(params{"scale": "-2", datum.ParamDigits: "4"}), "\x02\x07", big.NewRat(700, 1)},
	{"a Connect decimal without a logical type", `{"type":"bytes","connect.parameters":{"scale":"2"},` +
		`"connect.name":"org.apache.kafka.connect.data.Decimal"}`,
		decimal(params{"scale": "2"}), "\x02\x07", big.NewRat(7, 100)},
	{"a Connect decimal without a scale", `{"type":"bytes","connect.name":"org.apache.kafka.connect.data.Decimal"}`,
		avrotest.Prim(data.Bytes), "\x02\x07", []byte{7}},
	{"a scale above the precision", `{"type":"bytes","logicalType":"decimal","precision":2,"scale":3}`,
		avrotest.Prim(data.Bytes), "\x02\x07", []byte{7}},
	{"a decimal without precision", `{"type":"bytes","logicalType":"decimal","scale":3}`,
		avrotest.Prim(data.Bytes), "\x02\x07", []byte{7}},
	{"a precision of 0", `{"type":"bytes","logicalType":"decimal","precision":0,"scale":0}`,
		avrotest.Prim(data.Bytes), "\x02\x07", []byte{7}},
	{"a precision beyond reason", `{"type":"bytes","logicalType":"decimal","precision":1000000000,"scale":1000000000}`,
		avrotest.Prim(data.Bytes), "\x02\x07", []byte{7}},
	{"a scale below 0", `{"type":"bytes","logicalType":"decimal","precision":2,"scale":-1}`,
		avrotest.Prim(data.Bytes), "\x02\x07", []byte{7}},
	{"precision and scale as text", `{"type":"bytes","logicalType":"decimal","precision":"9","scale":"2"}`,
		avrotest.Prim(data.Bytes), "\x02\x07", []byte{7}},
	{"a decimal without scale", `{"type":"bytes","logicalType":"decimal","precision":9}`,
		decimal(params{"scale": "0", datum.ParamDigits: "9"}), "\x02\x07", big.NewRat(7, 1)},
	{"a decimal of Connect's precision", `{"type":"bytes","logicalType":"decimal","precision":64,"scale":1}`,
		decimal(params{"scale": "1"}), "\x02\x07", big.NewRat(7, 10)},
	{"a fixed decimal that is invalid", `{"type":"fixed","name":"F","size":2,"logicalType":"decimal","precision":1,` +
		`"scale":2}`,
		&data.Schema{Kind: data.Bytes, Parameters: params{datum.ParamFixed: "2", datum.ParamFixedAs: "F"}},
		"\x00\x07", []byte{0, 7}},
	{"a decimal that is text", `{"type":"string","logicalType":"decimal","precision":9,"scale":2}`,
		logicalOf(data.String, "decimal"), "\x04ab", "ab"},
	{"a logical type in capitals", `{"type":"long","logicalType":"Timestamp-Millis"}`,
		&data.Schema{Kind: data.Int64, Name: data.TimestampName}, "\x02", time.UnixMilli(1).UTC()},
	{"a date that is a long", `{"type":"long","logicalType":"date"}`, logicalOf(data.Int64, "date"), "\x02", int64(1)},
	{"microseconds", `{"type":"long","logicalType":"timestamp-micros"}`, logicalOf(data.Int64, "timestamp-micros"),
		"\x02", int64(1)},
	{"a uuid", `{"type":"string","logicalType":"uuid"}`, logicalOf(data.String, "uuid"), "\x04ab", "ab"},
	{"an unknown logical type", `{"type":"int","logicalType":"color"}`, logicalOf(data.Int32, "color"), "\x02", int32(1)},
	{"a logical type that is a number", `{"type":"int","logicalType":7}`, avrotest.Prim(data.Int32), "\x02", int32(1)},
	{"a Connect date that is text", `{"type":"string","connect.name":"org.apache.kafka.connect.data.Date"}`,
		avrotest.Prim(data.String), "\x04ab", "ab"},
	{"a Connect date without a logical type", `{"type":"int","connect.name":"org.apache.kafka.connect.data.Date"}`,
		&data.Schema{Kind: data.Int32, Name: data.DateName}, "\x02", time.UnixMilli(86_400_000).UTC()},
	{"connect.type beside text", `{"type":"string","connect.type":"int8"}`, avrotest.Prim(data.String), "\x04ab", "ab"},
	{"parameters that are Suiro's own", `{"type":"bytes","avro.union.of.one":"true",` +
		`"connect.parameters":{"connect.fixed.size":"9","a":"b","n":1}}`,
		&data.Schema{Kind: data.Bytes, Parameters: params{"a": "b"}}, "\x02\x07", []byte{7}},
	{"a property of Java's", `{"type":"string","avro.java.string":"String"}`,
		&data.Schema{Kind: data.String, Parameters: params{"avro.java.string": "String"}}, "\x04ab", "ab"},
	{"a name, version and parameters that are not text", `{"type":"int","connect.name":1,"connect.version":"x",` +
		`"connect.parameters":[1],"doc":{},"aliases":["x"],"order":"ignore"}`, avrotest.Prim(data.Int32), "\x02", int32(1)},
	{"a default in the type", `{"type":"int","connect.default":7}`, &data.Schema{Kind: data.Int32, Default: int32(7)},
		"\x02", int32(1)},
	{"a default in an optional type", `["null",{"type":"int","connect.default":7}]`,
		&data.Schema{Kind: data.Int32, Optional: true, Default: int32(7), Parameters: params{datum.ParamNullLast: "false"}},
		"\x02\x02", int32(1)},
	{"a default that does not fit", `{"type":"int","connect.default":"x"}`, avrotest.Prim(data.Int32), "\x02", int32(1)},
	{"a union of one", `["int"]`, &data.Schema{Kind: data.Int32, Parameters: params{datum.ParamSingle: "true"}},
		"\x00\x02", int32(1)},
	{"an empty fixed", `{"type":"fixed","name":"F","size":0}`,
		&data.Schema{Kind: data.Bytes, Parameters: params{datum.ParamFixed: "0", datum.ParamFixedAs: "F"}}, "", []byte{}},
	{"a fixed with a logical type", `{"type":"fixed","name":"F","size":2,"logicalType":"duration"}`,
		&data.Schema{Kind: data.Bytes, Parameters: params{datum.ParamFixed: "2", datum.ParamFixedAs: "F",
			datum.ParamLogical: "duration"}}, "ab", []byte("ab")},
	{"an enum with letters of another script", `{"type":"enum","name":"É","symbols":["ä","b"],"default":"b"}`,
		&data.Schema{Kind: data.String, Parameters: params{datum.ParamEnum: "É", datum.ParamSymbols: "ä,b"}}, "\x00", "ä"},
	{"an error", `{"type":"error","name":"E","aliases":["x.Y"],"fields":[{"name":"größe","type":"int"}]}`,
		&data.Schema{Kind: data.Struct, Name: "E",
			Fields: []data.Field{avrotest.Field("größe", avrotest.Prim(data.Int32))}},
		"\x02", map[string]any{"größe": int32(1)}},
	{"an unnamed record of Connect's", `{"type":"record","name":"ConnectDefault",` +
		`"namespace":"io.confluent.connect.avro",` +
		`"fields":[]}`, &data.Schema{Kind: data.Struct, Fields: []data.Field{}}, "", map[string]any{}},
}

// TestSchemasThatOthersWriteAreRead reads each, and writes it again: what is
// written has to read the same data.
func TestSchemasThatOthersWriteAreRead(t *testing.T) {
	for _, tt := range foreign {
		t.Run(tt.name, func(t *testing.T) {
			c, err := ParseCodec([]byte(tt.typ))
			if err != nil {
				t.Fatal(err)
			}
			if !c.Schema().Equal(tt.want) {
				t.Errorf("schema %+v, want %+v", c.Schema(), tt.want)
			}
			v, err := c.Decode([]byte(tt.raw))
			if err != nil || !avrotest.Same(v, tt.value) {
				t.Errorf("value %v, %v, want %v", v, err, tt.value)
			}
			if raw, err := c.Append(nil, v); err != nil || string(raw) != tt.raw {
				t.Errorf("Append = %q, %v, want %q", raw, err, tt.raw)
			}
			text, err := SchemaText(c.Schema())
			if err != nil {
				t.Fatal(err)
			}
			again, err := ParseCodec([]byte(text))
			if err != nil {
				t.Fatalf("%s, written again: %v", text, err)
			}
			if v, err := again.Decode([]byte(tt.raw)); err != nil || !avrotest.Same(v, tt.value) {
				t.Errorf("value by the schema written again, %s: %v, %v, want %v", text, v, err, tt.value)
			}
		})
	}
}

// TestDefaultsThatDoNotFitArePassedOver as Confluent's converter does.
func TestDefaultsThatDoNotFitArePassedOver(t *testing.T) {
	for typ, def := range map[string]string{
		`"int"`: `"x"`, `"long"`: `1.5`, `"string"`: `7`, `"boolean"`: `"true"`, `["null","int"]`: `"x"`,
		`{"type":"array","items":"int"}`: `[1,"x"]`, `{"type":"map","values":"int"}`: `[]`,
		`{"type":"record","name":"I","fields":[{"name":"a","type":"int"}]}`: `{}`, `["int","string"]`: `true`,
	} {
		s, err := ParseSchema([]byte(`{"type":"record","name":"R","fields":[{"name":"f",` +
			`"type":` + typ + `,"default":` + def + `}]}`))
		if err != nil {
			t.Errorf("%s with default %s: %v", typ, def, err)
			continue
		}
		if got := s.Fields[0].Schema.Default; got != nil {
			t.Errorf("default %s of %s is %v, want none", def, typ, got)
		}
	}
}

// TestDecimalsOfAnyScaleAreWritten: a source connector may give a scale above
// the precision that Confluent's converter would write.
func TestDecimalsOfAnyScaleAreWritten(t *testing.T) {
	for scale, want := range map[string]string{
		"70": `{"type":"bytes","logicalType":"decimal","precision":134,"scale":70}`,
		"64": `{"type":"bytes","logicalType":"decimal","precision":64,"scale":64}`,
		"-2": `{"type":"bytes","connect.name":"org.apache.kafka.connect.data.Decimal","logicalType":"decimal",` +
			`"precision":64,"scale":-2}`,
		"127": `{"type":"bytes","logicalType":"decimal","precision":191,"scale":127}`,
	} {
		if got, err := SchemaText(decimal(params{"scale": scale})); err != nil || got != want {
			t.Errorf("scale %s: %s, %v, want %s", scale, got, err, want)
		}
	}
	c, err := NewCodec(decimal(params{"scale": "127"}))
	if err != nil {
		t.Fatal(err)
	}
	large := new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(70), nil))
	for _, value := range []*big.Rat{big.NewRat(3, 2), large} {
		raw, err := c.Append(nil, value)
		if err != nil {
			t.Fatalf("Append(%v): %v: no precision was asked for", value, err)
		}
		if back, err := c.Decode(raw); err != nil || !avrotest.Same(back, value) {
			t.Errorf("%v came back as %v, %v", value, back, err)
		}
	}
	for _, scale := range []string{"", "x", "20000"} {
		got, err := SchemaText(decimal(params{"scale": scale}))
		if err == nil || !strings.Contains(err.Error(), "decimal scale") {
			t.Errorf("scale %q: %s, %v, want an error about it", scale, got, err)
		}
	}
}
