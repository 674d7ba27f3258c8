package exchanges_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// worker is a worker that is asked over HTTP, and the words that stand for what differs
// from other workers.
type worker struct {
	name    string
	address string
	words   *strings.Replacer // what scripts say to what the worker knows
	back    *strings.Replacer
}

// kept are the headers of an answer on which a client may depend.
var kept = []string{"Access-Control-Allow-Credentials", "Access-Control-Allow-Headers", "Access-Control-Allow-Methods",
	"Access-Control-Allow-Origin", "Access-Control-Expose-Headers", "Access-Control-Max-Age", "Allow", "Content-Type",
	"Location", "Retry-After", "Vary", "WWW-Authenticate"}

// newWorker is the worker at an address, whose connectors have a prefix of their own.
func newWorker(t *testing.T, name, address, prefix string) *worker {
	t.Helper()
	dir := t.TempDir()
	var lines strings.Builder
	for i := range 100 {
		fmt.Fprintf(&lines, "line %d\n", i)
	}
	if err := os.WriteFile(filepath.Join(dir, "in.txt"), []byte(lines.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	w := &worker{name: name, address: address}
	w.words = strings.NewReplacer("NAME", prefix, "DIR", dir, "WORKER", address)
	var server struct {
		ID string `json:"kafka_cluster_id"`
	}
	if err := json.Unmarshal([]byte(w.ask(t, message{first: "GET /"}).body), &server); err != nil || server.ID == "" {
		t.Fatalf("%s at %s does not say which cluster it has: %v", name, address, err)
	}
	w.back = strings.NewReplacer(prefix, "NAME", dir, "DIR", address, "WORKER", server.ID, "CLUSTER")
	return w
}

// ask sends a request, as it stands, and returns the answer.
func (w *worker) ask(t *testing.T, m message) message {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	method, path, _ := strings.Cut(m.first, " ")
	r, err := http.NewRequestWithContext(ctx, method, "http://"+w.address, strings.NewReader(w.words.Replace(m.body)))
	if err != nil {
		t.Fatal(err)
	}
	r.URL = &url.URL{Scheme: "http", Host: w.address, Opaque: w.words.Replace(path)}
	for _, h := range m.headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Set(name, value)
	}
	if m.body != "" && m.header("Content-Type") == "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if r.Header.Get("Content-Type") == "none" {
		r.Header.Del("Content-Type")
	}
	res, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatalf("%s: %s: %v", w.name, m.first, err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatalf("%s: %s: %v", w.name, m.first, err)
	}
	return w.answer(res, body)
}

// answer is what a script says of an answer.
func (w *worker) answer(res *http.Response, body []byte) message {
	out := message{first: fmt.Sprint(res.StatusCode)}
	for _, name := range kept {
		if name == "Vary" && res.Request.Header.Get("Origin") == "" {
			continue // for pages alone
		}
		if value := res.Header.Get(name); value != "" {
			if name == "Allow" || name == "Access-Control-Allow-Methods" {
				methods := strings.FieldsFunc(value, func(c rune) bool { return c == ',' || c == ' ' })
				slices.Sort(methods)
				value = strings.Join(methods, ",")
			}
			out.headers = append(out.headers, name+": "+w.reverse(value))
		}
	}
	var short bytes.Buffer
	if json.Compact(&short, body) == nil {
		body = short.Bytes()
	}
	out.body = w.reverse(strings.TrimSpace(string(body)))
	if strings.HasPrefix(out.header("Content-Type"), "text/html") {
		out.body = "(a page)"
	}
	return out
}

func (w *worker) reverse(text string) string {
	if w.back == nil {
		return text
	}
	return w.back.Replace(text)
}

// until asks until the answer is what a step wants, and stays so: a worker that has just
// been told to restart something may not have begun.
func (w *worker) until(t *testing.T, s *step) {
	t.Helper()
	want := regexp.MustCompile(s.until)
	var got message
	times := 0
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); <-time.After(20 * time.Millisecond) {
		times++
		if got = w.ask(t, s.request); !want.MatchString(got.String()) {
			times = 0
		}
		if times == 4 {
			return
		}
	}
	t.Fatalf("%s: %s = %s, want %s within a minute", w.name, s.request.first, got, s.until)
}
