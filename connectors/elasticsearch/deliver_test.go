package elasticsearch

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/suiro/suiro/connect/connecttest"
)

func TestOnlyRefusedItemsAreSentAgain(t *testing.T) {
	f := newFakeES(t)
	f.onItem = func(n int, op fakeOp) *itemResult {
		if n <= 2 && op.doc["n"].(float64) >= 8 {
			return &itemResult{429, &itemError{Type: "es_rejected_execution_exception", Reason: "queue full"}}
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
	slow := make(chan struct{})
	time.AfterFunc(100*time.Millisecond, func() { close(slow) })
	f.onBulk = func(n int, _ []fakeOp) *fault { return &fault{hang: slow, status: 200, apply: true} }
	s := startSink(t, f, "read.timeout.ms", "10")
	s.Put(connecttest.Records(p0, 0, `{"a":1}`)...)
	waitFor(t, "the document", func() bool { return len(f.live("access")) == 1 })
	s.Stop()
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
	f.onItem = func(_ int, op fakeOp) *itemResult {
		if op.doc["n"] == 1.0 {
			return &itemResult{500, &itemError{Type: "null_pointer_exception", Reason: "oops"}}
		}
		return nil
	}
	s := startSink(t, f)
	s.Put(connecttest.Records(p0, 0, numbered(0, 3)...)...)
	waitCommit(t, s, p0, 3)
	wantReport(t, s, 1, "500", "null_pointer_exception", "oops")
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
	f.onItem = func(_ int, op fakeOp) *itemResult {
		doc, _ := op.doc["doc"].(map[string]any)
		if doc["a"] == 1.0 && !failed {
			failed = true
			return &itemResult{429, &itemError{Type: "es_rejected_execution_exception"}}
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
