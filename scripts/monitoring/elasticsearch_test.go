package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
)

// fakeElasticsearch takes every document, except those that hold the word
// "refuse". While it is away it breaks every connection.
type fakeElasticsearch struct {
	url  string
	away atomic.Bool
}

func startElasticsearch(t *testing.T) *fakeElasticsearch {
	f := &fakeElasticsearch{}
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	f.url = server.URL
	return f
}

// ServeHTTP implements http.Handler.
func (f *fakeElasticsearch) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil || f.away.Load() {
		panic(http.ErrAbortHandler)
	}
	w.Header().Set("X-Elastic-Product", "Elasticsearch")
	w.Header().Set("Content-Type", "application/json")
	switch {
	case r.URL.Path == "/":
		fmt.Fprint(w, `{"version":{"number":"8.19.0"}}`)
	case r.URL.Path == "/_bulk":
		json.NewEncoder(w).Encode(map[string]any{"errors": bytes.Contains(body, []byte("refuse")), "items": items(body)})
	case strings.HasSuffix(r.URL.Path, "/_mapping") && r.Method == http.MethodGet:
		fmt.Fprintf(w, `{"%s":{"mappings":{}}}`, strings.Split(r.URL.Path, "/")[1])
	default:
		fmt.Fprint(w, `{"acknowledged":true}`)
	}
}

// items answers a bulk body: pairs of an action and a document.
func items(body []byte) []any {
	var out []any
	lines := bytes.Split(bytes.TrimSpace(body), []byte("\n"))
	for i := 0; i+1 < len(lines); i += 2 {
		var action map[string]struct {
			Index string `json:"_index"`
			ID    string `json:"_id"`
		}
		if json.Unmarshal(lines[i], &action) != nil {
			panic(http.ErrAbortHandler)
		}
		for kind, on := range action {
			result := map[string]any{"_index": on.Index, "_id": on.ID, "status": 201, "result": "created", "_version": 1}
			if bytes.Contains(lines[i+1], []byte("refuse")) {
				result["status"] = 400
				result["error"] = map[string]any{"type": "document_parsing_exception", "reason": "refused"}
			}
			out = append(out, map[string]any{kind: result})
		}
	}
	return out
}
