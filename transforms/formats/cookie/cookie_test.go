package cookie

import (
	"bytes"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"
)

// pairs reads a whole header as text.
func pairs(header string) string {
	var b strings.Builder
	for rest := []byte(header); ; {
		pair, name, value, next := Next(rest)
		if pair == nil {
			return b.String()
		}
		rest = next
		if name == nil {
			fmt.Fprintf(&b, "(broken %s)", pair)
			continue
		}
		decoded, err := AppendDecoded(nil, value)
		if err != nil {
			fmt.Fprintf(&b, "(%s: %v)", name, err)
			continue
		}
		fmt.Fprintf(&b, "(%s=%s)", name, decoded)
	}
}

func TestPairs(t *testing.T) {
	tests := []struct{ header, want string }{
		{"", ""}, {"; ;", ""},
		{"a=1; b=%E3%81%82", "(a=1)(b=あ)"},
		{"a=1;b=2;", "(a=1)(b=2)"},
		{" a = 1 ; b=", "(a=1)(b=)"},
		{"a=b=c==", "(a=b=c==)"},
		{`a="x y"`, `(a="x y")`},
		{"a=1+2%2B3", "(a=1+2+3)"},
		{"%41=%41", "(%41=A)"},
		{"a; b=1", "(broken a)(b=1)"},
		{"=v; b=1", "(broken =v)(b=1)"},
		{"a=%4", `(a: broken cookie: percent sign without two hex digits at "%4")`},
		{"a=x%G1y", `(a: broken cookie: percent sign without two hex digits at "%G1")`},
		{"a=%", `(a: broken cookie: percent sign without two hex digits at "%")`},
		{"a=1; a=2", "(a=1)(a=2)"},
	}
	for _, tt := range tests {
		if got := pairs(tt.header); got != tt.want {
			t.Errorf("pairs of %q\n got %s\nwant %s", tt.header, got, tt.want)
		}
	}
}

func TestBrokenIsFound(t *testing.T) {
	dst, err := AppendDecoded([]byte("before"), []byte("x%zz"))
	if !errors.Is(err, ErrBroken) || string(dst) != "before" {
		t.Errorf("AppendDecoded = %q, %v, want %q, %v", dst, err, "before", ErrBroken)
	}
}

func ExampleNext() {
	rest := []byte("sid=abc; q=%E6%B0%B4%E8%B7%AF")
	for {
		pair, name, value, next := Next(rest)
		if pair == nil {
			break
		}
		decoded, _ := AppendDecoded(nil, value)
		fmt.Printf("%s is %s\n", name, decoded)
		rest = next
	}
	// Output:
	// sid is abc
	// q is 水路
}

func FuzzDecodeAgreesWithPathUnescape(f *testing.F) {
	f.Add("a%20b")
	f.Add("%")
	f.Add("%e3%81%82+")
	f.Fuzz(func(t *testing.T, s string) {
		want, wantErr := url.PathUnescape(s)
		got, err := AppendDecoded(nil, []byte(s))
		if (err == nil) != (wantErr == nil) || err == nil && string(got) != want {
			t.Errorf("AppendDecoded(%q) = %q, %v, want %q, %v", s, got, err, want, wantErr)
		}
	})
}

func FuzzNextLosesNoPair(f *testing.F) {
	f.Add([]byte("a=1; b=2"))
	f.Fuzz(func(t *testing.T, header []byte) {
		var got [][]byte
		for rest := header; ; {
			pair, name, _, next := Next(rest)
			if pair == nil {
				break
			}
			if name != nil && !bytes.HasPrefix(pair, name) {
				t.Fatalf("name %q does not begin pair %q", name, pair)
			}
			got = append(got, pair)
			rest = next
		}
		var want [][]byte
		for _, p := range bytes.Split(header, []byte{';'}) {
			if p = bytes.Trim(p, " \t"); len(p) > 0 {
				want = append(want, p)
			}
		}
		if g, w := bytes.Join(got, []byte{';'}), bytes.Join(want, []byte{';'}); !bytes.Equal(g, w) {
			t.Errorf("pairs of %q are %q, want %q", header, g, w)
		}
	})
}

func FuzzAppendIsReadBack(f *testing.F) {
	f.Add("q", `mizu 水; "x"%`)
	f.Fuzz(func(t *testing.T, name, value string) {
		header, ok := Append([]byte("a=1; "), name, value)
		if !ok {
			if string(header) != "a=1; " {
				t.Errorf("Append leaves %q for name %q", header, name)
			}
			return
		}
		_, _, _, rest := Next(header)
		_, gotName, gotValue, rest := Next(rest)
		decoded, err := AppendDecoded(nil, gotValue)
		if err != nil || string(gotName) != name || string(decoded) != value || len(rest) > 0 {
			t.Errorf("%q=%q is written %q and read %q=%q, %v", name, value, header, gotName, decoded, err)
		}
	})
}
