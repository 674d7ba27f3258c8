package jsontext

import (
	"bytes"
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestAppendString(t *testing.T) {
	tests := []struct{ in, want string }{
		{"", `""`},
		{"plain text over eight bytes", `"plain text over eight bytes"`},
		{"a\"b\\c", `"a\"b\\c"`},
		{"\x00\b\t\n\f\r\x1f\x7f", "\"\\u0000\\b\\t\\n\\f\\r\\u001f\x7f\""},
		{"水路", `"水路"`},
		{"a\xffb\xe6\xb0c\xed\xa0\x80", "\"a\ufffdb\ufffd\ufffdc\ufffd\ufffd\ufffd\""},
	}
	for _, tt := range tests {
		if got := string(AppendString(nil, tt.in)); got != tt.want {
			t.Errorf("AppendString(%q) = %s, want %s", tt.in, got, tt.want)
		}
	}
}

func TestAppendFloatIsJavas(t *testing.T) {
	for f, want := range map[float64]string{0: "0.0", 1: "1.0", -1.5: "-1.5", 0.001: "0.001", 0.00099: "9.9E-4",
		9999999: "9999999.0", 1e7: "1.0E7", 1.25e100: "1.25E100", 5e-324: "5.0E-324"} {
		if got := string(AppendFloat([]byte("x"), f, 64)); got != "x"+want {
			t.Errorf("AppendFloat(%v) = %s, want x%s", f, got, want)
		}
	}
}

func FuzzAppendFloat(f *testing.F) {
	f.Add(1e7)
	f.Fuzz(func(t *testing.T, x float64) {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return
		}
		text := AppendFloat(nil, x, 64)
		if back, err := strconv.ParseFloat(string(text), 64); err != nil || back != x || !json.Valid(text) {
			t.Errorf("AppendFloat(%v) = %s", x, text)
		}
	})
}

func FuzzAppendString(f *testing.F) {
	f.Add([]byte("1234567\"12345678\\\xff"))
	f.Fuzz(func(t *testing.T, s []byte) {
		var got string
		out := AppendString(nil, s)
		if err := json.Unmarshal(out, &got); err != nil {
			t.Fatalf("AppendString(%q) = %s: %v", s, out, err)
		}
		if want := string([]rune(string(s))); got != want {
			t.Errorf("AppendString(%q) reads back as %q, want %q", s, got, want)
		}
	})
}

func FuzzSpecial(f *testing.F) {
	f.Add([]byte("12345678\t"), uint8(1))
	f.Fuzz(func(t *testing.T, s []byte, from uint8) {
		i := min(int(from), len(s))
		want := bytes.IndexFunc(s[i:], func(r rune) bool { return r < 0x20 || r == '"' || r == '\\' || r >= utf8.RuneSelf })
		if want < 0 {
			want = len(s) - i
		}
		if got := Special(s, i); got != i+want {
			t.Errorf("Special(%q, %d) = %d, want %d", s, i, got, i+want)
		}
	})
}

func FuzzIsNumber(f *testing.F) {
	for _, s := range []string{"0", "-1.5e+3", "01", "1.", ".5", "1e", "--1", "-", ""} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, s []byte) {
		number, exponent := IsNumber(s)
		want := len(s) > 0 && (s[0] == '-' || '0' <= s[0] && s[0] <= '9') && json.Valid(s) &&
			!bytes.ContainsAny(s, " \t\r\n")
		if number != want {
			t.Fatalf("IsNumber(%q) = %v, want %v", s, number, want)
		}
		if number && exponent != bytes.ContainsAny(s, "eE") {
			t.Errorf("IsNumber(%q) says exponent %v", s, exponent)
		}
	})
}

func BenchmarkAppendString(b *testing.B) {
	s := []byte(strings.Repeat("Mozilla/5.0 (X11; Linux x86_64) ", 4))
	var dst []byte
	b.SetBytes(int64(len(s)))
	b.ReportAllocs()
	for b.Loop() {
		dst = AppendString(dst[:0], s)
	}
}
