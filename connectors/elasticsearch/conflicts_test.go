package elasticsearch

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/connecttest"
	"github.com/suiro/suiro/connect/sinkkit"
	"github.com/suiro/suiro/connectors/elasticsearch/internal/cluster"
	"github.com/suiro/suiro/connectors/elasticsearch/internal/metrics"
)

var p1 = connect.TopicPartition{Topic: "Access", Partition: 1}

// wantCounts checks a task's counters.
func wantCounts(t *testing.T, s *connecttest.Sink, written, conflicts, rejected float64) {
	t.Helper()
	w, c, r := metric(t, s, "documents_written_total"), metric(t, s, "version_conflicts_total"),
		metric(t, s, "records_rejected_total")
	if w != written || c != conflicts || r != rejected {
		t.Errorf("written %v, conflicts %v, rejected %v, want %v, %v and %v", w, c, r, written, conflicts, rejected)
	}
}

func TestOlderVersionsAreNotCountedAsWritten(t *testing.T) {
	for _, c := range []struct {
		behavior  string
		reports   int
		rejected  float64
		deletions bool
	}{{"ignore", 0, 0, false}, {"warn", 0, 0, false}, {"fail", 2, 2, false}, {"fail", 2, 2, true}} {
		f := newFakeES(t)
		old := startSink(t, f, "key.ignore", "false")
		old.Put(keyed(p0, 500, "k", `{"n":500}`)) // of the topic before it was created again
		waitCommit(t, old, p0, 501)
		s := startSink(t, f, "key.ignore", "false", "behavior.on.null.values", "delete",
			"behavior.on.version.conflicts", c.behavior)
		second := `{"n":1}`
		if c.deletions {
			second = ""
		}
		s.Put(keyed(p0, 0, "k", `{"n":0}`), keyed(p0, 1, "k", second))
		waitCommit(t, s, p0, 2)
		if got, want := f.live("access")["k"], `{"n":500}`; got != want {
			t.Errorf("%+v: document = %s, want %s", c, got, want)
		}
		wantCounts(t, s, 0, 2, c.rejected)
		if got := s.Context.Reports(); len(got) != c.reports {
			t.Errorf("%+v: %d reports, want %d", c, len(got), c.reports)
		}
		for _, r := range s.Context.Reports() {
			if reason := r.Reason.Error(); !strings.Contains(reason, "status 409: version_conflict_engine_exception") {
				t.Errorf("reason = %s, want the conflict in it", reason)
			}
		}
	}
}

func TestKeyInAnotherIndexReplacesNothing(t *testing.T) {
	f := newFakeES(t)
	f.create("x-2026.01.01")
	f.docs["x-2026.01.01"]["k"] = fakeDoc{source: map[string]any{"n": 500.0}, version: 500}
	s := startSink(t, f, "key.ignore", "false", "index.name.format", "x-${timestamp}")
	old, next := keyed(p0, 0, "k", `{"n":0}`), keyed(p0, 1, "k", `{"n":1}`)
	old.Timestamp, next.Timestamp = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)
	s.Put(old, next)
	waitCommit(t, s, p0, 2)
	wantCounts(t, s, 1, 1, 0)
}

// A cluster that needs longer than read.timeout.ms to compare documents gets it.
func TestComparingDocumentsIsGivenTime(t *testing.T) {
	f := newFakeES(t)
	f.slowReads = 100 * time.Millisecond
	props := []string{"data.stream.type", "logs", "data.stream.dataset", "web", "read.timeout.ms", "20"}
	for range 2 {
		s := startSink(t, f, props...)
		r := keyed(p0, 0, "", `{"n":1}`)
		r.Timestamp = time.UnixMilli(1)
		s.Put(r)
		waitCommit(t, s, p0, 1)
		wantCounts(t, s, 1, 0, 0)
		s.Stop()
	}
}

func TestOneKeyInTwoPartitionsIsAConflict(t *testing.T) {
	f := newFakeES(t)
	s := startSink(t, f, "key.ignore", "false", "behavior.on.version.conflicts", "fail")
	s.Open(p1)
	s.Put(keyed(p0, 9, "k", `{"n":9}`))
	waitCommit(t, s, p0, 10)
	s.Put(keyed(p1, 3, "k", `{"n":3}`), keyed(p1, 4, "other", `{"n":4}`))
	waitCommit(t, s, p1, 5)
	wantCounts(t, s, 2, 1, 1)
	if got := s.Context.Reports(); len(got) != 1 || got[0].Record.Offset != 3 {
		t.Errorf("reports = %v, want one of offset 3", got)
	}
}

func TestTheSameVersionIsAReplay(t *testing.T) {
	f := newFakeES(t)
	for range 2 {
		s := startSink(t, f, "key.ignore", "false", "behavior.on.null.values", "delete",
			"behavior.on.version.conflicts", "fail")
		s.Put(keyed(p0, 0, "k", `{"n":0}`), keyed(p0, 1, "k", `{"n":1}`), keyed(p0, 2, "gone", `{"n":2}`),
			keyed(p0, 3, "gone", ""), keyed(p0, 4, "never", ""))
		waitCommit(t, s, p0, 5)
		wantCounts(t, s, 5, 0, 0)
		s.Stop()
	}
	if got := f.live("access"); len(got) != 1 || got["k"] != `{"n":1}` {
		t.Errorf("documents = %v, want k with its last value", got)
	}
}

func TestDataStreamsKeepTheFirstOfAKey(t *testing.T) {
	f := newFakeES(t)
	for run := range 2 {
		s := startSink(t, f, "key.ignore", "false", "data.stream.type", "logs", "data.stream.dataset", "web",
			"data.stream.timestamp.field", "t", "behavior.on.version.conflicts", "fail")
		s.Put(keyed(p0, 0, "k", `{"t":1, "n":0}`), keyed(p0, 1, "k", `{"t":2,"n":1}`), keyed(p0, 2, "l", `{"t":3,"n":2}`))
		waitCommit(t, s, p0, 3)
		wantCounts(t, s, 2, 1, 1)
		if got := s.Context.Reports(); len(got) != 1 || got[0].Record.Offset != 1 {
			t.Errorf("run %d: reports = %v, want one of offset 1", run, got)
		}
		s.Stop()
	}
}

func TestDocumentThatCannotBeReadIsNotTakenForAReplay(t *testing.T) {
	f := newFakeES(t)
	conflict := &cluster.ItemResult{Status: 409, Error: &cluster.ItemError{Type: "version_conflict_engine_exception",
		Index: "elsewhere"}}
	f.onItem = func(int, fakeOp) *cluster.ItemResult { return conflict }
	s := startSink(t, f, "data.stream.type", "logs", "data.stream.dataset", "web", "data.stream.timestamp.field", "t")
	s.Put(connecttest.Records(p0, 0, `{"t":1}`)...)
	waitCommit(t, s, p0, 1)
	wantCounts(t, s, 0, 1, 0)
}

func TestConflictsAreToldOnceOfEachKind(t *testing.T) {
	var log bytes.Buffer
	rf := &refusals{settings: settingsOf(t), tc: connecttest.NewSinkContext(), log: slog.New(slog.NewTextHandler(&log, nil)),
		metrics: metrics.New(nil, func() metrics.Now { return metrics.Now{} }), fail: func(err error) { t.Error(err) },
		budget: sinkkit.NewBudget(connecttest.NewSinkContext(), sinkkit.Load{})}
	part := &partition{}
	for offset := range int64(3) {
		for _, versioned := range []bool{true, false} {
			it := &item{record: keyed(p0, offset, "k", "{}"), part: part, pending: part.prefix.Add(offset), versioned: versioned}
			rf.conflict(it, &cluster.ItemResult{Status: 409, Error: &cluster.ItemError{Type: "version_conflict_engine_exception",
				Reason: "[my key]: version conflict, current version [9] is higher"}})
		}
	}
	text := log.String()
	if got := strings.Count(text, "level=WARN"); got != 2 {
		t.Errorf("%d warnings, want 2:\n%s", got, text)
	}
	for _, want := range []string{"a newer version of a document", "another document under the id", "record=Access-0@0",
		"version conflict, current version [9] is higher"} {
		if !strings.Contains(text, want) {
			t.Errorf("log = %s, want %q in it", text, want)
		}
	}
	if strings.Contains(text, "my key") {
		t.Errorf("log = %s, want nothing of the key", text)
	}
	if got := part.prefix.Safe(3); got != 3 || testutil.ToFloat64(rf.metrics.Conflicts) != 6 {
		t.Errorf("safe offset %d with %v conflicts, want 3 and 6", got, testutil.ToFloat64(rf.metrics.Conflicts))
	}
}
