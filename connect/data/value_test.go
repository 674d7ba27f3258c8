package data

import (
	"math"
	"testing"
	"time"
)

func TestEqualValues(t *testing.T) {
	at := time.UnixMilli(5)
	for _, tt := range []struct {
		a, b any
		want bool
	}{
		{nil, nil, true}, {nil, 0, false}, {int64(1), int64(1), true}, {int64(1), int32(1), false}, {"a", "a", true},
		{[]byte{1}, []byte{1}, true}, {[]byte{1}, "\x01", false}, {"\x01", []byte{1}, false},
		{math.NaN(), math.NaN(), true}, {0.0, math.Copysign(0, -1), false}, {float32(1), 1.0, false}, {1.5, 1.5, true},
		{rat(150, 2), rat(15, 1), true}, {at, at.In(time.FixedZone("", 60)), true}, {at, time.UnixMilli(6), false},
		{[]any{int64(1), nil}, []any{int64(1), nil}, true}, {[]any{int64(1)}, []any{}, false},
		{map[string]any{"a": []any{}}, map[string]any{"a": []any{}}, true},
		{map[string]any{"a": nil}, map[string]any{"b": nil}, false},
		{map[any]any{int64(1): "x"}, map[any]any{int64(1): "x"}, true},
		{map[any]any{"a": nil}, map[string]any{"a": nil}, false},
		{Pairs{{[]byte{1}, 1}, {[]byte{2}, 2}}, Pairs{{[]byte{2}, 2}, {[]byte{1}, 1}}, true},
		{Pairs{{1, 2}}, Pairs{{2, 2}}, false},
	} {
		if got := Equal(tt.a, tt.b); got != tt.want {
			t.Errorf("Equal(%v, %v) = %v, want %v", tt.a, tt.b, got, tt.want)
		}
	}
}

func TestEqualSchemas(t *testing.T) {
	made := func(change func(*Schema)) *Schema {
		s := &Schema{Kind: Struct, Name: "n", Version: 1, Doc: "d", Parameters: map[string]string{"p": "1"},
			Fields: []Field{
				{Name: "a", Schema: &Schema{Kind: Map, Key: &Schema{Kind: String}, Elem: &Schema{Kind: Bytes,
					Default: []byte{1}}}}}}
		change(s)
		return s
	}
	s := made(func(*Schema) {})
	if !s.Equal(made(func(*Schema) {})) || !(*Schema)(nil).Equal(nil) || s.Equal(nil) || (*Schema)(nil).Equal(s) {
		t.Error("equal schemas are not equal, or one equals none")
	}
	for name, change := range map[string]func(*Schema){
		"kind": func(s *Schema) { s.Kind = Map }, "optional": func(s *Schema) { s.Optional = true },
		"name": func(s *Schema) { s.Name = "" }, "version": func(s *Schema) { s.Version = 2 },
		"doc":        func(s *Schema) { s.Doc = "" },
		"parameters": func(s *Schema) { s.Parameters = nil }, "fields": func(s *Schema) { s.Fields = nil },
		"field":   func(s *Schema) { s.Fields[0].Name = "b" },
		"key":     func(s *Schema) { s.Fields[0].Schema.Key = nil },
		"element": func(s *Schema) { s.Fields[0].Schema.Elem = nil },
		"default": func(s *Schema) { s.Fields[0].Schema.Elem.Default = []byte{2} },
	} {
		if s.Equal(made(change)) {
			t.Errorf("a schema with another %s is equal", name)
		}
	}
}

func TestDescribeNamesNoGoType(t *testing.T) {
	for want, v := range map[string]any{"null": nil, "a list": []any{}, "a map": map[any]any{}, "an integer": int16(1),
		"a float": float32(1), "bytes": []byte{}, "a decimal": rat(1, 0),
		"a value that is not Connect's data": struct{}{}} {
		if got := Describe(v); got != want {
			t.Errorf("Describe(%v) = %s, want %s", v, got, want)
		}
	}
}

func TestEqualOfWhatIsNotConnectsData(t *testing.T) {
	for _, v := range []any{[]string{"a"}, map[int]int{}, struct{}{}, uint8(1)} {
		if Equal(v, v) || Equal(v, "a") || Equal("a", v) {
			t.Errorf("Equal(%v, …) is true, want false", v)
		}
	}
}
