package elasticsearch

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/suiro/suiro/connect/connecttest"
	"github.com/suiro/suiro/connectors/elasticsearch/internal/cluster"
)

func TestOnlyRefusedItemsAreSentAgain(t *testing.T) {
	f := newFakeES(t)
	f.onItem = func(n int, op fakeOp) *cluster.ItemResult {
		if n <= 2 && op.doc["n"].(float64) >= 8 {
			full := &cluster.ItemError{Type: "es_rejected_execution_exception", Reason: "queue full"}
			return &cluster.ItemResult{Status: 429, Error: full}
		}
		return nil
	}
	s := startSink(t, f)
	s.Put(connecttest.Records(p0, 0, numbered(0, 10)...)...)
	waitCommit(t, s, p0, 10)
	var sizes []int
	for _, b := range f.bulks {
		sizes = append(sizes, len(b))
	}
	if got, want := fmt.Sprint(sizes), "[10 2 2]"; got != want {
		t.Errorf("items per request = %s, want %s", got, want)
	}
	if got := len(f.live("access")); got != 10 {
		t.Errorf("documents = %d, want 10", got)
	}
}

func TestWholeRequestFailuresAreRetried(t *testing.T) {
	for name, ft := range map[string]*fault{
		"429":                    {status: 429, kind: "es_rejected_execution_exception"},
		"503":                    {status: 503},
		"502":                    {status: 502},
		"504 after applying":     {status: 504, apply: true},
		"dropped":                {drop: true},
		"dropped after applying": {drop: true, apply: true},
		"flood stage":            {status: 403, kind: "cluster_block_exception"},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFakeES(t)
			f.onBulk = func(n int, _ []fakeOp) *fault {
				if n <= 3 {
					return ft
				}
				return nil
			}
			s := startSink(t, f)
			s.Put(connecttest.Records(p0, 0, numbered(0, 10)...)...)
			waitCommit(t, s, p0, 10)
			if got := len(f.live("access")); got != 10 {
				t.Errorf("documents = %d, want 10", got)
			}
			if got := len(s.Context.Reports()); got != 0 {
				t.Errorf("reports = %d, want none", got)
			}
		})
	}
}

func TestTooLongRequestsAreSplit(t *testing.T) {
	f := newFakeES(t)
	f.maxBody = 400
	s := startSink(t, f)
	values := numbered(0, 20)
	values[11] = `{"n":"` + strings.Repeat("x", 500) + `"}`
	s.Put(connecttest.Records(p0, 0, values...)...)
	waitCommit(t, s, p0, 20)
	if got := len(f.live("access")); got != 19 {
		t.Errorf("documents = %d, want 19", got)
	}
	wantReport(t, s, 11, "413", "", "")
}

func TestBodiesThatAreCutOffAreSplit(t *testing.T) {
	f := newFakeES(t)
	f.onBulk = func(_ int, ops []fakeOp) *fault {
		if len(ops) > 6 {
			return &fault{drop: true}
		}
		return nil
	}
	s := startSink(t, f)
	s.Put(connecttest.Records(p0, 0, numbered(0, 20)...)...)
	waitCommit(t, s, p0, 20)
	if got := len(f.live("access")); got != 20 {
		t.Errorf("documents = %d, want 20", got)
	}
}

// A request beyond the memory that Elasticsearch gives to requests is refused
// like one that comes too soon.
func TestRequestsThatNeverFitAreSplit(t *testing.T) {
	f := newFakeES(t)
	f.onBulk = func(_ int, ops []fakeOp) *fault {
		if len(ops) > 6 {
			return &fault{status: 429, kind: "circuit_breaking_exception"}
		}
		return nil
	}
	s := startSink(t, f)
	s.Put(connecttest.Records(p0, 0, numbered(0, 20)...)...)
	waitCommit(t, s, p0, 20)
	if got := len(f.live("access")); got != 20 {
		t.Errorf("documents = %d, want 20", got)
	}
}

func TestPoisonIsFoundByBisecting(t *testing.T) {
	f := newFakeES(t)
	s := startSink(t, f)
	values := numbered(0, 20)
	values[13] = `{"poison":true}`
	s.Put(connecttest.Records(p0, 0, values...)...)
	waitCommit(t, s, p0, 20)
	if got := len(f.live("access")); got != 19 {
		t.Errorf("documents = %d, want 19", got)
	}
	wantReport(t, s, 13, "400", "illegal_argument_exception", "poisoned")
}

func TestReadTimeoutGrowsForASlowCluster(t *testing.T) {
	f := newFakeES(t)
	f.onBulk = func(int, []fakeOp) *fault {
		slow := make(chan struct{})
		time.AfterFunc(100*time.Millisecond, func() { close(slow) })
		return &fault{hang: slow}
	}
	s := startSink(t, f, "read.timeout.ms", "10")
	s.Put(connecttest.Records(p0, 0, `{"a":1}`)...)
	waitCommit(t, s, p0, 1)
	if got := f.bulkCount(); got < 2 {
		t.Errorf("%d requests: none ran out of time, so the test proves nothing", got)
	}
}

func TestRetriesEndWhenBounded(t *testing.T) {
	f := newFakeES(t)
	f.onBulk = func(int, []fakeOp) *fault { return &fault{status: 503, kind: "unavailable"} }
	s := startSink(t, f, "max.retries", "3")
	s.Put(connecttest.Records(p0, 0, `{"a":1}`)...)
	waitFor(t, "the task to fail", func() bool { return s.TryPut() != nil })
	got, want := s.TryPut().Error(), "still refused after 3 retries (max.retries): status 503"
	if !strings.Contains(got, want) {
		t.Errorf("error = %q, want %q in it", got, want)
	}
	if got := f.bulkCount(); got != 4 {
		t.Errorf("requests = %d, want 4", got)
	}
}

func TestDocumentThatBreaksTheServerIsRejectedInTheEnd(t *testing.T) {
	f := newFakeES(t)
	f.onItem = func(_ int, op fakeOp) *cluster.ItemResult {
		if op.doc["n"] == 1.0 {
			return &cluster.ItemResult{Status: 500, Error: &cluster.ItemError{Type: "null_pointer_exception", Reason: "oops"}}
		}
		return nil
	}
	s := startSink(t, f)
	s.Put(connecttest.Records(p0, 0, numbered(0, 3)...)...)
	waitCommit(t, s, p0, 3)
	wantReport(t, s, 1, "500", "null_pointer_exception", "oops")
}

func TestNoDocumentIsBlamedForTheIndexOrTheCluster(t *testing.T) {
	for kind, status := range map[string]int{
		"cluster_block_exception": 403, "index_closed_exception": 400, "validation_exception": 400,
		"node_not_connected_exception": 500, "es_rejected_execution_exception": 429, "unavailable_shards_exception": 503,
	} {
		t.Run(kind, func(t *testing.T) {
			f := newFakeES(t)
			failures := 2
			if status == 500 {
				failures = maxFaults + 1
			}
			f.onItem = func(n int, _ fakeOp) *cluster.ItemResult {
				if n <= failures {
					return &cluster.ItemResult{Status: status, Error: &cluster.ItemError{Type: kind, Reason: "for now"}}
				}
				return nil
			}
			s := startSink(t, f, "behavior.on.malformed.documents", "ignore")
			s.Put(connecttest.Records(p0, 0, numbered(0, 3)...)...)
			waitCommit(t, s, p0, 3)
			if docs, reports := len(f.live("access")), len(s.Context.Reports()); docs != 3 || reports != 0 {
				t.Errorf("%d documents and %d reports, want 3 and 0", docs, reports)
			}
		})
	}
}

func TestRefusalsThatAreAboutNoDocumentEndTheTask(t *testing.T) {
	for _, c := range []struct {
		name   string
		refuse http.HandlerFunc
		want   string
	}{
		{"a proxy in between", func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, "<html>The plain HTTP request was sent to HTTPS port", 400)
		}, "check connection.url and what is between"},
		{"a parameter of newer versions", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(400)
			fmt.Fprint(w, `{"error":{"type":"illegal_argument_exception","reason":`+
				`"request [/_bulk] contains unrecognized parameter: [require_data_stream]"},"status":400}`)
		}, "needs Elasticsearch 8.13 or newer"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFakeES(t)
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/_bulk" {
					c.refuse(w, r)
					return
				}
				f.ServeHTTP(w, r)
			}))
			defer server.Close()
			s := connecttest.StartSink(t, Plugin().Info, &SinkTask{}, quickly(server.URL))
			defer s.Stop()
			s.Open(p0)
			s.Put(connecttest.Records(p0, 0, numbered(0, 3)...)...)
			waitFor(t, "the task to fail", func() bool { return s.TryPut() != nil })
			if got := s.TryPut().Error(); !strings.Contains(got, c.want) || len(s.Context.Reports()) > 0 {
				t.Errorf("error = %q with %d reports, want %q in it and none", got, len(s.Context.Reports()), c.want)
			}
		})
	}
}

func TestMissingPrivilegeEndsTheTask(t *testing.T) {
	f := newFakeES(t)
	f.onItem = refuseAll(403, "security_exception")
	s := startSink(t, f)
	s.Put(connecttest.Records(p0, 0, `{"a":1}`)...)
	waitFor(t, "the task to fail", func() bool { return s.TryPut() != nil })
	if got := s.TryPut().Error(); !strings.Contains(got, "privileges") {
		t.Errorf("error = %q, want the missing privileges named", got)
	}
	if got := len(s.Context.Reports()); got != 0 {
		t.Errorf("reports = %d, want none: the document is not at fault", got)
	}
}

func TestUpsertsMergeInOrderThroughPartialFailure(t *testing.T) {
	f := newFakeES(t)
	failed := false
	f.onItem = func(_ int, op fakeOp) *cluster.ItemResult {
		doc, _ := op.doc["doc"].(map[string]any)
		if doc["a"] == 1.0 && !failed {
			failed = true
			return &cluster.ItemResult{Status: 429, Error: &cluster.ItemError{Type: "es_rejected_execution_exception"}}
		}
		return nil
	}
	s := startSink(t, f, "key.ignore", "false", "write.method", "upsert")
	s.Put(keyed(p0, 0, "k", `{"a":1,"x":1}`), keyed(p0, 1, "k", `{"a":2}`), keyed(p0, 2, "k", `{"b":3}`))
	waitCommit(t, s, p0, 3)
	if got, want := f.live("access")["k"], `{"a":2,"b":3,"x":1}`; got != want {
		t.Errorf("document = %s, want %s: the later record must win", got, want)
	}
}

func TestDeleteAmongUpsertsSurvivesAReplay(t *testing.T) {
	f := newFakeES(t)
	for range 2 {
		s := startSink(t, f, "key.ignore", "false", "write.method", "upsert", "behavior.on.null.values", "delete")
		for i := range int64(3) {
			s.Put(keyed(p0, i, "k", `{"n":1}`))
		}
		s.Put(keyed(p0, 3, "k", ""))
		waitCommit(t, s, p0, 4)
		s.Stop()
		if got := len(f.live("access")); got != 0 {
			t.Errorf("documents = %d, want none", got)
		}
	}
}

func TestMissingIndexIsCreated(t *testing.T) {
	f := newFakeES(t)
	f.strict = true
	s := startSink(t, f)
	s.Put(connecttest.Records(p0, 0, `{"a":1}`)...)
	waitCommit(t, s, p0, 1)
	if got := len(f.live("access")); got != 1 {
		t.Errorf("documents = %d, want 1", got)
	}
	s = startSink(t, f, "external.resource.usage", "index", "topic.to.external.resource.mapping", "Access:nowhere")
	s.Put(connecttest.Records(p0, 0, `{"a":1}`)...)
	waitFor(t, "the task to fail", func() bool { return s.TryPut() != nil })
	if got, want := s.TryPut().Error(), "nowhere does not exist"; !strings.Contains(got, want) {
		t.Errorf("error = %q, want %q in it", got, want)
	}
}
