package document

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
		{kind(data.Float64), 1e300, `1.0E300`},
		{kind(data.Boolean), true, `true`},
		{kind(data.String), "a\"b\\c\n\t\x01é\xff", `"a\"b\\c\n\t\u0001é` + "\ufffd" + `"`},
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
		{logical(data.Int32, data.TimeName), time.UnixMilli(65045006), `65045006`},
		{decimal, big.NewRat(-12345, 100), `-123.450`},
		{kind(data.Float64), math.Inf(1), `"Infinity"`},
		{&data.Schema{Kind: data.Int32, Name: data.DateName, Default: at}, nil, `"2026-01-01"`},
		{&data.Schema{Kind: data.Array, Elem: logical(data.Int32, data.DateName)}, []any{at}, `["2026-01-01"]`},
		{&data.Schema{Kind: data.Map, Key: kind(data.Bytes), Elem: kind(data.String)},
			data.Pairs{{Key: []byte{1}, Value: "x"}}, `[{"key":"AQ==","value":"x"}]`},
		{nil, map[string]any{"n": json.Number("1.50"), "l": []any{nil, false, "x"}}, `{"l":[null,false,"x"],"n":1.50}`},
	} {
		got, err := NewEncoder(true).Append(nil, object(c.schema), map[string]any{"v": c.value})
		if c.want = `{"v":` + c.want + "}"; err != nil || string(got) != c.want {
			t.Errorf("Append(%v) = %s, %v, want %s", c.value, got, err, c.want)
		}
		if !json.Valid(got) {
			t.Errorf("Append(%v) = %s, which is not JSON", c.value, got)
		}
	}
	got, err := NewEncoder(false).Append(nil, object(textMap), map[string]any{"v": map[string]any{"a": int32(1)}})
	if want := `{"v":[{"key":"a","value":1}]}`; err != nil || string(got) != want {
		t.Errorf("map that is not compact = %s, %v, want %s", got, err, want)
	}
}

// object is the schema of a document whose only field v is of schema s.
func object(s *data.Schema) *data.Schema {
	if s == nil {
		return nil
	}
	return &data.Schema{Kind: data.Struct, Fields: []data.Field{{Name: "v", Schema: s}}}
}

func TestMapsAtTheTopAreObjects(t *testing.T) {
	date := &data.Schema{Kind: data.Int32, Name: data.DateName}
	s := &data.Schema{Kind: data.Map, Key: &data.Schema{Kind: data.String}, Elem: date}
	v := map[string]any{"a": time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)}
	for _, compact := range []bool{true, false} {
		got, err := NewEncoder(compact).Append(nil, s, v)
		if want := `{"a":"2026-01-02"}`; err != nil || string(got) != want {
			t.Errorf("compact %v: Append = %s, %v, want %s", compact, got, err, want)
		}
	}
}

func TestSchemasThatAreMadeForEveryRecordAreNotKept(t *testing.T) {
	e := NewEncoder(true)
	for range 10 * maxShapes {
		s := *accessSchema
		if _, err := e.Append(nil, &s, map[string]any{"host": "h", "status": int32(1)}); err != nil {
			t.Fatal(err)
		}
	}
	if got := len(e.shapes); got > maxShapes {
		t.Errorf("%d schemas are kept, want at most %d", got, maxShapes)
	}
}

func TestEncodeNamesWhatDoesNotFit(t *testing.T) {
	for _, c := range []struct {
		schema *data.Schema
		value  any
		want   string
	}{
		{accessSchema, map[string]any{"host": "h"}, `field "status": invalid data: null for INT32`},
		{accessSchema, map[string]any{"host": "h", "status": int32(1), "x": 1}, `field "x" is not in the schema`},
		{accessSchema, "text", "value is a string; a document is a struct"},
		{nil, []any{}, "value is a list; a document is a struct"},
		{nil, map[string]any{"a": json.Number("1x")}, `"1x" is not a number`},
	} {
		got, err := NewEncoder(true).Append([]byte("before"), c.schema, c.value)
		if err == nil || !strings.Contains(err.Error(), c.want) || string(got) != "before" {
			t.Errorf("Append(%v) = %s, %v, want %q and nothing added", c.value, got, err, c.want)
		}
	}
}
