package redaction

import (
	"slices"
	"strings"
	"testing"
)

// What stands between « and » is found.
func TestFinders(t *testing.T) {
	for kind, texts := range map[string][]string{
		"email": {"«a@b.example»", "<«a.b+c@mail.b.example»>, «x@y.z.example».", "to=«é@münchen.example»&x", "«a%40b.example»",
			"«a@b.xn--p1ai»", "a@b", "@b.example", "a@", "a @ b.example", "«'o''n@b.example»"},
		"ipv4": {"«192.0.2.1»", "«192.0.2.1»:80", "at «192.0.2.1».", "«192.0.2.1»,«10.0.0.255»", "256.1.1.1", "1.2.3", "1.2.3.4.5",
			"«010.001.1.1»", "Chrome/«120.0.0.0»", "1.2.3.", "1..2.3.4"},
		"ipv6": {"«2001:db8::1»", "[«2001:db8::1»]:80", "at «2001:db8::1».", "«fe80::1»: up", "src:«2001:db8::1»", "«::1»",
			"«::ffff:192.0.2.1»", "«1:2:3:4:5:6:7:8»", "12:34:56", "2026-01-15T12:34:56", "std::string", "Foo::Bad", "«a::»", "::", ":", "x::1",
			"«2001:DB8::A»%eth0", "1:2:3:4:5:6:7", "cafe"},
		"card": {"«4111111111111111»", "«4111 1111 1111 1111»", "«4111-1111-1111-1111»", "200 «4111111111111111»",
			"«4111111111111111» 200 12", "«378282246310005»", "«5555555555554444»;", "«6011000990139424»", "«2223003122003222»",
			"4111111111111112", "1768469412345", "1234567890123452", "41111111111111110000000", "2026-01-15 12:34:56",
			"4111  1111", "x«4111111111111111»y", "«30569309025904»"},
		"bearer": {"Authorization: Bearer «abc.DEF-123_~+/==»", "bearer  «x»;", "BEARER+«x»", "Bearer%20«x»", "forbearer x", "Bearer",
			"Bearer: x"},
		"jwt": {"«eyJhbGciOi.eyJzdWIi.c2ln»", "t=«eyJh.eyJz.»&x", "eyJ.a.b", "xeyJh.eyJz.c", "eyJh.eyJz"},
	} {
		for _, marked := range texts {
			text := strings.NewReplacer("«", "", "»", "").Replace(marked)
			r, err := NewRedact(0, RedactConfig{Detect: []string{kind}, Replacement: "#"})
			if err != nil {
				t.Fatal(err)
			}
			got, _, err := r.text(text)
			if want := between(marked); err != nil || got != want {
				t.Errorf("%s in %q becomes %q, %v, want %q", kind, text, got, err, want)
			}
		}
	}
}

// between replaces what is marked by #.
func between(marked string) string {
	var out strings.Builder
	for i, part := range strings.Split(marked, "«") {
		if found, rest, ok := strings.Cut(part, "»"); i > 0 && ok && found != "" {
			part = "#" + rest
		}
		out.WriteString(part)
	}
	return out.String()
}

func TestEveryKindIsTested(t *testing.T) {
	if got, want := kinds(), []string{"bearer", "card", "email", "ipv4", "ipv6", "jwt"}; !slices.Equal(got, want) {
		t.Errorf("kinds = %v, want %v: add texts to TestFinders", got, want)
	}
}

func FuzzFinders(f *testing.F) {
	f.Add("a@b.example 192.0.2.1 2001:db8::1 4111 1111 1111 1111 Bearer x eyJh.eyJz.c")
	f.Add("::.:é1:2-3 4%40")
	f.Fuzz(func(t *testing.T, text string) {
		r, err := NewRedact(0, RedactConfig{Detect: kinds(), Regex: `(?<=x)\d+`, Replacement: ""})
		if err != nil {
			t.Fatal(err)
		}
		places, err := r.places(text)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range places {
			if p.from < 0 || p.from >= p.to || p.to > len(text) {
				t.Fatalf("%q has %v", text, p)
			}
		}
		out, changed, _ := r.text(text)
		if got := out.(string); changed != (len(places) > 0) || len(got) > len(text) || changed && len(got) == len(text) {
			t.Errorf("%q becomes %q with %d places", text, got, len(places))
		}
	})
}
