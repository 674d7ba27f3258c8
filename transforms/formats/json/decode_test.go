package json

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/suiro/suiro/connect/data"
)

func TestDecodeByLooks(t *testing.T) {
	deep := any([]any{})
	for range maxDepth - 1 {
		deep = []any{deep}
	}
	for text, want := range map[string]any{
		`null`: nil, ` true `: true, "\t[]\r\n": []any{}, `{}`: map[string]any{},
		`"水\n\u6c34\/\ud83d\ude00"`:    "水\n水/😀",
		`"\ud800"`:                     "\ufffd",
		`"a\udc00\ud800\ud83d\ude00x"`: "a\ufffd\ufffd😀x",
		`"\\ud800"`:                    `\ud800`,
		`9007199254740993`:             int64(9007199254740993),
		`-0`:                           int64(0),
		`9223372036854775808`:          json.Number("9223372036854775808"),
		`1e2`:                          100.0,
		`1e999`:                        json.Number("1e999"),
		`{"a":1,"b":null,"a":[{}]}`:    map[string]any{"a": []any{map[string]any{}}, "b": nil},
		strings.Repeat("[", maxDepth) + strings.Repeat("]", maxDepth): deep,
	} {
		if got, err := Decode([]byte(text), nil, false); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("Decode(%.60s) = %#v, %v, want %#v", text, got, err, want)
		}
	}
}

func TestDecodeRefusesWhatIsNotJSON(t *testing.T) {
	for text, want := range map[string]string{
		``: "byte 0: unexpected end of JSON", `[1`: "byte 2", `[1,]`: "byte 3: unexpected ']', want a value",
		`{"a" 1}`: "want a colon",
		`{a:1}`:   "want a name in quotes", `"a`: "closing quote", "\"a\tb\"": "control character",
		`"\x"`: "want one of", `"\u00g0"`: "four hex",
		`007`: "is not a JSON number", `1.`: "is not a JSON number", `tru`: "want true",
		`nulll`:   "unexpected 'l', want the end",
		"\ufeff1": `unexpected '\ufeff'`, "\"\xff\"": "not UTF-8", `1 2`: "want the end",
		strings.Repeat("[", maxDepth+1): "nested deeper than 1000",
	} {
		if got, err := Decode([]byte(text), nil, false); !errors.Is(err,
			data.ErrInvalid) || !strings.Contains(err.Error(), want) {
			t.Errorf("Decode(%.60q) = %v, %v, want an ErrInvalid with %q", text, got, err, want)
		}
	}
}

func TestDecodeBySchema(t *testing.T) {
	one := &data.Schema{Kind: data.Struct, Fields: []data.Field{
		{Name: "a", Schema: &data.Schema{Kind: data.Int8}},
		{Name: "b", Schema: &data.Schema{Kind: data.String, Optional: true}},
	}}
	keyed := func(key *data.Schema) *data.Schema {
		return &data.Schema{Kind: data.Map, Key: key, Elem: &data.Schema{Kind: data.Int8}}
	}
	for _, tt := range []struct {
		schema *data.Schema
		text   string
		want   any
	}{
		{one, `{"a":1.0,"more":[{}]}`, map[string]any{"a": int8(1), "b": nil}},
		{one, `{"a":"x","b":"y","a":[1e999],"a":7}`, map[string]any{"a": int8(7), "b": "y"}},
		{&data.Schema{Kind: data.Int64}, `9.007199254740993e15`, int64(9007199254740993)},
		{keyed(&data.Schema{Kind: data.String, Optional: true}), `{"null":1,"x":2}`, map[string]any{"null": int8(1),
			"x": int8(2)}},
		{keyed(&data.Schema{Kind: data.Int8}), `[[1,1],[2,2],[1,3]]`, map[any]any{int8(1): int8(3), int8(2): int8(2)}},
		{keyed(&data.Schema{Kind: data.Bytes}), `[["AQ==",1],["AQ==",2]]`, data.Pairs{{Key: []byte{1}, Value: int8(2)}}},
		{keyed(one), `[[{"a":1},1]]`, data.Pairs{{Key: map[string]any{"a": int8(1), "b": nil}, Value: int8(1)}}},
		{keyed(&data.Schema{Kind: data.Array, Elem: one}), `[[[],1]]`, data.Pairs{{Key: []any{}, Value: int8(1)}}},
	} {
		if got, err := Decode([]byte(tt.text), tt.schema, false); err != nil || !reflect.DeepEqual(got, tt.want) {
			t.Errorf("Decode(%s) = %#v, %v, want %#v", tt.text, got, err, tt.want)
		}
	}
	for text, want := range map[string]string{
		`{"a":1.5}`: `field "a": invalid data: 1.5 does not fit INT8`, `{"a":1e2}x`: "want the end",
		`{}`:         `field "a": invalid data: null`,
		`{"a":null}`: `field "a": invalid data: null`, `{"a":1,"a":true}`: `field "a": invalid data: JSON true`,
		`{"a":true,"b":`: "byte 14",
	} {
		if got, err := Decode([]byte(text), one, false); !errors.Is(err,
			data.ErrInvalid) || !strings.Contains(err.Error(), want) {
			t.Errorf("Decode(%s) = %v, %v, want an ErrInvalid with %q", text, got, err, want)
		}
	}
}

func TestDecodeRequiredNullWithDefault(t *testing.T) {
	s := &data.Schema{Kind: data.Int8, Default: int8(7)}
	if got, err := Decode([]byte(`null`), s, false); got != int8(7) || err != nil {
		t.Errorf("null = %v, %v, want the default", got, err)
	}
	if got, err := Decode([]byte(`null`), s, true); err == nil {
		t.Errorf("null that is kept, for a required value = %v, want an error", got)
	}
}

func TestReadSchemaRefusesWhatJavaRefuses(t *testing.T) {
	for text, want := range map[string]string{
		`7`: "want an object with a type", `{"type":"int"}`: `type "int": want a type`,
		`{"type":"struct"}`:                            "no list of fields",
		`{"type":"struct","fields":[{"type":"int8"}]}`: "field 0 of a struct has no name",
		`{"type":"struct","fields":[{"type":"int8","field":"a"},{"type":"int8","field":"a"}]}`: `"a" occurs twice`,
		`{"type":"int8","parameters":{"a":1}}`:                                                 `parameter "a" is not a string`,
		`{"type":"int8","default":null}`:                                                       "default: invalid data: null for INT8",
		`{"type":"array"}`:                                                                     "items: ",
		`{"type":"map","keys":{"type":"int8"}}`:                                                "values: ",
		`{"type":"bytes","name":"org.apache.kafka.connect.data.Decimal",` +
			`"parameters":{"scale":"1"},"default":""}`: "a decimal of no bytes",
	} {
		if got, err := ReadSchema([]byte(text), false); !errors.Is(err,
			data.ErrInvalid) || !strings.Contains(err.Error(), want) {
			t.Errorf("ReadSchema(%s) = %v, %v, want an ErrInvalid with %q", text, got, err, want)
		}
	}
}

func FuzzDecodeAgreesWithEncodingJSON(f *testing.F) {
	f.Add([]byte(`{"a":[1,2.5,"x\u0000",null,true],"b":{"a":1,"a":2}}`))
	f.Add([]byte(`"\ud83d\ude00 \ud83d \q"`))
	f.Add([]byte(`[1e999,{"":-0.0}]`))
	f.Fuzz(func(t *testing.T, text []byte) {
		got, err := Decode(text, nil, false)
		d := json.NewDecoder(strings.NewReader(string(text)))
		d.UseNumber()
		var want any
		if json.Valid(text) && utf8.Valid(text) && d.Decode(&want) == nil && !tooDeep(err) {
			if err != nil || !sameShape(got, want) {
				t.Errorf("Decode(%q) = %#v, %v, want %#v", text, got, err, want)
			}
			return
		}
		if err == nil {
			t.Errorf("Decode(%q) = %#v, encoding/json refuses it", text, got)
		}
	})
}

func tooDeep(err error) bool { return err != nil && strings.Contains(err.Error(), "nested deeper") }

// sameShape reports whether two values are equal but for the types of numbers.
func sameShape(got, want any) bool {
	switch want := want.(type) {
	case json.Number:
		f, ok := data.AsFloat(got)
		w, err := want.Float64()
		return ok == (err == nil) && f == w
	case []any:
		list, ok := got.([]any)
		if !ok || len(list) != len(want) {
			return false
		}
		for i := range want {
			if !sameShape(list[i], want[i]) {
				return false
			}
		}
		return true
	case map[string]any:
		m, ok := got.(map[string]any)
		if !ok || len(m) != len(want) {
			return false
		}
		for k := range want {
			if !sameShape(m[k], want[k]) {
				return false
			}
		}
		return true
	}
	return reflect.DeepEqual(got, want)
}
