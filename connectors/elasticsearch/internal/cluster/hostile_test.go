package cluster

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/elastic/go-elasticsearch/v8/esapi"

	"github.com/suiro/suiro/internal/confine"
)

// clientOf returns a client of a server that answers with h.
func clientOf(t *testing.T, h http.HandlerFunc) *Client {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	u, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	c, err := New(&Options{URLs: []*url.URL{u}, APIKey: "secret", ConnectTimeout: time.Second, ReadTimeout: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// endless writes a text over and over, until the client is gone.
func endless(w io.Writer, text string) {
	chunk := []byte(strings.Repeat(text, 1+64<<10/len(text)))
	for {
		if _, err := w.Write(chunk); err != nil {
			return
		}
	}
}

// However much comes, a client of 512 MiB says that it is too much.
func TestAnswersWithoutEndAreRefused(t *testing.T) {
	if !confine.Test(t, 512<<20) {
		return
	}
	for name, answer := range map[string]struct{ begin, rest string }{
		"items":         {`{"errors":true,"items":[`, `{"index":{"status":201}},`},
		"no errors":     {`{"errors":false,"items":[`, `{"index":{"status":201}},`},
		"a reason":      {`{"errors":true,"items":[{"index":{"status":400,"error":{"reason":"`, "a"},
		"a field":       {`{"other":[`, "1,"},
		"a name":        {`{"`, "a"},
		"nesting":       {`{"other":`, "["},
		"nothing":       {``, " "},
		"many failures": {`{"errors":true,"items":[`, `{"index":{"status":400,"error":{"type":"t","reason":"r"}}},`},
	} {
		for _, packed := range []bool{false, true} {
			c := clientOf(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("X-Elastic-Product", "Elasticsearch")
				out := io.Writer(w)
				if packed {
					w.Header().Set("Content-Encoding", "gzip")
					z := gzip.NewWriter(w)
					defer z.Close()
					out = z
				}
				_, _ = io.WriteString(out, answer.begin)
				endless(out, answer.rest)
			})
			results, err := c.Bulk(t.Context(), []byte("{}\n{}\n"), 2, esapi.BulkRequest{})
			if err == nil {
				t.Errorf("%s, packed %v: %d results, want an error", name, packed, len(results))
			}
		}
	}
}

func TestOtherAnswersHaveAnEnd(t *testing.T) {
	for name, ask := range map[string]func(*Client) error{
		"check":     func(c *Client) error { _, err := c.Check(context.Background()); return err },
		"mapping":   func(c *Client) error { _, err := c.Mapping(context.Background(), "a"); return err },
		"documents": func(c *Client) error { _, err := c.Documents(context.Background(), []DocumentRef{{}}, 0); return err },
		"create":    func(c *Client) error { return c.CreateIndex(context.Background(), "a", nil) },
	} {
		for _, status := range []int{200, 400} {
			c := clientOf(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("X-Elastic-Product", "Elasticsearch")
				w.WriteHeader(status)
				endless(w, `{"error":`)
			})
			if err := ask(c); err == nil || len(err.Error()) > 2*MaxReason {
				t.Errorf("%s, status %d: %.200v, want a short error", name, status, err)
			}
		}
	}
}

// A redirect would take the API key to a host of somebody's choice.
func TestRedirectsAreNotFollowed(t *testing.T) {
	var elsewhere atomic.Int32
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere.Add(1) }))
	defer other.Close()
	for _, status := range []int{301, 302, 303, 307, 308} {
		c := clientOf(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, other.URL, status) })
		_, err := c.Bulk(t.Context(), []byte("{}\n{}\n"), 1, esapi.BulkRequest{})
		var refused *StatusError
		if !errors.As(err, &refused) || refused.Status != status || strings.Contains(err.Error(), "secret") {
			t.Errorf("status %d: error %v, want one with the status", status, err)
		}
		if _, err := c.Check(t.Context()); err == nil {
			t.Errorf("status %d: a redirect passes for Elasticsearch", status)
		}
	}
	if n := elsewhere.Load(); n != 0 {
		t.Errorf("the other host got %d requests, want none", n)
	}
}

// A proxy or another server may say that all is well.
func TestOnlyElasticsearchIsBelieved(t *testing.T) {
	c := clientOf(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"errors":false,"items":[]}`) })
	if _, err := c.Bulk(t.Context(), []byte("{}\n{}\n"), 1, esapi.BulkRequest{}); err == nil {
		t.Error("documents are written, says an answer that is not one of Elasticsearch")
	}
}

// Names come from topics and from answers.
func TestNamesStayOnePartOfThePath(t *testing.T) {
	var paths []string
	c := clientOf(t, func(w http.ResponseWriter, r *http.Request) {
		paths = append(paths, r.URL.EscapedPath())
		w.Header().Set("X-Elastic-Product", "Elasticsearch")
		fmt.Fprint(w, "{}")
	})
	for _, name := range []string{"../_all", "a/b", "a?b=c", "a,b", "a#b", "%2e%2e"} {
		if err := c.CreateIndex(t.Context(), name, nil); err != nil {
			t.Fatal(err)
		}
		if got, want := paths[len(paths)-1], "/"+url.PathEscape(name); got != want {
			t.Errorf("name %q is sent as %s, want %s", name, got, want)
		}
	}
}

func TestCredentialsInTheClearAreNoticed(t *testing.T) {
	for address, want := range map[string]bool{"http://es1:9200": true, "https://es1:9200": false,
		"http://127.0.0.1:9200": false, "http://[::1]:9200": false, "http://localhost": false, "http://192.0.2.1": true} {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		if got := (&Options{URLs: []*url.URL{u}, APIKey: "k"}).InTheClear(); got != want {
			t.Errorf("key to %s in the clear: %v, want %v", address, got, want)
		}
		if (&Options{URLs: []*url.URL{u}}).InTheClear() {
			t.Errorf("nothing is sent to %s, and is in the clear", address)
		}
	}
}

// A cause may have a cause, and so on.
func TestCausesHaveAnEnd(t *testing.T) {
	const deep = 9000
	text := `{"errors":true,"items":[{"index":{"status":400,"error":` + strings.Repeat(`{"reason":"r","caused_by":`, deep) +
		`{}` + strings.Repeat("}", deep) + `}}]}`
	results, err := ParseAnswer(strings.NewReader(text), 1)
	if err != nil || results[0].Error.Cause != "r" {
		t.Errorf("results = %+v, %v, want the reason of a cause", results, err)
	}
}

func FuzzParseAnswer(f *testing.F) {
	for _, seed := range []string{`{"errors":true,"items":[{"index":{"_id":"a","status":400,"error":{"type":"t","reason":"r",` +
		`"caused_by":{"type":"c","reason":"d"}}}}]}`, `{"errors":false}`, `{"errors":true,"items":[null]}`,
		`{"errors":true,"items":[{"index":{"status":400,"error":"text"}}]}`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		results, err := ParseAnswer(strings.NewReader(text), 1)
		if err != nil || results == nil {
			return
		}
		if e := results[0].Error; len(results) != 1 || e != nil && (len(e.Text()) > MaxReason || len(e.Type) > MaxReason) {
			t.Errorf("results = %+v", results)
		}
	})
}
