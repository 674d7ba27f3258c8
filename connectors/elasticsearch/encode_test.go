package elasticsearch

import (
	"encoding/json"
	"math"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/suiro/suiro/connect/data"
)

var accessSchema = &data.Schema{Kind: data.Struct, Fields: []data.Field{
	{Name: "host", Schema: &data.Schema{Kind: data.String}},
	{Name: "status", Schema: &data.Schema{Kind: data.Int32}},
}}

func TestEncode(t *testing.T) {
	kind := func(k data.Kind) *data.Schema { return &data.Schema{Kind: k, Optional: true} }
	logical := func(k data.Kind, name string) *data.Schema { return &data.Schema{Kind: k, Name: name} }
	at := time.Date(2026, 1, 2, 3, 4, 5, 6e6, time.FixedZone("JST", 9*3600))
	decimal := logical(data.Bytes, data.DecimalName)
	decimal.Parameters = map[string]string{"scale": "3"}
	textMap := &data.Schema{Kind: data.Map, Key: kind(data.String), Elem: kind(data.Int32)}
	for _, c := range []struct {
		schema *data.Schema
		value  any
		want   string
	}{
		{kind(data.Int8), int8(-5), `-5`},
		{kind(data.Int64), int64(math.MaxInt64), `9223372036854775807`},
		{kind(data.Float32), float32(0.1), `0.1`},
		{kind(data.Float64), 1e300, `1e+300`},
		{kind(data.Boolean), true, `true`},
		{kind(data.String), "a\"b\\c\n\t\x01é\xff", `"a\"b\\c\n\t\u0001é\ufffd"`},
		{kind(data.Bytes), []byte{0, 255}, `"AP8="`},
		{kind(data.String), nil, `null`},
		{&data.Schema{Kind: data.Int32, Default: int32(7)}, nil, `7`},
		{&data.Schema{Kind: data.Array, Elem: kind(data.Int32)}, []any{int32(1), nil}, `[1,null]`},
		{textMap, map[string]any{"b": int32(2), "a": int32(1)}, `{"a":1,"b":2}`},
		{&data.Schema{Kind: data.Map, Key: kind(data.Int32), Elem: kind(data.String)}, map[any]any{int32(2): "x"},
			`[{"key":2,"value":"x"}]`},
		{accessSchema, map[string]any{"status": int32(200), "host": "h"}, `{"host":"h","status":200}`},
		{logical(data.Int64, data.TimestampName), at, `1767290645006`},
		{logical(data.Int32, data.DateName), at, `"2026-01-01"`},
		{logical(data.Int32, data.TimeName), at, `65045006`},
		{decimal, big.NewRat(-12345, 100), `-123.450`},
		{nil, map[string]any{"n": json.Number("1.50"), "l": []any{nil, false, "x"}}, `{"l":[null,false,"x"],"n":1.50}`},
	} {
		got, err := encoder{compactMaps: true}.append(nil, c.schema, c.value)
		if err != nil || string(got) != c.want {
			t.Errorf("append(%v) = %s, %v, want %s", c.value, got, err, c.want)
		}
		if !json.Valid(got) {
			t.Errorf("append(%v) = %s, which is no JSON", c.value, got)
		}
	}
	got, err := encoder{}.append(nil, textMap, map[string]any{"a": int32(1)})
	if want := `[{"key":"a","value":1}]`; err != nil || string(got) != want {
		t.Errorf("map that is not compact = %s, %v, want %s", got, err, want)
	}
}

func TestEncodeNamesWhatHasNoJSON(t *testing.T) {
	for _, c := range []struct {
		schema *data.Schema
		value  any
		want   string
	}{
		{nil, map[string]any{"a": math.NaN()}, "field a: NaN has no JSON form"},
		{accessSchema, map[string]any{"host": "h"}, "field status: null for a required INT32"},
		{accessSchema, "text", "string where a STRUCT belongs"},
		{&data.Schema{Kind: data.Array}, 1, "int where an ARRAY belongs"},
		{&data.Schema{Kind: data.Int64, Name: data.TimestampName}, int64(1), "int64 where a INT64 belongs"},
		{nil, json.Number("1x"), `"1x" is no JSON number`},
		{nil, struct{}{}, "struct {} has no JSON form"},
	} {
		if _, err := (encoder{}).append(nil, c.schema, c.value); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("append(%v) = %v, want %q", c.value, err, c.want)
		}
	}
}

// FuzzAppendString checks that any string becomes JSON that means it.
func FuzzAppendString(f *testing.F) {
	for _, s := range []string{"", "plain", "\x00\"\\\n", "é水\xff\xc3", "\u2028"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		b := appendString(nil, s)
		var got string
		if err := json.Unmarshal(b, &got); err != nil {
			t.Fatalf("appendString(%q) = %s: %v", s, b, err)
		}
		if want := string([]rune(s)); got != want {
			t.Fatalf("appendString(%q) means %q, want %q", s, got, want)
		}
		if c := appendString(nil, []byte(s)); string(c) != string(b) {
			t.Fatalf("appendString of bytes = %s, of a string %s", c, b)
		}
	})
}

func TestMappingOf(t *testing.T) {
	for _, c := range []struct {
		schema *data.Schema
		want   string
	}{
		{&data.Schema{Kind: data.Bytes, Name: data.DecimalName}, `{"type":"double"}`},
		{&data.Schema{Kind: data.Array, Elem: &data.Schema{Kind: data.Boolean}}, `{"type":"boolean"}`},
		{&data.Schema{Kind: data.Map, Key: &data.Schema{Kind: data.String}, Elem: &data.Schema{Kind: data.Int8}},
			`{"type":"object"}`},
		{&data.Schema{Kind: data.Map, Key: &data.Schema{Kind: data.Int16}, Elem: &data.Schema{Kind: data.Float32}},
			`{"properties":{"key":{"type":"short"},"value":{"type":"float"}}}`},
		{&data.Schema{Kind: data.Bytes}, `{"type":"binary"}`},
	} {
		if got, err := json.Marshal(mappingOf(c.schema, true)); err != nil || string(got) != c.want {
			t.Errorf("mappingOf(%+v) = %s, %v, want %s", c.schema, got, err, c.want)
		}
	}
}
