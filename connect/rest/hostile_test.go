package rest_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/suiro/suiro/connect/herder/api"
	"github.com/suiro/suiro/connect/herder/standalone"
	"github.com/suiro/suiro/connect/plan"
	"github.com/suiro/suiro/connect/rest"
	"github.com/twmb/franz-go/pkg/kfake"
)

// newAPI is the API of a worker without connectors.
func newAPI(t testing.TB) http.Handler {
	t.Helper()
	cfg, err := plan.ParseConfig(map[string]string{"key.converter": "Text", "value.converter": "Text",
		"offset.storage.file.filename": "f"})
	if err != nil {
		t.Fatal(err)
	}
	h, err := standalone.New(cfg, testPlugins(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return rest.New(h, nil)
}

// get asks for a path as it is written.
func get(h http.Handler, method, path string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "/", nil)
	if u, err := url.ParseRequestURI(path); err == nil {
		r.URL = u
	}
	r.RequestURI = path
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// A name has any character, escaped, and is the whole segment.
func TestNamesInPathsAreWhole(t *testing.T) {
	h := newAPI(t)
	for path, want := range map[string]string{
		"/connectors/a":               "Connector a not found",
		"/connectors/a/":              "Connector a not found",
		"/connectors/a%2F":            "Connector a/ not found",
		"/connectors/%2Fa":            "Connector /a not found",
		"/connectors/a%2Fb":           "Connector a/b not found",
		"/connectors/a%2fstatus":      "Connector a/status not found",
		"/connectors/%2e%2e":          "Connector .. not found",
		"/connectors/%2E":             "Connector . not found",
		"/connectors/a%00":            "Connector a\x00 not found",
		"/connectors/a%20b+c":         "Connector a b+c not found",
		"/connectors/%25%32%46":       "Connector %2F not found",
		"/connectors/a%3Fb%23c":       "Connector a?b#c not found",
		"/connectors/%F0%9F%90%8C":    "Connector 🐌 not found",
		"/connectors/a%ff":            "HTTP 404 Not Found",
		"/connectors/%C0%AE":          "HTTP 404 Not Found",
		"/connectors//":               "HTTP 404 Not Found",
		"//connectors":                "HTTP 404 Not Found",
		"/connectors//a":              "HTTP 404 Not Found",
		"/connectors/a//":             "HTTP 404 Not Found",
		"/connectors/../connectors/a": "HTTP 404 Not Found",
		"/connectors/./a":             "HTTP 404 Not Found",
		"/connectors/a/..":            "HTTP 404 Not Found",
		"/connectors%2Fa":             "HTTP 404 Not Found",
		"/%2e%2e/connectors":          "HTTP 404 Not Found",
		"/connectors/{c}":             "Connector {c} not found",
	} {
		w := get(h, http.MethodGet, path)
		var answer api.ErrorMessage
		if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil || w.Code != 404 || answer.Message != want {
			t.Errorf("GET %s = %d %q, want 404 %q", path, w.Code, w.Body, want)
		}
	}
}

func TestUnknownMethodsAreToldTheKnownOnes(t *testing.T) {
	h := newAPI(t)
	for _, method := range []string{"TRACE", "CONNECT", "PROPFIND", "get", "DELETE"} {
		w := get(h, method, "/connectors")
		if got := w.Header().Get("Allow"); w.Code != http.StatusMethodNotAllowed || got != "HEAD,POST,GET,OPTIONS" {
			t.Errorf("%s /connectors = %d with Allow %q, want 405 with HEAD,POST,GET,OPTIONS", method, w.Code, got)
		}
	}
}

// validate sends a body to the path that takes configurations.
func validate(h http.Handler, body, kind string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPut, "/connector-plugins/TestSource/config/validate", strings.NewReader(body))
	r.Header.Set("Content-Type", kind)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestHostileBodiesAreRefused(t *testing.T) {
	const config = `{"connector.class":"TestSource","name":"x","topic":"t"`
	h := newAPI(t)
	keys := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, `,"k%d":1`, i)
		}
		return config + b.String() + "}"
	}
	for name, c := range map[string]struct {
		body string
		code int
		want string
	}{
		"right":            {config + "}\n", 200, ""},
		"twice":            {config + `,"topic":"other"}`, 400, `\"topic\" is there twice`},
		"twice escaped":    {config + `,"t\u006fpic":"other"}`, 400, `\"topic\" is there twice`},
		"trailing garbage": {config + "}{}", 400, "something after the JSON"},
		"trailing word":    {config + "} x", 400, "something after the JSON"},
		"cut":              {config, 400, "not complete"},
		"deep":             {strings.Repeat(`{"a":`, 100_000), 400, ""},
		"deep lists":       {config + `,"a":` + strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000) + "}", 400, ""},
		"nested":           {config + `,"a":{"b":1}}`, 400, "must be a string"},
		"list":             {"[" + config + "}]", 400, "a JSON object is expected"},
		"many keys":        {keys(50_000), 400, "more than 2000 keys"},
		"many transforms": {config + `,"transforms":"` + strings.Repeat("a,", 100_000) + `a"}`, 200,
			"must be 200 at most"},
		"long class": {`{"connector.class":"` + strings.Repeat("TestSource", 50_000) + `"}`, 400, "Failed to find any class"},
		"too long":   {config + `,"a":"` + strings.Repeat("x", 2<<20) + `"}`, 413, ""},
		"NUL":        {"\x00" + config + "}", 400, ""},
	} {
		w := validate(h, c.body, "application/json")
		if w.Code != c.code || !strings.Contains(w.Body.String(), c.want) {
			t.Errorf("%s: %d %.200s, want %d with %q", name, w.Code, w.Body, c.code, c.want)
		}
	}
	for _, kind := range []string{"text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "",
		"application/json, text/plain", "text/plain; application/json"} {
		if w := validate(h, config+"}", kind); w.Code != http.StatusUnsupportedMediaType {
			t.Errorf("Content-Type %q is answered with %d, want 415", kind, w.Code)
		}
	}
}

// Names that clients invent for loggers do not add up.
func TestLoggersAreBounded(t *testing.T) {
	h := newAPI(t)
	refused := 0
	for i := range 2000 {
		r := httptest.NewRequest(http.MethodPut, fmt.Sprintf("/admin/loggers/l%d", i), strings.NewReader(`{"level":"INFO"}`))
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code == http.StatusBadRequest {
			refused++
		}
	}
	if refused < 1000 {
		t.Errorf("%d of 2000 new loggers are refused, want 1000 at least", refused)
	}
}

// Whatever the path, it is answered with JSON or by a redirect to nowhere, and a name
// that is found in it is UTF-8.
func FuzzPath(f *testing.F) {
	for _, seed := range []string{"/connectors/a%2F", "//", "/connectors/%ff/status", "/connectors/..%2f..", "/admin/loggers/%00"} {
		f.Add(seed)
	}
	h := newAPI(f)
	f.Fuzz(func(t *testing.T, path string) {
		w := get(h, http.MethodGet, path)
		if w.Code >= 300 && w.Code < 400 || w.Code >= 500 && w.Code != http.StatusServiceUnavailable || !utf8.Valid(w.Body.Bytes()) {
			t.Errorf("GET %q = %d %q", path, w.Code, w.Body)
		}
	})
}

// A body that is taken has each key once.
func FuzzBody(f *testing.F) {
	for _, seed := range []string{`{"a":1,"a":2}`, `{"connector.class":"TestSource","topic":null}`, `{"a":[1]}`, `{"transforms":"a,a"}`} {
		f.Add(seed)
	}
	h := newAPI(f)
	f.Fuzz(func(t *testing.T, body string) {
		if w := validate(h, body, "application/json"); w.Code != 200 && w.Code != 400 && w.Code != 413 {
			t.Errorf("%q is answered with %d %s", body, w.Code, w.Body)
		}
	})
}

// What is made and changed by a body is refused with 400 or done, and never by accident.
func FuzzChanges(f *testing.F) {
	for _, seed := range []string{`{"name":"a","config":{"connector.class":"TestSource","topic":"lines"},"initial_state":"stopped"}`,
		`{"name":null,"config":{}}`, `{"offsets":[{"partition":{"a":1e400},"offset":null}]}`, `{"offsets":[[]]}`,
		`{"offsets":[{"partition":{"a":{"b":[18446744073709551616]}},"offset":{}}]}`, `{"topic":null,"tasks.max":1}`} {
		f.Add(seed)
	}
	k, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(1, "lines"))
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(k.Close)
	s := &server{kafka: k.ListenAddrs()[0], dir: f.TempDir()}
	if err := s.start(nil); err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = s.h.Stop(context.Background()) })
	h := s.handler
	made := send(h, http.MethodPost, "/connectors",
		`{"name":"fuzzed","config":{"connector.class":"TestSource","topic":"lines"},"initial_state":"STOPPED"}`)
	if made.Code != http.StatusCreated {
		f.Fatalf("POST /connectors = %d %s", made.Code, made.Body)
	}
	f.Fuzz(func(t *testing.T, body string) {
		for _, c := range [][2]string{{http.MethodPost, "/connectors"}, {http.MethodPatch, "/connectors/fuzzed/config"},
			{http.MethodPatch, "/connectors/fuzzed/offsets"}} {
			w := send(h, c[0], c[1], body)
			if w.Code != 200 && w.Code != 201 && w.Code != 400 && w.Code != 409 && w.Code != 413 || !utf8.Valid(w.Body.Bytes()) {
				t.Errorf("%s %s with %q = %d %s", c[0], c[1], body, w.Code, w.Body)
			}
		}
	})
}
