package httpserve_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/suiro/suiro/internal/httpserve"
)

// send sends a request as it is written, and returns the code and the body.
func send(t *testing.T, s *httpserve.Server, method, host string, header map[string]string) (code int, body string) {
	t.Helper()
	r, err := http.NewRequest(method, "http://"+s.Addr()+"/", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Host = host
	for k, v := range header {
		r.Header.Set(k, v)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if got := resp.Header.Get("X-Content-Type-Options"); got != "nosniff" {
		t.Errorf("X-Content-Type-Options of the answer to %s %s is %q, want nosniff", method, host, got)
	}
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(text)
}

func hello(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "hello") }

// A page that made its own name point at the server (DNS rebinding) is refused.
func TestOnlyNamesOfTheServerAreAnswered(t *testing.T) {
	s := opened(t, &httpserve.Options{AllowedHosts: []string{"worker.example.com"}, AllowedHostsKey: "rest.allowed.hosts"})
	defer run(t, s, hello)()
	_, port, _ := net.SplitHostPort(s.Addr())
	for host, want := range map[string]int{
		s.Addr(): 200, "127.0.0.1": 200, "localhost": 200, "LocalHost.:" + port: 200, "[::1]:" + port: 200, "[::1]": 200,
		"10.0.0.7:30083": 200, "worker.example.com": 200, "Worker.Example.com.:443": 200,
		"evil.example": 403, "evil.example:" + port: 403, "localhost.evil.example": 403, "127.0.0.1.evil.example": 403,
		"worker.example.com.evil.example": 403, "127.0.0.1x": 403,
	} {
		code, text := send(t, s, http.MethodGet, host, nil)
		if code != want {
			t.Errorf("GET with Host %s = %d %s, want %d", host, code, text, want)
		}
		if name := "add it to rest.allowed.hosts"; want == 403 && !strings.Contains(text, name) {
			t.Errorf("GET with Host %s = %s, want %q in it", host, text, name)
		}
	}
}

func TestAStarAllowsEveryHost(t *testing.T) {
	s := opened(t, &httpserve.Options{AllowedHosts: []string{"*"}})
	defer run(t, s, hello)()
	if code, text := send(t, s, http.MethodGet, "anything.example", nil); code != 200 {
		t.Errorf("GET = %d %s, want 200", code, text)
	}
}

func TestHostsThatAreURLsAreRefused(t *testing.T) {
	for _, name := range []string{"http://a.example", "a.example:80", "", "*.example", "a b", "u@a"} {
		s, err := httpserve.Open("listeners", "127.0.0.1:0",
			&httpserve.Options{AllowedHosts: []string{name}, AllowedHostsKey: "rest.allowed.hosts"})
		if err == nil || !strings.Contains(err.Error(), "rest.allowed.hosts") {
			t.Errorf("Open with the host %q = %v, %v, want an error that names the key", name, s, err)
		}
	}
}

func TestPagesOfOtherSitesAreRefused(t *testing.T) {
	s := opened(t, nil)
	defer run(t, s, hello)()
	header := func(pairs ...string) map[string]string {
		h := map[string]string{}
		for i := 0; i < len(pairs); i += 2 {
			h[pairs[i]] = pairs[i+1]
		}
		return h
	}
	for _, c := range []struct {
		method string
		header map[string]string
		want   int
	}{
		{"PUT", nil, 200}, // a program
		{"PUT", header("Origin", "http://"+s.Addr()), 200},
		{"PUT", header("Sec-Fetch-Site", "same-origin", "Origin", "http://"+s.Addr()), 200},
		{"PUT", header("Origin", "https://evil.example"), 403},
		{"POST", header("Origin", "null"), 403},
		{"POST", header("Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document"), 403},
		{"DELETE", header("Sec-Fetch-Site", "same-site"), 403},
		{"GET", header("Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document"), 200},
		{"GET", header("Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "iframe"), 403},
		{"GET", header("Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "no-cors", "Sec-Fetch-Dest", "image"), 403},
		{"GET", header("Sec-Fetch-Site", "none", "Sec-Fetch-Mode", "navigate"), 200},
		{"OPTIONS", header("Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "cors", "Origin", "https://evil.example",
			"Access-Control-Request-Method", "PUT"), 403},
	} {
		if code, text := send(t, s, c.method, s.Addr(), c.header); code != c.want {
			t.Errorf("%s with %v = %d %s, want %d", c.method, c.header, code, text, c.want)
		}
	}
}

func TestHugeHeadersAndBodiesAreRefused(t *testing.T) {
	s := opened(t, &httpserve.Options{MaxBody: 1000})
	defer run(t, s, func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.ReadAll(r.Body); err != nil {
			w.WriteHeader(http.StatusRequestEntityTooLarge)
		}
	})()
	code := func(r *http.Request) int {
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		return resp.StatusCode
	}
	r, _ := http.NewRequest(http.MethodGet, "http://"+s.Addr(), nil)
	r.Header.Set("X-Long", strings.Repeat("a", 100<<10))
	if got := code(r); got != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("a header of 100 KiB is answered with %d, want 431", got)
	}
	r, _ = http.NewRequest(http.MethodPost, "http://"+s.Addr(), strings.NewReader(strings.Repeat("a", 1001)))
	if got := code(r); got != http.StatusRequestEntityTooLarge {
		t.Errorf("a body that is too long is answered with %d, want 413", got)
	}
}

// What is no HTTP/1 is refused and ends with its connection.
func TestOtherProtocolsAreRefused(t *testing.T) {
	s := opened(t, nil)
	defer run(t, s, hello)()
	for _, text := range []string{
		"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "GET / HTTP/2.0\r\nHost: localhost\r\n\r\n", "\x16\x03\x01\x02\x00\x01\x00",
		"GET / HTTP/1.1\r\n\r\n", "GET http://evil.example/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
		"CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\nConnection: close\r\n\r\n",
		"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nTransfer-Encoding: gzip\r\n\r\nabc",
		"OPTIONS * HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n",
	} {
		c, err := net.Dial("tcp", s.Addr())
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprint(c, text)
		_ = c.(*net.TCPConn).CloseWrite()
		got, _ := io.ReadAll(c)
		if strings.Contains(string(got), " 200 ") || strings.Contains(string(got), "hello") {
			t.Errorf("%q is answered with %q, want it refused", text, got)
		}
		c.Close()
	}
}

// Many requests in one packet are answered one after the other.
func TestPipelinedRequestsAreAnsweredInTurn(t *testing.T) {
	s := opened(t, nil)
	defer run(t, s, hello)()
	c, err := net.Dial("tcp", s.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	const n = 1000
	fmt.Fprint(c, strings.Repeat("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", n))
	_ = c.(*net.TCPConn).CloseWrite()
	got, _ := io.ReadAll(c)
	if count := strings.Count(string(got), "hello"); count != n {
		t.Errorf("%d of %d requests are answered", count, n)
	}
}

// A handler that panics ends its connection and no other, and the client sees no
// stack trace.
func TestAPanicIsNotShown(t *testing.T) {
	var log strings.Builder
	s := opened(t, &httpserve.Options{Logger: textLogger(&log)})
	end := run(t, s, func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodDelete {
			panic("line one\nline two")
		}
		hello(w, r)
	})
	r, _ := http.NewRequest(http.MethodDelete, "http://"+s.Addr(), nil)
	if resp, err := http.DefaultClient.Do(r); err == nil {
		t.Errorf("DELETE = %v, want the connection to end", resp)
	}
	if got, err := get(t, s); err != nil || got != "hello" {
		t.Errorf("GET = %q, %v, want hello", got, err)
	}
	if err := end(); err != nil {
		t.Fatal(err)
	}
	if text := log.String(); !strings.Contains(text, `panic="line one\nline two"`) || strings.Count(text, "\n") != 1 {
		t.Errorf("the log is %s, want one line with the panic", text)
	}
}
