package document

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestScanTellsShape(t *testing.T) {
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
		sh, err := NewScanner().Scan([]byte(c.in))
		if c.want == "" {
			if err == nil {
				t.Errorf("Scan(%q) = %+v, want an error", c.in, sh)
			}
			continue
		}
		if err != nil {
			t.Errorf("Scan(%q): %v", c.in, err)
			continue
		}
		if got := c.in[sh.Object.From:sh.Object.To]; got != c.want || sh.Multiline != c.multiline || sh.Empty != c.empty {
			t.Errorf("Scan(%q) = %q %+v, want %q multiline=%v empty=%v",
				c.in, got, sh, c.want, c.multiline, c.empty)
		}
	}
}

func TestScanLimitsDepth(t *testing.T) {
	deep := func(n int) []byte {
		return []byte(`{"a":` + strings.Repeat("[", n-1) + strings.Repeat("]", n-1) + "}")
	}
	if _, err := NewScanner().Scan(deep(maxDepth)); err != nil {
		t.Errorf("depth %d: %v", maxDepth, err)
	}
	if _, err := NewScanner().Scan(deep(maxDepth + 1)); err == nil {
		t.Errorf("depth %d: accepted", maxDepth+1)
	}
}

func TestScanFindsTopLevelFields(t *testing.T) {
	src := []byte(`{"x":{"t":1},"t": "2026-01-01" ,"u":[3]}`)
	s := NewScanner("t", "u", "v")
	if _, err := s.Scan(src); err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{`"2026-01-01"`, `[3]`, ``} {
		if got := string(src[s.Field(i).From:s.Field(i).To]); got != want {
			t.Errorf("field %d = %q, want %q", i, got, want)
		}
	}
}

func TestWhatReadersDifferAboutIsAmbiguous(t *testing.T) {
	many := func(last string) string {
		var b strings.Builder
		for i := range 3 * fewNames {
			fmt.Fprintf(&b, `"f%d":%d,`, i, i)
		}
		return "{" + b.String() + `"` + last + `":0}`
	}
	deep := func(n int) string { return `{"a":` + strings.Repeat("[", n-1) + strings.Repeat("]", n-1) + "}" }
	for in, want := range map[string]bool{
		`{"a":1,"a":2}`:            true,
		`{"a":1,"b":2,"a":1}`:      true,
		`{"a":{"b":1,"b":2}}`:      true,
		`{"a":[1,{"b":[],"b":2}]}`: true,
		`{"a":1,"\u0061":2}`:       true,
		`{"":1,"":2}`:              true,
		many("f7"):                 true,
		many("g"):                  false,
		`{"a":{"a":{"a":1}},"b":[{"a":1},{"a":2}]}`: false,
		`{"a":"a","b":"a"}`:                         false,
		`{"a":1,"A":2,"a.b":3}`:                     false,
		`{"a":"\ud83d\ude00"}`:                      false,
		`{"a":"\ud83d"}`:                            true,
		`{"a":"\ud83d\n"}`:                          true,
		`{"a":"\ud83dx"}`:                           true,
		`{"a":"\ud83d\ud83d"}`:                      true,
		`{"a":"\ude00"}`:                            true,
		`{"a":"\ud7ff\ue000\u00e9"}`:                false,
		deep(certainDepth):                          false,
		deep(certainDepth + 1):                      true,
		`{"a":[1e400,-0,123456789012345678901234567890,0.1234567890123456789]}`: false,
	} {
		sh, err := NewScanner().Scan([]byte(in))
		if err != nil || sh.Ambiguous != want {
			t.Errorf("Scan(%.80s) is ambiguous: %v, %v, want %v", in, sh.Ambiguous, err, want)
		}
	}
}

func TestSyntaxErrorNamesThePlace(t *testing.T) {
	_, err := NewScanner().Scan([]byte(`{"a":1,"b":x}`))
	if got, want := err.Error(), "value is not a JSON object: no value at byte 11"; got != want {
		t.Errorf("error = %q, want %q", got, want)
	}
}

// FuzzScan holds the scanner to the standard library: it accepts exactly
// the valid, UTF-8 JSON objects that do not nest too deep.
func FuzzScan(f *testing.F) {
	for _, s := range []string{`{}`, `{"a":[1,{"b":"c\"d\\"}]}`, "{\"a\":\n\"\\u00e9é\"}", `{"a":1e5}{`, `[`,
		"{\"\xff\":1}"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		sh, err := NewScanner().Scan(src)
		object := bytes.HasPrefix(bytes.TrimLeft(src, " \t\r\n"), []byte("{"))
		want := json.Valid(src) && utf8.Valid(src) && object
		if got := err == nil; got != want && bytes.Count(src, []byte("{"))+bytes.Count(src, []byte("[")) < maxDepth {
			t.Fatalf("Scan(%q) accepts = %v (%v), want %v", src, got, err, want)
		}
		if err == nil && !sh.Multiline && bytes.ContainsAny(src[sh.Object.From:sh.Object.To], "\r\n") {
			t.Fatalf("Scan(%q) overlooks a line break", src)
		}
	})
}

const accessDocument = `{"time":"2026-01-02T03:04:05+09:00","host":"192.0.2.17","method":"GET",` +
	`"uri":"/items/12345?ref=top","protocol":"HTTP/1.1","status":200,"size":5316,"reqtime":0.012,` +
	`"ua":"Mozilla/5.0 (X11; Linux x86_64)","cookie":{"uid":"0f3a9c","lang":"ja"},"server":"web-03"}`

func BenchmarkScan(b *testing.B) {
	src := []byte(accessDocument)
	b.SetBytes(int64(len(src)))
	b.ReportAllocs()
	s := NewScanner()
	for b.Loop() {
		if _, err := s.Scan(src); err != nil {
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
