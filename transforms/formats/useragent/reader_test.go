package useragent

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/suiro/suiro/connect/data"
)

func newReader(t testing.TB) *Reader {
	t.Helper()
	r, err := New()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

const (
	chrome = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 " +
		"Safari/537.36"
	webkit = " AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4.1"
)

// line shows what is read, - for null.
func line(m map[string]any) string {
	var parts []string
	for _, f := range Schema().Fields {
		v := m[f.Name]
		if v == nil {
			v = "-"
		}
		parts = append(parts, fmt.Sprint(v))
	}
	return strings.Join(parts, ", ")
}

func TestRead(t *testing.T) {
	r := newReader(t)
	for _, c := range []struct{ text, want string }{
		{chrome, "Chrome, 131.0.0, Windows, 10, -, desktop, false"},
		{chrome + " Edg/131.0.2903.86", "Edge, 131.0.2903, Windows, 10, -, desktop, false"},
		{"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)" + webkit + " Safari/605.1.15",
			"Safari, 17.4.1, Mac OS X, 10.15.7, Mac, desktop, false"},
		{"Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0",
			"Firefox, 133.0, Ubuntu, -, -, desktop, false"},
		{"Mozilla/5.0 (iPhone; CPU iPhone OS 17_4_1 like Mac OS X)" + webkit + " Mobile/15E148 Safari/604.1",
			"Mobile Safari, 17.4.1, iOS, 17.4.1, iPhone, phone, false"},
		{"Mozilla/5.0 (iPad; CPU OS 16_6 like Mac OS X)" + webkit + " Mobile/15E148 Safari/604.1",
			"Mobile Safari, 17.4.1, iOS, 16.6, iPad, tablet, false"},
		{"Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.6778.81 Mobile " +
			"Safari/537.36", "Chrome Mobile, 131.0.6778, Android, 14, Pixel 8, phone, false"},
		{"Mozilla/5.0 (Linux; Android 13; SM-X906C) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36",
			"Chrome, 120.0.0, Android, 13, Samsung SM-X906C, tablet, false"},
		{"Mozilla/5.0 (SMART-TV; LINUX; Tizen 7.0) AppleWebKit/537.36 (KHTML, like Gecko) 94.0.4606.31/7.0 TV Safari/537.36",
			"Safari, -, Tizen, 7.0, Samsung SMART-TV, tv, false"},
		{"Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "Googlebot, 2.1, -, -, -, -, true"},
		{"Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X Build/MMB29P) AppleWebKit/537.36 (KHTML, like Gecko) " +
			"Chrome/131.0.0.0 Mobile Safari/537.36 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
			"Googlebot, 2.1, Android, 6.0.1, -, phone, true"},
		{"Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)",
			"GPTBot, 1.2, -, -, -, -, true"},
		{"curl/8.5.0", "curl, 8.5.0, -, -, -, -, false"},
		{"kube-probe/1.29", "-, -, -, -, -, -, false"},
		{"", "-, -, -, -, -, -, false"},
		{"\xff curl/8.5.0", "curl, 8.5.0, -, -, -, -, false"},
	} {
		for range 2 { // the second is remembered
			if got := line(r.Read(c.text)); got != c.want {
				t.Errorf("Read(%.60q)\n got %s\nwant %s", c.text, got, c.want)
			}
		}
	}
}

func TestOfALongTextTheBeginningIsRead(t *testing.T) {
	r := newReader(t)
	long := chrome + strings.Repeat("ä", 1<<20)
	if got, want := line(r.Read(long)), line(r.Read(chrome)); got != want {
		t.Errorf("a long text is %s, want %s", got, want)
	}
	if _, ok := r.read.Get(long); ok {
		t.Error("it remembers a text of 2 MB")
	}
}

func FuzzRead(f *testing.F) {
	r := newReader(f)
	s := Schema()
	f.Add(chrome)
	f.Add("curl/8")
	f.Add("Mozilla/5.0 (Linux; Android 4.4; TV\xff")
	f.Fuzz(func(t *testing.T, text string) {
		got := r.Read(text)
		if _, err := data.AppendJSON(nil, s, got, data.JSONOptions{}); err != nil || len(got) != len(s.Fields) {
			t.Errorf("Read(%q) = %v, %v, want data of the schema", text, got, err)
		}
		if !utf8.ValidString(line(got)) {
			t.Errorf("Read(%q) = %v, want UTF-8", text, got)
		}
	})
}

func BenchmarkRead(b *testing.B) {
	r := newReader(b)
	b.Run("known", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			r.Read(chrome)
		}
	})
	b.Run("new", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			r.parse(chrome)
		}
	})
}
