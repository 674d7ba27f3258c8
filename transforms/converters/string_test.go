package converters

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/data"
)

func stringConverter(t testing.TB, encoding string) *String {
	c, err := StringDef().Parse(map[string]string{"converter.encoding": encoding})
	if err != nil {
		t.Fatal(err)
	}
	return NewString(c)
}

func TestStringWritesWhatJavaPrints(t *testing.T) {
	s := &data.Schema{Kind: data.Struct, Fields: []data.Field{
		{Name: "a", Schema: &data.Schema{Kind: data.Int32}},
		{Name: "n", Schema: &data.Schema{Kind: data.String, Optional: true}},
		{Name: "b", Schema: &data.Schema{Kind: data.Map, Elem: &data.Schema{Kind: data.Float64}}},
	}}
	tests := []struct {
		schema *data.Schema
		value  any
		want   string
	}{
		{nil, "水路", "水路"}, {nil, "", ""}, {nil, true, "true"}, {nil, int8(-1), "-1"}, {nil, 1.0, "1.0"},
		{nil, 1e7, "1.0E7"},
		{nil, float32(0.1), "0.1"}, {nil, math.Inf(-1), "-Infinity"}, {nil, math.NaN(), "NaN"},
		{nil, json.Number("1e5"), "1e5"},
		{nil, []any{int64(1), nil, "x"}, "[1, null, x]"}, {nil, map[string]any{"b": "x", "a": int64(1)}, "{a=1, b=x}"},
		{s, map[string]any{"a": int32(1), "b": map[string]any{"k": 2.5}}, "Struct{a=1,b={k=2.5}}"},
	}
	c := stringConverter(t, "UTF-8")
	for _, tt := range tests {
		if got, err := c.FromConnect("t", tt.schema, tt.value); err != nil || string(got) != tt.want {
			t.Errorf("FromConnect(%v) = %s, %v, want %s", tt.value, got, err, tt.want)
		}
	}
	if _, err := c.FromConnect("t", nil, []byte("x")); err == nil || !strings.Contains(err.Error(),
		"use ByteArrayConverter") {
		t.Errorf("bytes: %v", err)
	}
	if raw, err := c.FromConnect("t", nil, ""); raw == nil || err != nil {
		t.Errorf("empty text = %v, %v, want text and not null", raw, err)
	}
}

func TestStringCarriesNullAndBytes(t *testing.T) {
	c := stringConverter(t, "utf8")
	if raw, err := c.FromConnect("t", nil, nil); raw != nil || err != nil {
		t.Errorf("null = %q, %v", raw, err)
	}
	s, v, err := c.ToConnect("t", nil)
	if v != nil || err != nil || s.Kind != data.String || !s.Optional {
		t.Errorf("null = %+v, %v, %v", s, v, err)
	}
	if _, v, err := c.ToConnect("t", []byte("a\xff")); v != "a\xff" || err != nil {
		t.Errorf("invalid UTF-8 = %q, %v, want it kept", v, err)
	}
	if c.Format() != connect.FormatString || stringConverter(t, "ISO-8859-1").Format() != "" {
		t.Error("only UTF-8 is connect's string format")
	}
}

func TestStringEncodings(t *testing.T) {
	latin := stringConverter(t, "iso-8859-1")
	raw, err := latin.FromConnect("t", nil, "é")
	if err != nil || !bytes.Equal(raw, []byte{0xe9}) {
		t.Fatalf("é in ISO-8859-1 = %v, %v", raw, err)
	}
	if _, v, err := latin.ToConnect("t", raw); v != "é" || err != nil {
		t.Errorf("back = %v, %v", v, err)
	}
	ascii := stringConverter(t, "US-ASCII")
	if _, err := ascii.FromConnect("t", nil, "é"); err == nil || !strings.Contains(err.Error(), "use UTF-8") {
		t.Errorf("é in US-ASCII: %v", err)
	}
	if _, _, err := ascii.ToConnect("t", []byte("a\xe9")); err == nil || !strings.Contains(err.Error(),
		"message is not US-ASCII") {
		t.Errorf("0xe9 in US-ASCII: %v", err)
	}
	for name, want := range map[string][]byte{"UTF-16": {0xfe, 0xff, 0x6c, 0x34}, "Shift_JIS": {0x90, 0x85}} {
		c := stringConverter(t, name)
		raw, err := c.FromConnect("t", nil, "水")
		if err != nil || !bytes.Equal(raw, want) {
			t.Errorf("水 in %s = %x, %v, want %x", name, raw, err, want)
		}
		if _, v, err := c.ToConnect("t", raw); v != "水" || err != nil {
			t.Errorf("back from %s = %v, %v", name, v, err)
		}
	}
	if _, err := StringDef().Parse(map[string]string{"converter.encoding": "nonsense"}); err == nil {
		t.Error("an encoding that does not exist is accepted")
	}
}

// Decoders make U+FFFD of what is damaged, and it is a character as well.
func TestStringRefusesDamageInEncodingsOfUnicode(t *testing.T) {
	const fffd = "\ufffd"
	for _, tt := range []struct{ encoding, raw, want string }{
		{"UTF-16", "\xd8\x00\x00a", ""}, {"UTF-16", "\x00a\x00", ""}, {"UTF-16BE", "\xdc\x00", ""},
		{"UTF-16LE", "a\x00\xff", ""}, {"GB18030", "\xff", ""}, {"GB18030", "\x81", ""},
		{"UTF-16", "\xff\xfd\x00a", fffd + "a"}, {"UTF-16", "\xfe\xff\xff\xfd", fffd},
		{"UTF-16", "\xff\xfe\xfd\xffa\x00", fffd + "a"}, {"UTF-16LE", "\xfd\xff", fffd},
		{"GB18030", "\x84\x31\xa4\x37a", fffd + "a"},
	} {
		_, v, err := stringConverter(t, tt.encoding).ToConnect("t", []byte(tt.raw))
		switch {
		case tt.want == "" && (err == nil || !strings.HasSuffix(err.Error(), "message is not "+tt.encoding)):
			t.Errorf("%q in %s = %q, %v, want an error", tt.raw, tt.encoding, v, err)
		case tt.want != "" && (err != nil || v != tt.want):
			t.Errorf("%q in %s = %q, %v, want %q", tt.raw, tt.encoding, v, err, tt.want)
		}
	}
}

func TestBytes(t *testing.T) {
	var c Bytes
	raw := []byte{0, 255}
	s, v, err := c.ToConnect("t", raw)
	if b, ok := v.([]byte); err != nil || !ok || &b[0] != &raw[0] || s.Kind != data.Bytes {
		t.Errorf("ToConnect = %v, %v, %v, want the same bytes", s, v, err)
	}
	if got, err := c.FromConnect("t", s, v); err != nil || !bytes.Equal(got, raw) {
		t.Errorf("FromConnect = %v, %v", got, err)
	}
	for _, tt := range []struct {
		schema *data.Schema
		value  any
	}{{nil, "x"}, {optionalString, "x"}} {
		if _, err := c.FromConnect("t", tt.schema, tt.value); err == nil || !strings.Contains(err.Error(),
			"use another converter") {
			t.Errorf("FromConnect(%v): %v", tt.value, err)
		}
	}
	if s, v, err := c.ToConnect("t", nil); s == nil || v != nil || err != nil {
		t.Errorf("null = %v, %v, %v", s, v, err)
	}
}

func ExampleString() {
	values, err := StringDef().Parse(nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	raw, err := NewString(values).FromConnect("log", nil, []any{"GET /", int64(200)})
	fmt.Println(string(raw), err)
	// Output: [GET /, 200] <nil>
}

func FuzzStringRoundTrip(f *testing.F) {
	f.Add([]byte("é\xff"), true)
	f.Fuzz(func(t *testing.T, raw []byte, latin bool) {
		c := stringConverter(t, "UTF-8")
		if latin {
			c = stringConverter(t, "ISO-8859-1")
		}
		s, v, err := c.ToConnect("t", raw)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := c.FromConnect("t", s, v); err != nil || !bytes.Equal(got, raw) {
			t.Errorf("FromConnect(ToConnect(%q)) = %q, %v", raw, got, err)
		}
	})
}
