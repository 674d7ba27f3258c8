package elasticsearch

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestScanObjectTellsShape(t *testing.T) {
	for _, c := range []struct {
		in        string
		want      string // the object found, "" when refused
		multiline bool
		empty     bool
	}{
		{in: `{}`, want: `{}`, empty: true},
		{in: " {\t} ", want: "{\t}", empty: true},
		{in: `{"a":1}`, want: `{"a":1}`},
		{in: "{\"a\":\n1}\n", want: "{\"a\":\n1}", multiline: true},
		{in: "{\"a\":1}\n", want: `{"a":1}`},
		{in: "{\"a\":1}\r\n", want: `{"a":1}`},
		{in: `{"a":[1,-2.5e+3,true,false,null,{"b":"\u00e9\n"}]}`,
			want: `{"a":[1,-2.5e+3,true,false,null,{"b":"\u00e9\n"}]}`},
		{in: `{"日本":"水路"}`, want: `{"日本":"水路"}`},
		{in: ``}, {in: ` `}, {in: `[1]`}, {in: `"a"`}, {in: `1`}, {in: `null`},
		{in: `{`}, {in: `{"a"`}, {in: `{"a":`}, {in: `{"a":1`},
		{in: `{"a":1,}`}, {in: `{"a":1}x`}, {in: `{"a":1}{"b":2}`},
		{in: `{"a":01}`}, {in: `{"a":1.}`}, {in: `{"a":+1}`}, {in: `{"a":1e}`}, {in: `{"a":-}`},
		{in: `{"a":NaN}`}, {in: `{"a":tru}`},
		{in: "{\"a\":\"x\ny\"}"}, {in: `{"a":"\x"}`}, {in: `{"a":"\u12g4"}`}, {in: `{a:1}`}, {in: `{'a':1}`},
		{in: "{\"a\":\"\xff\"}"}, {in: "\ufeff{}"},
	} {
		sh, err := scanObject([]byte(c.in), nil, nil)
		if c.want == "" {
			if err == nil {
				t.Errorf("scanObject(%q) = %+v, want an error", c.in, sh)
			}
			continue
		}
		if err != nil {
			t.Errorf("scanObject(%q): %v", c.in, err)
			continue
		}
		if got := c.in[sh.from:sh.to]; got != c.want || sh.multiline != c.multiline || sh.empty != c.empty {
			t.Errorf("scanObject(%q) = %q %+v, want %q multiline=%v empty=%v",
				c.in, got, sh, c.want, c.multiline, c.empty)
		}
	}
}

func TestScanObjectLimitsDepth(t *testing.T) {
	deep := func(n int) []byte {
		return []byte(`{"a":` + strings.Repeat("[", n-1) + strings.Repeat("]", n-1) + "}")
	}
	if _, err := scanObject(deep(maxDepth), nil, nil); err != nil {
		t.Errorf("depth %d: %v", maxDepth, err)
	}
	if _, err := scanObject(deep(maxDepth+1), nil, nil); err == nil {
		t.Errorf("depth %d: accepted", maxDepth+1)
	}
}

func TestScanObjectFindsTopLevelFields(t *testing.T) {
	src := []byte(`{"x":{"t":1},"t": "2026-01-01" ,"u":[3]}`)
	found := make([]span, 3)
	if _, err := scanObject(src, []string{"t", "u", "v"}, found); err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{`"2026-01-01"`, `[3]`, ``} {
		if got := string(src[found[i].from:found[i].to]); got != want {
			t.Errorf("field %d = %q, want %q", i, got, want)
		}
	}
}

func TestSyntaxErrorNamesThePlace(t *testing.T) {
	_, err := scanObject([]byte(`{"a":1,"b":x}`), nil, nil)
	if got, want := err.Error(), "value is not a JSON object: no value at byte 11"; got != want {
		t.Errorf("error = %q, want %q", got, want)
	}
}

// FuzzScanObject holds the scanner to the standard library: it accepts exactly
// the valid, UTF-8 JSON objects that do not nest too deep.
func FuzzScanObject(f *testing.F) {
	for _, s := range []string{`{}`, `{"a":[1,{"b":"c\"d\\"}]}`, "{\"a\":\n\"\\u00e9é\"}", `{"a":1e5}{`, `[`,
		"{\"\xff\":1}"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		sh, err := scanObject(src, nil, nil)
		object := bytes.HasPrefix(bytes.TrimLeft(src, " \t\r\n"), []byte("{"))
		want := json.Valid(src) && utf8.Valid(src) && object
		if got := err == nil; got != want && bytes.Count(src, []byte("{"))+bytes.Count(src, []byte("[")) < maxDepth {
			t.Fatalf("scanObject(%q) accepts = %v (%v), want %v", src, got, err, want)
		}
		if err == nil && !sh.multiline && bytes.ContainsAny(src[sh.from:sh.to], "\r\n") {
			t.Fatalf("scanObject(%q) overlooks a line break", src)
		}
	})
}

const accessDocument = `{"time":"2026-01-02T03:04:05+09:00","host":"192.0.2.17","method":"GET",` +
	`"uri":"/items/12345?ref=top","protocol":"HTTP/1.1","status":200,"size":5316,"reqtime":0.012,` +
	`"ua":"Mozilla/5.0 (X11; Linux x86_64)","cookie":{"uid":"0f3a9c","lang":"ja"},"server":"web-03"}`

func BenchmarkScanObject(b *testing.B) {
	src := []byte(accessDocument)
	b.SetBytes(int64(len(src)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := scanObject(src, nil, nil); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkJSONValid(b *testing.B) {
	src := []byte(accessDocument)
	b.SetBytes(int64(len(src)))
	for b.Loop() {
		if !json.Valid(src) {
			b.Fatal("invalid")
		}
	}
}
