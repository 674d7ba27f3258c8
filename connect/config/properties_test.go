package config_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/suiro/suiro/connect/config"
)

func TestReadProperties(t *testing.T) {
	for _, c := range []struct {
		text string
		want map[string]string
	}{
		{"a=1\nb: 2\nc 3\nd\t=\t4\n", map[string]string{"a": "1", "b": "2", "c": "3", "d": "4"}},
		{"# c\n! c\n\n  # c\n a = b \n", map[string]string{"a": "b "}},
		{"a=one, \\\n   two\\\n,three", map[string]string{"a": "one, two,three"}},
		{"a=x\\\\\nb=y", map[string]string{"a": `x\`, "b": "y"}},
		{"a=x\\", map[string]string{"a": "x"}},
		{"a\\=b\\ c\\:d=1", map[string]string{"a=b c:d": "1"}},
		{`a=\t\n\r\f\q\u0041\u00e9`, map[string]string{"a": "\t\n\r\fqAé"}},
		{`a=\ud83d\ude00\ud83d`, map[string]string{"a": "😀\ufffd"}},
		{"a=1\r\nb=2\rc=3", map[string]string{"a": "1", "b": "2", "c": "3"}},
		{"a=1\na=2", map[string]string{"a": "2"}},
		{"a\n=b\nc=", map[string]string{"a": "", "": "b", "c": ""}},
		{"a==b", map[string]string{"a": "=b"}},
		{"\ufeffa=水路", map[string]string{"a": "水路"}},
	} {
		got, err := config.ReadProperties(strings.NewReader(c.text))
		if err != nil || !maps.Equal(got, c.want) {
			t.Errorf("ReadProperties(%q) = %q, %v, want %q", c.text, got, err, c.want)
		}
	}
}

func TestReadPropertiesNamesTheBadLine(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"a=1\nb=\\\n\\u00zz", `line 2: malformed \uxxxx`},
		{`a=\u12`, `line 1`},
		{"a=\xff", "not UTF-8"},
	} {
		_, err := config.ReadProperties(strings.NewReader(c.text))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("ReadProperties(%q) = %v, want an error with %q", c.text, err, c.want)
		}
	}
}

func FuzzReadProperties(f *testing.F) {
	f.Add("key", "value")
	f.Add("a=b:c d", " lead \\ trail\n")
	escape := strings.NewReplacer(`\`, `\\`, "=", `\=`, ":", `\:`, " ", `\ `, "\t", `\t`, "\n", `\n`,
		"\r", `\r`, "\f", `\f`, "#", `\#`, "!", `\!`)
	f.Fuzz(func(t *testing.T, key, value string) {
		_, _ = config.ReadProperties(strings.NewReader(key + value))
		key, value = strings.ToValidUTF8(key, "?"), strings.ToValidUTF8(value, "?")
		text := "\n" + escape.Replace(key) + "=" + escape.Replace(value)
		got, err := config.ReadProperties(strings.NewReader(text))
		if err != nil || len(got) != 1 || got[key] != value {
			t.Errorf("ReadProperties(%q) = %q, %v, want %q: %q", text, got, err, key, value)
		}
	})
}

// A line that is continued a million times is read in the time of one.
func TestContinuedLinesAreReadInOnePass(t *testing.T) {
	const lines = 2_000_000
	props, err := config.ReadProperties(strings.NewReader("a=" + strings.Repeat("b\\\n", lines)))
	if err != nil || len(props["a"]) != lines {
		t.Fatalf("a has %d letters, %v, want %d", len(props["a"]), err, lines)
	}
}
