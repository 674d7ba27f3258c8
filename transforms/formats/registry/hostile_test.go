package registry

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/internal/confine"
	"github.com/suiro/suiro/transforms/formats/avro"
)

// hostile starts a server in the place of a registry.
func hostile(t *testing.T, answer http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(answer)
	t.Cleanup(s.Close)
	return s.URL
}

func messageOf(id byte) []byte { return []byte{0, 0, 0, 0, id, 2} }

func TestAnswersWithoutEndAreRefused(t *testing.T) {
	if !confine.Test(t, 512<<20) {
		return
	}
	long := strings.Repeat(" ", 1<<20)
	for name, answer := range map[string]http.HandlerFunc{
		"plain": func(w http.ResponseWriter, _ *http.Request) {
			for range 4096 { // 4 GiB
				if _, err := io.WriteString(w, long); err != nil {
					return
				}
			}
		},
		"gzip": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			z := gzip.NewWriter(w)
			for range 4096 {
				if _, err := io.WriteString(z, long); err != nil {
					return
				}
			}
		},
	} {
		m := mustOpen(t, false, map[string]string{"schema.registry.url": hostile(t, answer)})
		_, _, err := m.Decode(messageOf(1))
		if !errors.Is(err, avro.ErrSchema) || connect.IsRetriable(err) || !strings.Contains(err.Error(), "read schema 1") {
			t.Errorf("%s: %v, want a final error about schema 1", name, err)
		}
		s, v := accessValue()
		if _, err := m.Encode("t", s, v); !errors.Is(err, avro.ErrSchema) {
			t.Errorf("%s: %v, want an error about the schema", name, err)
		}
	}
	r, _ := registry(t) // a registry that behaves, beside them
	m := mustOpen(t, false, map[string]string{"schema.registry.url": r.URL()})
	s, v := accessValue()
	if _, err := m.Encode("t", s, v); err != nil {
		t.Error(err)
	}
}

func TestReferencesAreBounded(t *testing.T) {
	var requests atomic.Int64
	for name, version := range map[string]func() int{
		"without end": func() int { return int(requests.Load()) },
		"in a circle": func() int { return 1 },
	} {
		requests.Store(0)
		url := hostile(t, func(w http.ResponseWriter, _ *http.Request) {
			requests.Add(1)
			fmt.Fprintf(w, `{"schema":"\"int\"","references":[{"name":"x","subject":"a","version":%d}]}`, version())
		})
		m := mustOpen(t, false, map[string]string{"schema.registry.url": url})
		_, _, err := m.Decode(messageOf(1))
		if n := requests.Load(); n > maxReferences+2 {
			t.Errorf("%s: %d requests, want at most one for each of %d references", name, n, maxReferences)
		}
		if without := name == "without end"; without != errors.Is(err, errReferences) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestRegistryCannotSendRequestsElsewhere(t *testing.T) {
	var reached atomic.Int64
	other := hostile(t, func(http.ResponseWriter, *http.Request) { reached.Add(1) })
	url := hostile(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, other+"/internal", http.StatusTemporaryRedirect)
	})
	m := mustOpen(t, false, map[string]string{"schema.registry.url": url,
		"basic.auth.credentials.source": "USER_INFO", "basic.auth.user.info": "u:secret"})
	_, _, err := m.Decode(messageOf(1))
	if !connect.IsRetriable(err) || !strings.Contains(err.Error(), "another server") || reached.Load() != 0 {
		t.Errorf("a redirect to another server: %v, %d requests there; want an error and none", err, reached.Load())
	}
	url = hostile(t, func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/v1/") {
			io.WriteString(w, `{"schema":"\"int\""}`)
			return
		}
		http.Redirect(w, r, "/v1"+r.URL.Path, http.StatusFound)
	})
	m = mustOpen(t, false, map[string]string{"schema.registry.url": url})
	if _, v, err := m.Decode(messageOf(1)); err != nil || v != int32(1) {
		t.Errorf("a redirect on the same server: %v, %v, want 1", v, err)
	}
	url = hostile(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, r.URL.Path, http.StatusFound) })
	m = mustOpen(t, false, map[string]string{"schema.registry.url": url})
	if _, _, err := m.Decode(messageOf(1)); err == nil || !strings.Contains(err.Error(), "redirects") {
		t.Errorf("redirects in a circle: %v", err)
	}
}

// A server that is not a registry may send back all that it was sent.
func TestErrorsShowNoSecretAndNoLongAnswer(t *testing.T) {
	url := hostile(t, func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusUnauthorized)
		user, password, _ := r.BasicAuth()
		fmt.Fprintf(w, "you sent %s, %s:%s, %s", r.Header.Get("Authorization"), user, password, strings.Repeat("x", 1<<20))
	})
	for name, props := range map[string]map[string]string{
		"user": {"schema.registry.url": url, "basic.auth.credentials.source": "USER_INFO",
			"basic.auth.user.info": "somebody:s3cret"},
		"url": {"schema.registry.url": strings.Replace(url, "://", "://somebody:s3cret@", 1)},
		"token": {"schema.registry.url": url, "bearer.auth.credentials.source": "STATIC_TOKEN",
			"bearer.auth.token": "s3cret"},
	} {
		_, _, err := mustOpen(t, false, props).Decode(messageOf(1))
		if err == nil || len(err.Error()) > 2000 || !strings.Contains(err.Error(), "[hidden]") {
			t.Fatalf("%s: %.2000v, want a short error without the secret", name, err)
		}
		for _, secret := range []string{"s3cret", "c29tZWJvZHk6czNjcmV0"} {
			if strings.Contains(err.Error(), secret) {
				t.Errorf("%s: the error shows the secret: %v", name, err)
			}
		}
	}
}

func TestIDsThatNoMessageCanHaveAreRefused(t *testing.T) {
	s, v := accessValue()
	for _, id := range []string{"-1", "2147483648", "9223372036854775807"} {
		url := hostile(t, func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprintf(w, `{"id":%s,"version":1,"subject":"t-value","schema":"\"int\""}`, id)
		})
		for name, props := range map[string]map[string]string{
			"register": {},
			"look up":  {"auto.register.schemas": "false"},
			"latest":   {"auto.register.schemas": "false", "use.latest.version": "true"},
		} {
			props["schema.registry.url"] = url
			if raw, err := mustOpen(t, false, props).Encode("t", s, v); err == nil || !connect.IsRetriable(err) {
				t.Errorf("%s, id %s: %v, %v, want an error that is retriable", name, id, raw, err)
			}
		}
	}
}

func TestAnswersThatAreNotOfARegistryAreRetriable(t *testing.T) {
	for name, answer := range map[string]string{
		"HTML": "<html>" + strings.Repeat("<p>sign in</p>", 10_000), "nothing": "", "null": "null",
		"a number": strings.Repeat("9", 100_000),
	} {
		url := hostile(t, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, answer) })
		_, _, err := mustOpen(t, false, map[string]string{"schema.registry.url": url}).Decode(messageOf(1))
		if err == nil || len(err.Error()) > 1000 {
			t.Errorf("%s: %.1000v, want a short error", name, err)
		}
	}
}
