// Package avrotest is shared by the tests of the Avro packages: schemas, values,
// and goavro to compare with.
package avrotest

import (
	"encoding/json"
	"math/big"
	"reflect"
	"testing"
	"time"

	"github.com/linkedin/goavro/v2"

	"github.com/suiro/suiro/connect/data"
)

// Field returns a field.
func Field(name string, s *data.Schema) data.Field { return data.Field{Name: name, Schema: s} }

// Prim returns a schema of a kind.
func Prim(k data.Kind) *data.Schema { return &data.Schema{Kind: k} }

// Optional returns an optional schema of a kind.
func Optional(k data.Kind) *data.Schema { return &data.Schema{Kind: k, Optional: true} }

// Everything returns a schema with every kind of field, and a value of it.
func Everything() (*data.Schema, map[string]any) {
	at := time.Date(2026, 1, 15, 9, 30, 12, 345e6, time.UTC)
	inner := &data.Schema{Kind: data.Struct, Name: "n.Inner", Fields: []data.Field{Field("a-b", Prim(data.Int32))}}
	s := &data.Schema{Kind: data.Struct, Name: "n.All", Fields: []data.Field{
		Field("i8", Prim(data.Int8)), Field("i16", Prim(data.Int16)), Field("i32", Prim(data.Int32)),
		Field("i64", Prim(data.Int64)), Field("f32", Prim(data.Float32)), Field("f64", Prim(data.Float64)),
		Field("b", Prim(data.Boolean)), Field("s", Prim(data.String)), Field("y", Prim(data.Bytes)),
		Field("os", Optional(data.String)), Field("on", Optional(data.Int64)),
		Field("list", &data.Schema{Kind: data.Array, Elem: Optional(data.String)}),
		Field("map", &data.Schema{Kind: data.Map, Key: Prim(data.String), Elem: Prim(data.Int64)}),
		Field("in", inner),
		Field("oin", &data.Schema{Kind: data.Struct, Name: "n.Inner", Fields: inner.Fields, Optional: true}),
		Field("date", &data.Schema{Kind: data.Int32, Name: data.DateName}),
		Field("time", &data.Schema{Kind: data.Int32, Name: data.TimeName}),
		Field("ts", &data.Schema{Kind: data.Int64, Name: data.TimestampName, Optional: true}),
		Field("dec", &data.Schema{Kind: data.Bytes, Name: data.DecimalName, Parameters: map[string]string{"scale": "2"}}),
	}}
	return s, map[string]any{
		"i8": int8(-8), "i16": int16(300), "i32": int32(-70000), "i64": int64(1) << 60, "f32": float32(1.5), "f64": -2.25,
		"b": true, "s": "水路", "y": []byte{0, 255}, "os": "x", "on": nil,
		"list": []any{"a", nil}, "map": map[string]any{"k": int64(9007199254740993)},
		"in": map[string]any{"a-b": int32(1)}, "oin": map[string]any{"a-b": int32(2)},
		"date": time.Date(1969, 12, 31, 0, 0, 0, 0, time.UTC), "time": time.UnixMilli(3_600_001).UTC(), "ts": at,
		"dec": big.NewRat(-12345, 100),
	}
}

// Same reports whether two values are equal; decimals by their value.
func Same(a, b any) bool {
	if x, ok := a.(*big.Rat); ok {
		y, ok := b.(*big.Rat)
		return ok && x.Cmp(y) == 0
	}
	x, okA := a.(map[string]any)
	y, okB := b.(map[string]any)
	if !okA || !okB {
		return reflect.DeepEqual(a, b)
	}
	for k := range x {
		if !Same(x[k], y[k]) {
			return false
		}
	}
	return len(x) == len(y)
}

// Goavro returns goavro's codec of a schema without its logical types.
func Goavro(t testing.TB, schema string) *goavro.Codec {
	var raw any
	if err := json.Unmarshal([]byte(schema), &raw); err != nil {
		t.Fatal(err)
	}
	strip(raw)
	text, err := json.Marshal(raw)
	if err != nil {
		t.Fatal(err)
	}
	avro, err := goavro.NewCodec(string(text))
	if err != nil {
		t.Fatalf("goavro refuses %s: %v", text, err)
	}
	return avro
}

func strip(raw any) {
	switch raw := raw.(type) {
	case []any:
		for _, v := range raw {
			strip(v)
		}
	case map[string]any:
		delete(raw, "logicalType")
		for _, v := range raw {
			strip(v)
		}
	}
}
