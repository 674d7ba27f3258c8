package javajson

import (
	"encoding/json"
	"reflect"
	"testing"
)

// What a Java worker 4.3.1 wrote for the same texts.
func TestMarshalEscapesAsJava(t *testing.T) {
	for text, want := range map[string]string{
		"é <a href=\"x\">/\\ \x01\x7f\u2028 😀\ttab": `"é <a href=\"x\">/\\ \u0001` + "\x7f\u2028" + ` \uD83D\uDE00\ttab"`,
		"\x1f\b\f\n\r\u2029\uffff":                  `"\u001F\b\f\n\r` + "\u2029\uffff" + `"`,
		"\U00010000\U0010ffff":                      `"\uD800\uDC00\uDBFF\uDFFF"`,
		`\u2028 is a text`:                          `"\\u2028 is a text"`,
		"\xff":                                      "\"\ufffd\"",
		"":                                          `""`,
	} {
		got, err := Marshal(text)
		if err != nil || string(got) != want {
			t.Errorf("Marshal(%q) = %s, %v, want %s", text, got, err, want)
		}
	}
}

func TestMarshalRefusesWhatHasNoJSON(t *testing.T) {
	if got, err := Marshal(make(chan int)); err == nil {
		t.Errorf("Marshal of a channel = %s, want an error", got)
	}
}

// FuzzMarshal checks that what is written is JSON and means the same.
func FuzzMarshal(f *testing.F) {
	f.Add("a", "\\u00e9\u2028😀\\")
	f.Fuzz(func(t *testing.T, key, text string) {
		v := map[string]any{key: []any{text, nil, true, 1.5}}
		got, err := Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		var back, want map[string]any
		if err := json.Unmarshal(got, &back); err != nil {
			t.Fatalf("%q is not JSON: %v", got, err)
		}
		plain, err := json.Marshal(v)
		if err != nil || json.Unmarshal(plain, &want) != nil || !reflect.DeepEqual(back, want) {
			t.Fatalf("Marshal(%q) = %s, which means %q", v, got, back)
		}
	})
}
