package text

import (
	"errors"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/internal/confine"
	"github.com/suiro/suiro/internal/memory"
)

// shown is a schema in short: INT8, ARRAY<STRING>, ARRAY<-> where elements differ.
func shown(s *data.Schema) string {
	if s == nil {
		return "-"
	}
	out := s.Kind.String()
	if s.Name != "" {
		out = s.Name[strings.LastIndexByte(s.Name, '.')+1:] + s.Parameters["scale"]
	}
	switch s.Kind {
	case data.Array:
		out += "<" + shown(s.Elem) + ">"
	case data.Map:
		out += "<" + shown(s.Key) + "," + shown(s.Elem) + ">"
	}
	return out
}

var (
	day     = time.Date(2026, 1, 15, 0, 0, 0, 0, time.UTC)
	instant = time.Date(2026, 1, 15, 9, 30, 12, 345e6, time.UTC)
	ofDay   = time.Date(1970, 1, 1, 9, 30, 12, 345e6, time.UTC)
)

func TestParseIsJavas(t *testing.T) {
	large, _ := new(big.Rat).SetString("9223372036854775808")
	huge, _ := new(big.Rat).SetString("1e400")
	tests := []struct {
		text, schema string
		want         any
	}{
		{"1", "INT8", int8(1)}, {"+5", "INT8", int8(5)},
		{"+-5", "STRING", "+-5"}, {"-+5", "STRING", "-+5"}, {"128", "INT16", int16(128)}, {"32768", "INT32", int32(32768)},
		{"2147483648", "INT64", int64(2147483648)}, {"9223372036854775808", "Decimal0", large},
		{"1e400", "Decimal-400", huge},
		{"1.0", "INT8", int8(1)}, {"1e2", "INT8", int8(100)}, {"5.", "INT8", int8(5)}, {"007", "INT8", int8(7)},
		{"-0.0", "INT8", int8(0)},
		{"1.5", "FLOAT32", float32(1.5)}, {"1e40", "FLOAT64", 1e40}, {"1e-5", "FLOAT32", float32(1e-5)},
		{"1e20", "FLOAT32", float32(1e20)},
		{"true", "BOOLEAN", true}, {" true ", "BOOLEAN", true}, {"True", "STRING", "True"}, {"true}", "STRING", "true}"},
		{"null", "-", nil}, {"nullx", "STRING", "nullx"}, {"", "STRING", ""}, {" ", "STRING", " "},
		{`"x"`, "STRING", `"x"`}, {"hello, world", "STRING", "hello, world"}, {".5", "STRING", ".5"},
		{"-.5", "FLOAT32", float32(-0.5)}, {"-.", "STRING", "-."}, {"-e5", "STRING", "-e5"}, {"-", "STRING", "-"},
		{"0x10", "STRING", "0x10"}, {"NaN", "STRING", "NaN"}, {"1_000", "STRING", "1_000"},
		{"2026-01-15", "Date", day}, {"09:30:12.345Z", "Time", ofDay}, {"2026-01-15T09:30:12.345Z", "Timestamp", instant},
		{"09:30:12,345Z", "STRING", "09:30:12,345Z"},
		{"2026-01-15T09:30:12,345Z", "STRING", "2026-01-15T09:30:12,345Z"},
		{`2026-01-15T09\:30\:12.345Z`, "Timestamp", instant}, {"2026-01-15T09:30:12Z", "STRING", "2026-01-15T09:30:12Z"},
		{"[]", "ARRAY<->", []any{}}, {"[1,]", "ARRAY<INT8>", []any{int8(1)}},
		{" [1, 2] ", "ARRAY<INT8>", []any{int8(1), int8(2)}},
		{"[1, 2.5]", "ARRAY<FLOAT32>", []any{float32(1), float32(2.5)}}, {"[1.5,1e40]", "ARRAY<FLOAT64>", []any{1.5, 1e40}},
		{"[1,300,70000]", "ARRAY<INT32>", []any{int32(1), int32(300), int32(70000)}},
		{`["a","2026-01-15"]`, "ARRAY<->", []any{"a", day}}, {`["a","b"]`, "ARRAY<STRING>", []any{"a", "b"}},
		{"[null]", "ARRAY<->", []any{nil}}, {"[null,1]", "STRING", "[null,1]"}, {"[1 2]", "STRING", "[1 2]"},
		{"[a]", "STRING", "[a]"},
		{"[,1]", "STRING", "[,1]"}, {"[09:30:12.345Z]", "ARRAY<Time>", []any{ofDay}},
		{"[[1],[2]]", "ARRAY<ARRAY<INT8>>", []any{[]any{int8(1)}, []any{int8(2)}}},
		{"{}", "MAP<-,->", map[string]any{}}, {`{"a":1,"b":2.5}`, "MAP<STRING,FLOAT32>",
			map[string]any{"a": float32(1), "b": float32(2.5)}},
		{`{"a":null}`, "MAP<STRING,->", map[string]any{"a": nil}},
		{"{1:2,3:4}", "MAP<INT8,INT8>", map[any]any{int8(1): int8(2), int8(3): int8(4)}},
		{`{"a":1,2:3}`, "MAP<-,->", data.Pairs{{Key: "a", Value: int8(1)}, {Key: int8(2), Value: int8(3)}}},
		{"{[1]:2,[1]:3}", "MAP<ARRAY<INT8>,INT8>", data.Pairs{{Key: []any{int8(1)}, Value: int8(3)}}},
		{`{"t":09:30:12.345Z}`, "MAP<STRING,Time>", map[string]any{"t": ofDay}}, {"{a:1}", "STRING", "{a:1}"},
		{`{"a":}`, "STRING", `{"a":}`},
		{`{null:1}`, "STRING", `{null:1}`}, {"{09:30:12.345Z:1}", "MAP<Time,INT8>", map[any]any{ofDay: int8(1)}},
		{"{1:null,true:2}", "MAP<-,->", data.Pairs{{Key: int8(1)}, {Key: true, Value: int8(2)}}},
	}
	for _, tt := range tests {
		s, got := Parse(tt.text)
		if shown(s) != tt.schema || !data.Equal(got, tt.want) {
			t.Errorf("Parse(%s) = %s %#v, want %s %#v", tt.text, shown(s), got, tt.schema, tt.want)
		}
	}
}

// What Kafka Connect reads otherwise, as the package's doc says.
func TestParseKeepsWhatJavaLoses(t *testing.T) {
	tests := []struct {
		text, schema string
		want         any
	}{
		{"1,2", "STRING", "1,2"}, {"12:30", "STRING", "12:30"}, {"[1] x", "STRING", "[1] x"}, {"1]", "STRING", "1]"},
		{"2026-02-30", "STRING", "2026-02-30"}, {"2026-01-1x", "STRING", "2026-01-1x"},
		{"3.14159265358979", "FLOAT64", 3.14159265358979},
		{`["a\"b\\c"]`, "ARRAY<STRING>", []any{`a"b\c`}},
		{strings.Repeat("[", 5000), "STRING", strings.Repeat("[", 5000)},
		{"1e999999999", "STRING", "1e999999999"},
	}
	for _, tt := range tests {
		if s, got := Parse(tt.text); shown(s) != tt.schema || !data.Equal(got, tt.want) {
			t.Errorf("Parse(%.40s) = %s %#v, want %s %#v", tt.text, shown(s), got, tt.schema, tt.want)
		}
	}
}

func TestAppendIsJavas(t *testing.T) {
	s := &data.Schema{Kind: data.Struct, Fields: []data.Field{{Name: "a", Schema: &data.Schema{Kind: data.Int8}},
		{Name: "b", Schema: &data.Schema{Kind: data.String, Optional: true, Default: "x"}}}}
	for want, v := range map[string]any{
		"null": nil, "true": true, "1.0E40": 1e40, `a"b`: `a"b`, "AQI=": []byte{1, 2}, "2026-01-15": day,
		"09:30:12.345Z":            ofDay,
		"2026-01-15T09:30:12.345Z": instant, `["a\"b\\","AQI=",null,1.5]`: []any{`a"b\`, []byte{1, 2}, nil, float32(1.5)},
		`{"a":1,"b":{2:true}}`: map[string]any{"b": map[any]any{int8(2): true}, "a": int8(1)},
		`{[1]:2}`:              data.Pairs{{Key: []any{1}, Value: 2}},
	} {
		if got, err := Append(nil, nil, v); err != nil || string(got) != want {
			t.Errorf("Append(%v) = %s, %v, want %s", v, got, err, want)
		}
	}
	if got, err := Append(nil, s, map[string]any{"a": int8(1)}); err != nil || string(got) != `{"a":1,"b":"x"}` {
		t.Errorf("Append of a struct = %s, %v", got, err)
	}
	if got, err := Append(nil, timestampSchema, day); err != nil || string(got) != "2026-01-15T00:00:00.000Z" {
		t.Errorf("Append of a timestamp at midnight = %s, %v", got, err)
	}
	if got, err := Append(nil, nil, []any{struct{}{}}); !errors.Is(err, data.ErrInvalid) {
		t.Errorf("Append of what is not Connect's data = %s, %v", got, err)
	}
}

// FuzzWrittenTextReadsBack: what was written reads as what is written alike. The
// first text may have more digits than its number.
func FuzzWrittenTextReadsBack(f *testing.F) {
	for _, s := range []string{`[1,"a\"\\",null]`, `{"a":[1.5,1e40],"b":{2026-01-15:true}}`, "2026-01-15T09:30:12.345Z",
		"-1e-3", "9999999999999999999", "1127000000000000.1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if strings.Contains(strings.ToUpper(text), "E") && len(text) > 6 {
			return // perhaps a number near the largest exponent
		}
		var written [3]string
		for i := range written {
			s, v := Parse(text)
			if s == nil || s.Kind == data.String {
				return
			}
			out, err := Append(nil, s, v)
			if err != nil {
				t.Fatalf("Append(Parse(%q)): %v", text, err)
			}
			text = string(out)
			written[i] = text
		}
		if written[1] != written[2] {
			t.Errorf("%q reads back as %q", written[1], written[2])
		}
	})
}

// A header of 700 KB would be 400 MB of digits.
func TestListsOfNumbersWithExponentsAreBounded(t *testing.T) {
	if !confine.Test(t, 512<<20) {
		return
	}
	memory.Limit(0).LimitRuntime() // as the commands do
	for _, text := range []string{
		"[" + strings.Repeat("1e9999,", 100_000) + "1]", "[" + strings.Repeat("1e-9999,", 100_000) + "1]",
		"{" + strings.Repeat("1:1e9999,", 80_000) + "1:1}",
	} {
		if s, v := Parse(text); s.Kind != data.String || v != text {
			t.Errorf("%.20s… is read as %v, want the string itself", text, s.Kind)
		}
	}
	if s, v := Parse("[1e400,2e400,-3.5e-400]"); s.Kind != data.Array || len(v.([]any)) != 3 {
		t.Errorf("a list of three large numbers is read as %v, %v", s.Kind, v)
	}
}
