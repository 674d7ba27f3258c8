package elasticsearch

import (
	"errors"
	"fmt"
	"maps"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/connecttest"
	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/connectors/elasticsearch/internal/cluster"
	"github.com/suiro/suiro/connectors/elasticsearch/internal/settings"
	"github.com/suiro/suiro/internal/kafka/kafkatest"
)

var p0 = connect.TopicPartition{Topic: "Access", Partition: 0}

// quickly are keys that make tests short; the given ones win.
func quickly(url string, more ...string) map[string]string {
	props := map[string]string{
		"connection.url": url, "key.ignore": "true", "schema.ignore": "true",
		"retry.backoff.ms": "1", "errors.tolerance": "all",
	}
	for i := 0; i+1 < len(more); i += 2 {
		props[more[i]] = more[i+1]
	}
	return props
}

// settingsOf returns the settings of a cluster that nobody asks.
func settingsOf(t testing.TB, more ...string) *settings.Settings {
	t.Helper()
	s, err := settings.New(connecttest.Parse(t, Plugin().Info, quickly("http://h:1", more...)))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

const accessDocument = `{"time":"2026-01-02T03:04:05+09:00","host":"192.0.2.17","method":"GET",` +
	`"uri":"/items/12345?ref=top","protocol":"HTTP/1.1","status":200,"size":5316,"reqtime":0.012,` +
	`"ua":"Mozilla/5.0 (X11; Linux x86_64)","cookie":{"uid":"0f3a9c","lang":"ja"},"server":"web-03"}`

func startSink(t *testing.T, f *fakeES, more ...string) *connecttest.Sink {
	t.Helper()
	props := quickly(f.server.URL, more...)
	sc := connecttest.NewSinkContext()
	sc.Tolerate(props["errors.tolerance"] != "none")
	s := connecttest.StartSinkWith(t, Plugin().Info, sc, &SinkTask{}, props)
	s.Open(p0)
	return s
}

// waitFor polls a condition until it holds or a deadline passes.
func waitFor(t *testing.T, what string, cond func() bool) {
	t.Helper()
	kafkatest.Eventually(t, what, cond)
}

func waitCommit(t *testing.T, s *connecttest.Sink, p connect.TopicPartition, want int64) {
	t.Helper()
	waitFor(t, fmt.Sprintf("offset %d of %v", want, p), func() bool { return s.Commit()[p] == want })
}

// numbered makes n JSON values {"n":first}, {"n":first+1}, …
func numbered(first, n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprintf(`{"n":%d}`, first+i)
	}
	return out
}

// keyed makes a record with a string key; an empty value is a tombstone.
func keyed(p connect.TopicPartition, offset int64, key, value string) *connect.SinkRecord {
	r := connecttest.Records(p, offset, value)[0]
	r.Key = connect.Undecoded(p.Topic, []byte(key), connecttest.Converter{Fmt: connect.FormatString})
	if value == "" {
		r.Value = connect.Undecoded(p.Topic, nil, connecttest.Converter{Fmt: connect.FormatJSON})
	}
	return r
}

func TestRecordsBecomeDocuments(t *testing.T) {
	f := newFakeES(t)
	s := startSink(t, f)
	s.Put(connecttest.Records(p0, 7, `{"a": 1 , "b":"é"}`, "{\n\"a\":2}\n")...)
	waitCommit(t, s, p0, 9)
	want := map[string]string{"Access+0+7": `{"a":1,"b":"é"}`, "Access+0+8": `{"a":2}`}
	if got := f.live("access"); !maps.Equal(got, want) {
		t.Errorf("documents = %v, want %v", got, want)
	}
	if got, want := f.bulks[0][0].raw, `{"a": 1 , "b":"é"}`; got != want {
		t.Errorf("line = %s, want the record's own bytes %s", got, want)
	}
}

func TestReplayAddsNothing(t *testing.T) {
	for _, keyIgnore := range []string{"true", "false"} {
		f := newFakeES(t)
		for range 2 {
			s := startSink(t, f, "key.ignore", keyIgnore)
			for i := range int64(5) {
				s.Put(keyed(p0, i, fmt.Sprintf("k%d", i%3), fmt.Sprintf(`{"n":%d}`, i)))
			}
			waitCommit(t, s, p0, 5)
			s.Stop()
		}
		want := map[string]string{"k0": `{"n":3}`, "k1": `{"n":4}`, "k2": `{"n":2}`}
		if keyIgnore == "true" {
			want = map[string]string{"Access+0+0": `{"n":0}`, "Access+0+1": `{"n":1}`, "Access+0+2": `{"n":2}`,
				"Access+0+3": `{"n":3}`, "Access+0+4": `{"n":4}`}
		}
		if got := f.live("access"); !maps.Equal(got, want) {
			t.Errorf("key.ignore=%s: documents = %v, want %v", keyIgnore, got, want)
		}
	}
}

// wantReport checks that exactly the record at offset was reported.
func wantReport(t *testing.T, s *connecttest.Sink, offset int64, status, kind, reason string) {
	t.Helper()
	reports := s.Context.Reports()
	if len(reports) != 1 || reports[0].Record.Offset != offset {
		t.Fatalf("reports = %v, want one of offset %d", reports, offset)
	}
	var r *connect.Reason
	if !errors.As(reports[0].Reason, &r) {
		t.Fatalf("reason is a %T, want a *connect.Reason", reports[0].Reason)
	}
	want := map[string]string{"__connect.errors.elasticsearch.status": status,
		"__connect.errors.elasticsearch.type": kind, "__connect.errors.elasticsearch.reason": reason}
	if !maps.Equal(r.Headers, want) {
		t.Errorf("headers = %v, want %v", r.Headers, want)
	}
}

func TestInvalidRecordsAreRejectedBeforeBatching(t *testing.T) {
	f := newFakeES(t)
	s := startSink(t, f)
	bad := []string{`{"a":`, "{\"a\":\"x\ny\"}", `[1]`, `"text"`, "{}\n{\"delete\":{\"_index\":\"x\",\"_id\":\"1\"}}"}
	s.Put(connecttest.Records(p0, 0, append([]string{`{"n":0}`}, bad...)...)...)
	s.Put(connecttest.Records(p0, 6, `{"n":6}`)...)
	waitCommit(t, s, p0, 7)
	if got := len(s.Context.Reports()); got != len(bad) {
		t.Errorf("reports = %d, want %d", got, len(bad))
	}
	if got := len(f.live("access")); got != 2 {
		t.Errorf("documents = %d, want 2", got)
	}
}

func TestBadRecordEndsTheTaskWhenNothingIsTolerated(t *testing.T) {
	f := newFakeES(t)
	s := startSink(t, f, "errors.tolerance", "none")
	err := s.TryPut(connecttest.Records(p0, 0, `{"a":`)...)
	if !errors.Is(err, connecttest.ErrNotTolerated) || !strings.Contains(err.Error(), "not a JSON object") {
		t.Errorf("Put = %v, want %v with the reason", err, connecttest.ErrNotTolerated)
	}
	s = startSink(t, f, "drop.invalid.message", "true", "errors.tolerance", "none")
	s.Put(connecttest.Records(p0, 0, `{"a":`)...)
	waitCommit(t, s, p0, 1)
}

func TestRefusedDocumentEndsTheTaskWhenNothingIsTolerated(t *testing.T) {
	f := newFakeES(t)
	f.onItem = refuseAll(400, "document_parsing_exception")
	s := startSink(t, f, "errors.tolerance", "none")
	s.Put(connecttest.Records(p0, 0, `{"a":1}`)...)
	waitFor(t, "the task to fail", func() bool { return errors.Is(s.TryPut(), connecttest.ErrNotTolerated) })
	if got := s.Commit()[p0]; got != 0 {
		t.Errorf("committed %d, want 0", got)
	}
}

func refuseAll(status int, kind string) func(int, fakeOp) *cluster.ItemResult {
	return func(int, fakeOp) *cluster.ItemResult {
		return &cluster.ItemResult{Status: status, Error: &cluster.ItemError{Type: kind, Reason: "no", Cause: "why"}}
	}
}

func TestMalformedDocumentsFollowTheirKey(t *testing.T) {
	for _, c := range []struct {
		behavior, tolerance string
		reports             int
	}{
		{"fail", "all", 1}, {"ignore", "all", 1}, {"warn", "all", 1}, {"ignore", "none", 0}, {"warn", "none", 0},
	} {
		f := newFakeES(t)
		f.onItem = refuseAll(400, "mapper_parsing_exception")
		s := startSink(t, f, "behavior.on.malformed.documents", c.behavior, "errors.tolerance", c.tolerance)
		s.Put(connecttest.Records(p0, 0, `{"a":1}`)...)
		waitCommit(t, s, p0, 1)
		if got := len(s.Context.Reports()); got != c.reports {
			t.Errorf("%+v: %d reports", c, got)
		}
	}
}

func TestOffsetWaitsForTheDeadLetter(t *testing.T) {
	f := newFakeES(t)
	s := startSink(t, f)
	s.Context.HoldReports()
	s.Put(connecttest.Records(p0, 0, `{"n":0}`, `oops`, `{"n":2}`)...)
	waitFor(t, "the documents", func() bool { return len(f.live("access")) == 2 })
	waitCommit(t, s, p0, 1)
	s.Context.AckReports(nil)
	waitCommit(t, s, p0, 3)
}

func TestLostDeadLetterEndsTheTask(t *testing.T) {
	s := startSink(t, newFakeES(t))
	s.Context.HoldReports()
	s.Put(connecttest.Records(p0, 0, `oops`)...)
	s.Context.AckReports(errors.New("queue is gone"))
	if err := s.TryPut(); err == nil || !strings.Contains(err.Error(), "queue is gone") {
		t.Errorf("Put = %v, want the queue's error", err)
	}
}

func TestTombstonesFollowTheirKey(t *testing.T) {
	for _, c := range []struct {
		behavior string
		live     int
		reports  int
	}{{"ignore", 1, 0}, {"delete", 0, 0}, {"fail", 1, 1}} {
		f := newFakeES(t)
		s := startSink(t, f, "key.ignore", "false", "behavior.on.null.values", c.behavior)
		s.Put(keyed(p0, 0, "k", `{"n":0}`), keyed(p0, 1, "k", ""), keyed(p0, 2, "other", ""))
		waitCommit(t, s, p0, 3)
		if c.behavior == "fail" {
			c.reports = 2
		}
		if live, reports := len(f.live("access")), len(s.Context.Reports()); live != c.live || reports != c.reports {
			t.Errorf("%s: %d documents and %d reports, want %d and %d", c.behavior, live, reports, c.live, c.reports)
		}
	}
}

func TestSlowClusterPausesAndNeverFails(t *testing.T) {
	f := newFakeES(t)
	hang := make(chan struct{})
	f.onBulk = func(n int, _ []fakeOp) *fault {
		select {
		case <-hang:
			return nil
		default:
			return &fault{hang: hang, status: 503}
		}
	}
	s := startSink(t, f, "max.buffered.records", "100", "batch.size", "10", "read.timeout.ms", "10000")
	for i := range 20 { // A Put that waited for Elasticsearch would never come back.
		s.Put(connecttest.Records(p0, int64(10*i), numbered(10*i, 10)...)...)
	}
	if !s.Context.Paused(p0) {
		t.Error("partition is not paused with 200 of 100 records buffered")
	}
	if got := s.Commit()[p0]; got != 0 {
		t.Errorf("committed %d before anything was written", got)
	}
	close(hang)
	waitCommit(t, s, p0, 200)
	waitFor(t, "the partition to be resumed", func() bool { return !s.Context.Paused(p0) })
	if got := len(f.live("access")); got != 200 {
		t.Errorf("documents = %d, want 200", got)
	}
}

func TestBufferIsBoundedInBytes(t *testing.T) {
	f := newFakeES(t)
	hang := make(chan struct{})
	defer close(hang)
	f.onBulk = func(int, []fakeOp) *fault { return &fault{hang: hang, status: 503} }
	long := connecttest.Records(p0, 0, `{"a":"`+strings.Repeat("x", 6000)+`"}`)[0]
	transformed := connecttest.Records(p0, 0, `{}`)[0]
	transformed.Original = &connect.Record{Value: connect.Undecoded("Access", make([]byte, 10000), nil)}
	for _, r := range []*connect.SinkRecord{long, transformed} {
		s := startSink(t, f, "max.buffered.bytes", "10000")
		s.Put(r)
		if !s.Context.Paused(p0) {
			t.Error("partition is not paused with more than 10,000 bytes buffered")
		}
	}
}

func TestFullBufferDoesNotWaitForMore(t *testing.T) {
	f := newFakeES(t)
	s := startSink(t, f, "linger.ms", "3600000", "max.buffered.records", "10")
	s.Put(connecttest.Records(p0, 0, numbered(0, 10)...)...)
	waitCommit(t, s, p0, 10)
	waitFor(t, "the partition to flow again", func() bool { return !s.Context.Paused(p0) })
}

func TestClosedPartitionsAreDropped(t *testing.T) {
	for _, lost := range []bool{false, true} {
		f := newFakeES(t)
		hang := make(chan struct{})
		entered := make(chan struct{}, 100)
		f.onBulk = func(n int, _ []fakeOp) *fault {
			if n > 1 {
				return nil
			}
			entered <- struct{}{}
			return &fault{hang: hang, apply: true, status: 503}
		}
		s := startSink(t, f, "max.in.flight.requests", "1", "batch.size", "2")
		p1 := connect.TopicPartition{Topic: "Access", Partition: 1}
		s.Open(p1)
		s.Put(connecttest.Records(p0, 0, numbered(0, 1)...)...)
		s.Put(connecttest.Records(p1, 0, numbered(0, 1)...)...)
		<-entered
		s.Put(connecttest.Records(p0, 1, numbered(1, 3)...)...)
		s.Put(connecttest.Records(p1, 1, numbered(1, 3)...)...)
		if !lost {
			time.AfterFunc(20*time.Millisecond, func() { close(hang) })
		}
		s.Close(lost, p0)
		waitCommit(t, s, p1, 4)
		for id := range f.live("access") {
			if strings.HasPrefix(id, "Access+0+") && id != "Access+0+0" {
				t.Errorf("lost=%v: %s was written after its partition was closed", lost, id)
			}
		}
		if lost {
			close(hang)
		}
		if n, size := metric(t, s, "buffered_records"), metric(t, s, "buffered_bytes"); n != 0 || size != 0 {
			t.Errorf("lost=%v: buffered = %v records, %v bytes, want none", lost, n, size)
		}
	}
}

func TestReopenedPartitionStartsAnew(t *testing.T) {
	f := newFakeES(t)
	s := startSink(t, f)
	s.Put(connecttest.Records(p0, 0, numbered(0, 3)...)...)
	waitCommit(t, s, p0, 3)
	s.Close(false, p0)
	s.Open(p0)
	s.Put(connecttest.Records(p0, 3, numbered(3, 2)...)...)
	waitCommit(t, s, p0, 5)
	if got := len(f.live("access")); got != 5 {
		t.Errorf("documents = %d, want 5", got)
	}
}

func TestDataStreamDocumentsAreCreatedWithTime(t *testing.T) {
	f := newFakeES(t)
	s := startSink(t, f, "data.stream.type", "logs", "data.stream.dataset", "web",
		"data.stream.timestamp.field", "time,at")
	at := time.UnixMilli(1700000000123)
	records := connecttest.Records(p0, 0, `{}`, `{"a":1}`, `{"at":"2026-01-02","time":5}`,
		`{"a":1,"@timestamp":7,"b":2}`)
	for _, r := range records {
		r.Timestamp = at
	}
	s.Put(append(records, connecttest.Records(p0, 4, `{"a":1}`)...)...)
	waitCommit(t, s, p0, 5)
	want := map[string]string{
		"Access+0+0": `{"@timestamp":1700000000123}`,
		"Access+0+1": `{"@timestamp":1700000000123,"a":1}`,
		"Access+0+2": `{"@timestamp":5,"at":"2026-01-02","time":5}`,
		"Access+0+3": `{"@timestamp":1700000000123,"a":1,"b":2}`,
	}
	got := f.live("logs-web-access")
	for id, doc := range got {
		got[id] = rounded(doc)
	}
	if !maps.Equal(got, want) {
		t.Errorf("documents = %v, want %v", got, want)
	}
	if op := f.bulks[0][0].kind; op != "create" {
		t.Errorf("operation = %s, want create", op)
	}
	if got := len(s.Context.Reports()); got != 1 {
		t.Errorf("reports = %d, want 1: the record without any time", got)
	}
}

// rounded writes JSON without exponents.
func rounded(doc string) string {
	return strings.ReplaceAll(doc, "1.700000000123e+12", "1700000000123")
}

func TestIndexNameMayCarryTheTime(t *testing.T) {
	f := newFakeES(t)
	s := startSink(t, f, "index.name.format", "${topic}-${timestamp}", "index.name.timestamp.format", "yyyy.MM.dd")
	records := connecttest.Records(p0, 0, numbered(0, 3)...)
	records[0].Timestamp = time.Date(2026, 1, 31, 23, 59, 59, 0, time.UTC)
	records[1].Timestamp = time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)
	records[2].Timestamp = time.Date(2026, 1, 31, 1, 0, 0, 0, time.UTC)
	s.Put(records...)
	waitCommit(t, s, p0, 3)
	if a, b := len(f.live("access-2026.01.31")), len(f.live("access-2026.02.01")); a != 2 || b != 1 {
		t.Errorf("documents = %d and %d, want 2 and 1", a, b)
	}
}

var accessSchema = &data.Schema{Kind: data.Struct, Fields: []data.Field{
	{Name: "host", Schema: &data.Schema{Kind: data.String}},
	{Name: "status", Schema: &data.Schema{Kind: data.Int32}},
}}

func TestMappingIsMadeOfTheSchema(t *testing.T) {
	f := newFakeES(t)
	s := startSink(t, f, "schema.ignore", "false")
	r := connecttest.Records(p0, 0, "")[0]
	r.Value = connect.Decoded(accessSchema, map[string]any{"host": "h", "status": int32(200)})
	s.Put(r)
	waitCommit(t, s, p0, 1)
	want := `{"host":{"fields":{"keyword":{"ignore_above":256,"type":"keyword"}},"type":"text"},` +
		`"status":{"type":"integer"}}`
	if got := string(f.mapping("access")["properties"]); got != want {
		t.Errorf("mapping = %s, want %s", got, want)
	}
	if got, want := f.live("access")["Access+0+0"], `{"host":"h","status":200}`; got != want {
		t.Errorf("document = %s, want %s", got, want)
	}
}

// metric returns a task's metric by its name without the prefix.
func metric(t testing.TB, s *connecttest.Sink, name string) float64 {
	t.Helper()
	return s.Context.Metric(t, "elasticsearch_sink_"+name)
}

func TestMetricsCount(t *testing.T) {
	f := newFakeES(t)
	s := startSink(t, f)
	s.Put(connecttest.Records(p0, 0, `{"a":1}`, `oops`)...)
	waitCommit(t, s, p0, 2)
	for name, want := range map[string]float64{"documents_written_total": 1, "records_rejected_total": 1,
		"bulk_requests_total": 1, "sent_bytes_total": float64(len(f.bulks[0][0].raw)) + 50} {
		if got := metric(t, s, name); got != want {
			t.Errorf("%s = %v, want %v", name, got, want)
		}
	}
}

// running returns the stacks of the package's goroutines that are not tests.
func running() string {
	stacks := make([]byte, 1<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	var own []string
	for _, g := range strings.Split(string(stacks), "\n\n") {
		if strings.Contains(g, "elasticsearch.(*") && !strings.Contains(g, "testing.tRunner") && !strings.Contains(g, "fakeES") {
			own = append(own, g)
		}
	}
	return strings.Join(own, "\n\n")
}

func TestStopLeavesNoGoroutine(t *testing.T) {
	for name, breaks := range map[string]func(*fakeES){
		"idle":             func(*fakeES) {},
		"cluster away":     func(f *fakeES) { f.root = 503 },
		"tried again":      func(f *fakeES) { f.onBulk = func(int, []fakeOp) *fault { return &fault{status: 503} } },
		"answer hangs":     func(f *fakeES) { f.onBulk = func(int, []fakeOp) *fault { return &fault{hang: make(chan struct{})} } },
		"task gave up":     func(f *fakeES) { f.onBulk = func(int, []fakeOp) *fault { return &fault{status: 401} } },
		"user not allowed": func(f *fakeES) { f.onItem = refuseAll(403, "security_exception") },
	} {
		t.Run(name, func(t *testing.T) {
			f := newFakeES(t)
			breaks(f)
			s := startSink(t, f)
			s.Put(connecttest.Records(p0, 0, numbered(0, 10)...)...)
			if name != "cluster away" {
				waitFor(t, "a request", func() bool { return f.bulkCount() > 0 })
			}
			if name == "idle" && running() == "" {
				t.Error("no goroutines are seen while the task runs, so the test proves nothing")
			}
			s.Stop()
			// A timer that fires while the task stops has a goroutine of its own for a moment.
			waitFor(t, "the end of all goroutines", func() bool { return running() == "" })
		})
	}
}
