package flags

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestPrintable(t *testing.T) {
	for text, want := range map[string]string{
		"one\ttwo\nthree äöü 🐌": "one\ttwo\nthree äöü 🐌", "": "",
		"\x1b[2Ja\rb\x00\u202e\u200bc\u009b": `\x1b[2Ja\rb\x00\u202e\u200bc\u009b`,
		"bad \xff UTF-8":                     "bad \ufffd UTF-8",
	} {
		if got := Printable(text); got != want {
			t.Errorf("Printable(%q) = %q, want %q", text, got, want)
		}
	}
}

// Whatever a flag is given, its number of bytes can be written and read again.
func FuzzParseBytes(f *testing.F) {
	for _, seed := range []string{"64MiB", "1G", "-1", "9999999999999GiB", " 5 kib", "1e9"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		n, err := parseBytes(text)
		if err != nil {
			return
		}
		again, err := parseBytes(bytesText(n))
		if err != nil || strings.TrimLeft(again, "+0") != strings.TrimLeft(n, "+0") {
			t.Errorf("%q is %s, which is written %s and read as %s, %v", text, n, bytesText(n), again, err)
		}
		if shown := Printable(text); utf8.ValidString(text) && strings.IndexFunc(shown, unprintable) >= 0 {
			t.Errorf("Printable(%q) = %q", text, shown)
		}
	})
}
