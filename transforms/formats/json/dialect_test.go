package json

import (
	"strings"
	"testing"

	"github.com/suiro/suiro/connect/data"
)

func TestDialect(t *testing.T) {
	number, text := &data.Schema{Kind: data.Int32}, &data.Schema{Kind: data.String}
	nullable := &data.Schema{Kind: data.String, Optional: true}
	union := &data.Schema{Kind: data.Struct, Name: "U", Fields: []data.Field{{Name: "n", Schema: number}, {Name: "s", Schema: text}}}
	d := Dialect{Absent: true, Entries: true, IsUnion: func(s *data.Schema) bool { return s.Name == "U" },
		Branch: func(s *data.Schema, text []byte) *data.Field {
			switch text[0] {
			case '"':
				return &s.Fields[1]
			case '{':
				return nil
			}
			return &s.Fields[0]
		}}
	byNumber := &data.Schema{Kind: data.Map, Key: number, Elem: text}
	byText := &data.Schema{Kind: data.Map, Key: nullable, Elem: nullable}
	for _, tt := range []struct {
		s    *data.Schema
		text string
		want any // an error's text begins with !
	}{
		{byNumber, `[{"key":1,"value":"a"},{"value":"b","more":[],"key":2},{"key":1,"value":"c"}]`, map[any]any{int32(1): "c", int32(2): "b"}},
		{byNumber, `[]`, map[any]any{}},
		{byNumber, `[[1,"a"]]`, `!entry 0: invalid data: [1,"a"] has no key and value of a map`},
		{byNumber, `[{"key":1}]`, `!has no key and value`},
		{byNumber, `[{"key":"x","value":"a"},{"key":1,"value":"b"}]`, `!entry 0: field "key"`},
		{byNumber, `{"1":"a"}`, `!JSON object {"1":"a"} for MAP`},
		{byText, `[{"key":null,"value":null},{"key":"a","value":"b"}]`, map[any]any{nil: nil, "a": "b"}},
		{&data.Schema{Kind: data.Struct, Fields: []data.Field{{Name: "a", Schema: number}, {Name: "b", Schema: nullable}}}, `{}`,
			map[string]any{"a": nil, "b": nil}},
		{union, `1`, map[string]any{"n": int32(1), "s": nil}},
		{union, ` "x" `, map[string]any{"n": nil, "s": "x"}},
		{&data.Schema{Kind: data.Array, Elem: union}, `[1,"x"]`, []any{map[string]any{"n": int32(1), "s": nil}, map[string]any{"n": nil, "s": "x"}}},
		{union, `{"a":1}`, `!JSON object {"a":1} is of none of the types`},
		{union, `1.5`, `!does not fit INT32`},
		{union, `[`, `!unexpected end`},
	} {
		got, err := d.Decode([]byte(tt.text), tt.s)
		if want, is := tt.want.(string); is {
			if err == nil || !strings.Contains(err.Error(), want[1:]) {
				t.Errorf("%s: %v, %v, want %q", tt.text, got, err, want[1:])
			}
		} else if err != nil || !data.Equal(got, tt.want) {
			t.Errorf("%s: %v, %v, want %v", tt.text, got, err, tt.want)
		}
	}
}
