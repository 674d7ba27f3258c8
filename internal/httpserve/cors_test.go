package httpserve_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/suiro/suiro/internal/httpserve"
)

// serve runs a server until the test ends and returns its URL.
func serve(t *testing.T, o *httpserve.Options) string {
	t.Helper()
	s, err := httpserve.Open("listeners", "127.0.0.1:0", o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- s.Run(ctx, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }))
	}()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return "http://" + s.Addr()
}

// ask sends a request with headers, each name:value.
func ask(t *testing.T, method, url string, headers ...string) *http.Response {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ":")
		r.Header.Set(name, value)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	return answer
}

func TestPagesOfAllowedOriginsMaySendRequests(t *testing.T) {
	url := serve(t, &httpserve.Options{AllowedOrigins: []string{"https://console.example.com", "https://*.shop.example.com"},
		AllowedMethods: []string{"GET", "PUT"}})
	const cross = "Sec-Fetch-Site:cross-site"
	for _, c := range []struct {
		method, origin string
		code           int
	}{
		{"GET", "https://console.example.com", 204}, {"PUT", "https://console.example.com", 204},
		{"PUT", "https://CONSOLE.example.com", 204}, {"PUT", "https://a.shop.example.com", 204},
		{"DELETE", "https://console.example.com", 403}, {"PUT", "http://console.example.com", 403},
		{"PUT", "https://console.example.com.evil.com", 403}, {"PUT", "https://.shop.example.com", 403},
		{"PUT", "https://a/.shop.example.com", 403}, {"PUT", "https://evil.com", 403}, {"GET", "https://evil.com", 403},
		{"PUT", "null", 403},
	} {
		got := ask(t, c.method, url, "Origin:"+c.origin, cross)
		if got.StatusCode != c.code {
			t.Errorf("%s from %s = %d, want %d", c.method, c.origin, got.StatusCode, c.code)
		}
		want := ""
		if c.code == 204 || c.method == "DELETE" { // whose refusal the page may read
			want = c.origin
		}
		if told := got.Header.Get("Access-Control-Allow-Origin"); told != want {
			t.Errorf("%s from %s tells the browser to allow %q, want %q", c.method, c.origin, told, want)
		}
		if vary := got.Header.Get("Vary"); vary != "Origin" {
			t.Errorf("%s from %s varies by %q, want Origin", c.method, c.origin, vary)
		}
	}
	before := ask(t, "OPTIONS", url, "Origin:https://console.example.com", "Access-Control-Request-Method:PUT", cross)
	if got := before.Header.Get("Access-Control-Allow-Methods"); before.StatusCode != 200 || got != "GET,PUT" {
		t.Errorf("preflight = %d with the methods %q, want 200 with GET,PUT", before.StatusCode, got)
	}
	if got := before.Header.Get("Access-Control-Allow-Credentials"); got != "" {
		t.Errorf("credentials = %q, want none", got)
	}
	other := ask(t, "OPTIONS", url, "Origin:https://evil.com", "Access-Control-Request-Method:PUT", cross)
	if got := other.Header.Get("Access-Control-Allow-Origin"); other.StatusCode != 403 || got != "" {
		t.Errorf("preflight of another site = %d, allowed %q, want 403 and nothing", other.StatusCode, got)
	}
}

func TestEveryOriginMayBeAllowed(t *testing.T) {
	url := serve(t, &httpserve.Options{AllowedOrigins: []string{"*"}})
	for method, want := range map[string]int{"POST": 204, "HEAD": 204, "DELETE": 403} {
		got := ask(t, method, url, "Origin:https://any.example.org", "Sec-Fetch-Site:cross-site")
		if got.StatusCode != want {
			t.Errorf("%s = %d, want %d", method, got.StatusCode, want)
		}
	}
	if got := ask(t, "DELETE", url); got.StatusCode != 204 {
		t.Errorf("DELETE of a program = %d, want 204: methods are those of pages", got.StatusCode)
	}
}

func TestOriginsAreChecked(t *testing.T) {
	for _, name := range []string{"*", "https://a.example.com", "http://localhost:3000/", "https://*.example.com"} {
		if err := httpserve.CheckOrigin(name); err != nil {
			t.Errorf("CheckOrigin(%s) = %v", name, err)
		}
	}
	for _, name := range []string{"", "a.example.com", "ftp://a", "https://", "https://a/b", "https://*.*", "https://a@b"} {
		if httpserve.CheckOrigin(name) == nil {
			t.Errorf("CheckOrigin(%q) = nil, want an error", name)
		}
	}
}

func TestHeadersOfEveryAnswer(t *testing.T) {
	headers, err := httpserve.ParseHeaders(`set X-Frame-Options: DENY, "add Cache-Control: no-cache, no-store",` +
		` add X-A:1, add X-A:2, setDate Expires: 0`)
	if err != nil {
		t.Fatal(err)
	}
	got := ask(t, "GET", serve(t, &httpserve.Options{Headers: headers})).Header
	for name, want := range map[string]string{"X-Frame-Options": "DENY", "Cache-Control": "no-cache, no-store", "X-A": "1|2"} {
		if is := strings.Join(got[name], "|"); is != want {
			t.Errorf("%s = %q, want %q", name, is, want)
		}
	}
	if _, err := http.ParseTime(got.Get("Expires")); err != nil {
		t.Errorf("Expires = %q: %v", got.Get("Expires"), err)
	}
	if none, err := httpserve.ParseHeaders("  "); err != nil || none != nil {
		t.Errorf("ParseHeaders of blanks = %v, %v, want nothing", none, err)
	}
}

func TestHeadersThatAreWrong(t *testing.T) {
	for text, want := range map[string]string{
		"put X-A: 1":      `"put" is not an action`,
		"set X-A":         "is not a rule",
		"set : 1":         "is not a rule",
		"set X A: 1":      "is not a rule",
		"set X-A: a\x01":  "is not a rule",
		`"set X-A: 1`:     "in double quotes",
		"setDate X-A: no": "not a number of milliseconds",
	} {
		if _, err := httpserve.ParseHeaders(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("ParseHeaders(%q) = %v, want %q", text, err, want)
		}
	}
}
