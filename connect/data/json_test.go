package data

import (
	"encoding/json"
	"errors"
	"math"
	"math/big"
	"strings"
	"testing"
	"time"
)

func TestAppendJSONIsJavasConverter(t *testing.T) {
	at := time.Date(2026, 1, 15, 9, 30, 12, 345e6, time.UTC)
	noon := time.Date(1970, 1, 1, 12, 0, 0, 0, time.UTC)
	day := time.Date(2026, 1, 15, 0, 0, 0, 0, time.UTC)
	int32s := &Schema{Kind: Int32}
	text := &Schema{Kind: String, Optional: true}
	withDefault := &Schema{Kind: Struct, Fields: []Field{
		{Name: "a", Schema: &Schema{Kind: Int32, Optional: true, Default: int32(7)}}}}
	tests := []struct {
		name    string
		schema  *Schema
		value   any
		options JSONOptions
		want    string
	}{
		{"large double", &Schema{Kind: Float64}, 1e7, JSONOptions{}, "1.0E7"},
		{"float", &Schema{Kind: Float32}, float32(0.1), JSONOptions{}, "0.1"},
		{"no number", &Schema{Kind: Float64}, math.NaN(), JSONOptions{}, `"NaN"`},
		{"no float", &Schema{Kind: Float32}, float32(math.Inf(-1)), JSONOptions{}, `"-Infinity"`},
		{"integer of another size", &Schema{Kind: Int8}, int64(-128), JSONOptions{}, "-128"},
		{"bytes", &Schema{Kind: Bytes}, []byte("test-string"), JSONOptions{}, `"dGVzdC1zdHJpbmc="`},
		{"decimal", decimalSchema("2"), rat(156, 2), JSONOptions{}, `"AJw="`},
		{"numeric decimal", decimalSchema("2"), rat(-150, 2), JSONOptions{NumericDecimals: true}, "-1.50"},
		{"numeric decimal of hundreds", decimalSchema("-2"), rat(3, -2), JSONOptions{NumericDecimals: true}, "300"},
		{"date", &Schema{Kind: Int32, Name: DateName}, day, JSONOptions{}, "20468"},
		{"time", &Schema{Kind: Int32, Name: TimeName}, noon, JSONOptions{}, "43200000"},
		{"timestamp", &Schema{Kind: Int64, Name: TimestampName}, at, JSONOptions{}, "1768469412345"},
		{"null with default", withDefault, map[string]any{}, JSONOptions{}, `{"a":7}`},
		{"null kept", withDefault, map[string]any{"a": nil}, JSONOptions{KeepNulls: true}, `{"a":null}`},
		{"map", &Schema{Kind: Map, Key: text, Elem: int32s}, map[string]any{"b": int32(2), "a": int32(1)},
			JSONOptions{}, `{"a":1,"b":2}`},
		{"map of optional keys", &Schema{Kind: Map, Key: text, Elem: int32s}, map[any]any{nil: int32(2),
			"a": int32(1)}, JSONOptions{},
			`{"a":1,"null":2}`},
		{"map of numbers", &Schema{Kind: Map, Key: int32s, Elem: text}, map[any]any{int32(2): nil, int32(1): "x"},
			JSONOptions{},
			`[[1,"x"],[2,null]]`},
		{"map of bytes", &Schema{Kind: Map, Key: &Schema{Kind: Bytes}, Elem: text}, Pairs{{[]byte{1}, "x"}},
			JSONOptions{}, `[["AQ==","x"]]`},
		{"map without keys", &Schema{Kind: Map}, map[string]any{}, JSONOptions{}, "{}"},
		{"map of mixed keys", &Schema{Kind: Map, Elem: &Schema{Kind: Int32, Name: DateName}},
			Pairs{{"a", day}, {int8(2), day}}, JSONOptions{}, `[["a",20468],[2,20468]]`},
		{"map of mixed keys that Go can compare", &Schema{Kind: Map}, map[any]any{"a": int8(1), int8(2): "x"},
			JSONOptions{}, `[["a",1],[2,"x"]]`},
		{"list of mixed elements", &Schema{Kind: Array}, []any{"a", int8(1)}, JSONOptions{}, `["a",1]`},
		{"list", &Schema{Kind: Array, Elem: text}, []any{"a", nil}, JSONOptions{}, `["a",null]`},
		{"no schema", nil, map[string]any{"t": at, "b": []byte{1}, "n": json.Number("1e5"), "i": int16(3),
			"f": float32(0.1),
			"m": map[any]any{int64(1): "x", "y": true}, "s": map[any]any{"k": nil}, "d": rat(156, 2), "l": []any{}},
			JSONOptions{},
			`{"b":"AQ==","d":1.56,"f":0.1,"i":3,"l":[],"m":[["y",true],[1,"x"]],"n":1e5,"s":{"k":null},"t":1768469412345}`},
	}
	for _, tt := range tests {
		if got, err := AppendJSON([]byte(" "), tt.schema, tt.value, tt.options); err != nil || string(got) != " "+tt.want {
			t.Errorf("%s: AppendJSON = %s, %v, want %s", tt.name, got, err, tt.want)
		}
	}
}

func TestAppendJSONSaysWhatDoesNotFit(t *testing.T) {
	s := &Schema{Kind: Struct, Fields: []Field{{Name: "a", Schema: &Schema{Kind: Int16}}}}
	named := &Schema{Kind: Map, Key: &Schema{Kind: String}, Elem: s}
	tests := []struct {
		schema *Schema
		value  any
		want   string
	}{
		{s, nil, "invalid data: null for STRUCT, which is not optional"},
		{s, map[string]any{}, `field "a": invalid data: null for INT16`},
		{s, map[string]any{"a": "x"}, `field "a": invalid data: a string for INT16`},
		{s, map[string]any{"a": 1 << 15}, `field "a": invalid data: an integer for INT16`},
		{s, map[string]any{"a": int16(1), "b": 1}, `field "b" is not in the schema`},
		{s, "x", "a string for STRUCT"},
		{named, map[any]any{int64(1): nil}, "key: invalid data: an integer for STRING"},
		{named, Pairs{}, "a map for MAP"},
		{&Schema{Kind: Map, Key: &Schema{Kind: Int8}, Elem: s}, map[string]any{}, "a map for MAP"},
		{&Schema{Kind: Array, Elem: s}, map[string]any{}, "a map for ARRAY"},
		{&Schema{Kind: Boolean}, "x", "a string for BOOLEAN"},
		{&Schema{Kind: String}, true, "a boolean for STRING"},
		{&Schema{Kind: String}, []byte{}, "bytes for STRING"},
		{&Schema{Kind: Float64}, []any{}, "a list for FLOAT64"},
		{&Schema{Kind: Float32}, math.MaxFloat64, "a float for FLOAT32"},
		{&Schema{Kind: String}, rat(1, 0), "a decimal for STRING"},
		{decimalSchema("2"), big.NewRat(1, 3), "1/3 has more than 2 decimals"},
		{decimalSchema(""), rat(1, 0), `decimal with scale ""`},
		{&Schema{Kind: Int32}, time.Now(), "not a Date, Time or Timestamp"},
		{nil, json.Number("x"), `"x" is not a number`},
		{nil, big.NewRat(1, 3), "1/3 is not a decimal"},
		{nil, []any{struct{}{}}, `field "0": invalid data: Go type struct {}`},
	}
	for _, tt := range tests {
		if got, err := AppendJSON(nil, tt.schema, tt.value, JSONOptions{}); !errors.Is(err,
			ErrInvalid) || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("AppendJSON(%v) = %s, %v, want an ErrInvalid with %q", tt.value, got, err, tt.want)
		}
	}
}

func FuzzAppendJSONIsJSON(f *testing.F) {
	f.Add("a", []byte("\xff"), 1.5, int64(7))
	f.Fuzz(func(t *testing.T, s string, b []byte, x float64, n int64) {
		v := map[string]any{s: []any{s, b, x, float32(x), n, time.UnixMilli(n), map[any]any{n: x, x: s}, Pairs{{b, s}}}}
		got, err := AppendJSON(nil, nil, v, JSONOptions{})
		if err != nil || !json.Valid(got) {
			t.Errorf("AppendJSON(%v) = %s, %v", v, got, err)
		}
	})
}

func BenchmarkAppendJSON(b *testing.B) {
	v := map[string]any{"host": "web-17.example.com", "status": int64(200), "size": int64(20480), "reqtime": 0.042}
	var dst []byte
	b.ReportAllocs()
	for b.Loop() {
		var err error
		if dst, err = AppendJSON(dst[:0], nil, v, JSONOptions{}); err != nil {
			b.Fatal(err)
		}
	}
}
