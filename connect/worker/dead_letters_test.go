package worker_test

import (
	"context"
	"crypto/rand"
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/worker"
	"github.com/suiro/suiro/internal/confine"
	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/suiro/suiro/internal/logtest"
	"github.com/twmb/franz-go/pkg/kgo"
)

// hostileRecords are bad records that fit into a topic, and whose dead letters do
// not fit into one when they are written as they are.
func hostileRecords() []*kgo.Record {
	noise := make([]byte, 999_800)
	_, _ = rand.Read(noise) // it never fails
	many := make([]kgo.RecordHeader, 4000)
	for i := range many {
		many[i] = kgo.RecordHeader{Key: "h", Value: make([]byte, 500)}
	}
	records := []*kgo.Record{
		{Headers: many},
		{Headers: []kgo.RecordHeader{{Key: "h", Value: make([]byte, 2<<20)}}},
		{Headers: []kgo.RecordHeader{{Key: strings.Repeat("h", 2<<20)}}},
		{Key: noise},
		{Key: []byte("k"), Headers: []kgo.RecordHeader{{Key: "h", Value: noise}}},
		{Key: make([]byte, 1<<20), Headers: many},
	}
	for i, r := range records {
		r.Value = []byte("not json " + strconv.Itoa(i))
	}
	return records
}

// deadLetterTopics are topics of dead letters by what they refuse.
func deadLetterTopics() map[string]map[string]*string {
	text := func(s string) *string { return &s }
	return map[string]map[string]*string{
		"with defaults":  nil,
		"small":          {"max.message.bytes": text("20000")},
		"hardly any":     {"max.message.bytes": text("700")},
		"keys only":      {"cleanup.policy": text("compact")},
		"of today's":     {"message.timestamp.after.max.ms": text("60000")},
		"small and keys": {"max.message.bytes": text("1200"), "cleanup.policy": text("compact")},
	}
}

// testDeadLettersFit writes hostile records to a topic of a Kafka and reads their
// dead letters, which no topic may refuse. Names are new ones that begin with run.
func testDeadLettersFit(t *testing.T, addr, run string, configs map[string]*string) {
	topic, bad := run+"-in", run+"-bad"
	cl := kafkatest.Client(t, []string{addr}, kgo.ProducerBatchMaxBytes(8<<20))
	for name, configs := range map[string]map[string]*string{topic: nil, bad: configs} {
		if _, err := admin(cl).CreateTopic(t.Context(), 1, 1, configs, name); err != nil {
			t.Fatal(err)
		}
	}
	records := append(hostileRecords(), &kgo.Record{Value: []byte("not json"), Timestamp: time.Now().Add(50 * time.Minute)},
		&kgo.Record{Value: []byte(`{"n":0}`)})
	for _, r := range records {
		r.Topic = topic
		if err := cl.ProduceSync(t.Context(), r).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
	s, n := &sink{}, len(records)-1
	c := startConnector(t, startWorker(t, addr, s.plugin(), nil), sinkProps("name", run, "topics", topic,
		"errors.restart.max", "0", "errors.tolerance", "all", "errors.deadletterqueue.topic.name", bad,
		"errors.deadletterqueue.context.headers.enable", "true", "errors.deadletterqueue.topic.replication.factor", "1",
		"transforms", "numbers", "transforms.numbers.type", "OnlyNumbers"))
	kafkatest.Eventually(t, "the good record and the dead letters", func() bool {
		return c.Tasks[0].Status().Trace != "" || c.Counts().Written == 1 && c.Counts().DeadLetters == int64(n)
	})
	if trace := c.Tasks[0].Status().Trace; trace != "" {
		t.Fatalf("the task failed: %s", trace)
	}
	seen := map[string]bool{}
	for _, r := range kafkatest.Consume(t, []string{addr}, bad, n) {
		seen[where(r)] = true
	}
	for i := range n {
		if want := topic + "-0@" + strconv.Itoa(i); !seen[want] {
			t.Errorf("the dead letters are of %v, want one of %s", seen, want)
		}
	}
}

// where returns the coordinates in the headers of a dead letter.
func where(r *kgo.Record) string {
	header := func(name string) string {
		i := slices.IndexFunc(r.Headers, func(h kgo.RecordHeader) bool { return h.Key == "__connect.errors."+name })
		if i < 0 {
			return "none"
		}
		return string(r.Headers[i].Value)
	}
	return header("topic") + "-" + header("partition") + "@" + header("offset")
}

func TestDeadLettersAlwaysFit(t *testing.T) {
	for name, configs := range deadLetterTopics() {
		t.Run(name, func(t *testing.T) { testDeadLettersFit(t, startKafka(t, 1).addr(), "run", configs) })
	}
}

// testDeadLettersOfASourceFit is testDeadLettersFit for a source with worker
// properties. The topic that it writes to takes no time that is far from now; an
// embedded Kafka takes any.
func testDeadLettersOfASourceFit(t *testing.T, addr, run string, configs, linesConfigs map[string]*string, props map[string]string) {
	lines, bad := run+"-lines", run+"-bad"
	cl := kafkatest.Client(t, []string{addr})
	for name, configs := range map[string]map[string]*string{lines: linesConfigs, bad: configs} {
		if _, err := admin(cl).CreateTopic(t.Context(), 1, 1, configs, name); err != nil {
			t.Fatal(err)
		}
	}
	s := &source{values: []string{`{"n":0}`, "not json", `{"n":2}`, `{"n":3}`, "not json", `{"n":5}`}, topic: lines,
		edit: func(r *connect.SourceRecord) *connect.SourceRecord {
			switch r.NextOffset()["position"] {
			case int64(2):
				for range 4000 {
					r.Headers = append(r.Headers, connect.Header{Key: "h", Value: strings.Repeat("h", 500)})
				}
			case int64(3):
				r.Timestamp = time.Now().Add(50 * time.Minute)
			case int64(5):
				r.Key = connect.Decoded(nil, strings.Repeat("k", 2<<20))
			}
			return r
		}}
	c := startConnector(t, startWorker(t, addr, s.plugin(), props), sourceProps("name", run, "errors.restart.max", "0",
		"errors.tolerance", "all", "errors.deadletterqueue.topic.name", bad, "errors.deadletterqueue.topic.replication.factor", "1",
		"errors.deadletterqueue.context.headers.enable", "true"))
	kafkatest.Eventually(t, "the end of the input", func() bool {
		return c.Tasks[0].Status().Trace != "" || c.Counts().EndOfInput
	})
	if trace := c.Tasks[0].Status().Trace; trace != "" {
		t.Fatalf("the task failed: %s", trace)
	}
	n := c.Counts()
	if got, want := len(kafkatest.Consume(t, []string{addr}, bad, int(n.DeadLetters))), int(n.Rejected); got != want || want < 2 {
		t.Errorf("there are %d dead letters of %d rejected records, want one of each of at least two", got, want)
	}
	if got, want := len(kafkatest.Consume(t, []string{addr}, lines, int(n.Written))), 6-int(n.Rejected); got != want {
		t.Errorf("%d records were written, want the other %d", got, want)
	}
}

func TestDeadLettersOfASourceAlwaysFit(t *testing.T) {
	small := "900"
	for name, more := range guarantees() {
		t.Run(name, func(t *testing.T) {
			testDeadLettersOfASourceFit(t, startKafka(t, 1).addr(), "run", map[string]*string{"max.message.bytes": &small}, nil, more)
		})
	}
}

func TestErrorsOfNestedRecordsAreShownInPart(t *testing.T) {
	if !confine.Test(t, 512<<20) {
		return
	}
	const most = 100 << 10 // bytes of all that is shown of one record
	k := startKafka(t, 1, "in")
	k.produce("in", numbered(20)...)
	log := &logtest.Log{}
	w := startWorkerWith(t, log.Logger(), k.addr(), (&sink{}).plugin(), nil)
	props := []string{"transforms", "nested", "transforms.nested.type", "Nested", "errors.restart.max", "0"}
	c := startConnector(t, w, sinkProps(append(props, "name", "tolerant", "errors.tolerance", "all", "errors.log.enable", "true",
		"errors.deadletterqueue.topic.name", "bad", "errors.deadletterqueue.topic.replication.factor", "1",
		"errors.deadletterqueue.context.headers.enable", "true")...))
	for _, r := range k.consume("bad", 20) {
		size := 0
		for _, h := range r.Headers {
			size += len(h.Value)
		}
		if size < 1000 || size > most {
			t.Errorf("the headers of dead letter %d have %d bytes, want at most %d", r.Offset, size, most)
		}
	}
	stop(t, c)
	c = startConnector(t, w, sinkProps(append(props, "name", "strict")...))
	kafkatest.Eventually(t, "FAILED", func() bool { return c.Tasks[0].Status().State == worker.Failed })
	if trace := c.Tasks[0].Status().Trace; len(trace) > most || !strings.Contains(trace, "errors.tolerance is none") {
		t.Errorf("the trace has %d bytes, want at most %d and the remedy", len(trace), most)
	}
	if n := len(log.Lines("bad record")); n != 20 {
		t.Errorf("the log has %d lines about bad records, want 20", n)
	}
	for _, line := range log.Lines("") {
		if len(line) > most {
			t.Errorf("a line of the log has %d bytes, want at most %d", len(line), most)
		}
	}
}

// A sink may find out what is bad when it writes the rest, as it is told to stop.
func TestDeadLettersOfATaskThatStopsAreWritten(t *testing.T) {
	k := startKafka(t, 1, "in")
	k.produce("in", numbered(3)...)
	var last *connect.SinkRecord
	s := &sink{put: func(s *sink, records []*connect.SinkRecord) error {
		for _, r := range records {
			last = r
		}
		return s.keep(records)
	}, preCommit: func(s *sink, current connect.Offsets) (connect.Offsets, error) {
		bad := connect.Rejection{Record: last, Reason: errors.New("too blue")}
		return current, s.context.ReportAll(context.Background(), []connect.Rejection{bad})
	}}
	w := startWorker(t, k.addr(), s.plugin(), map[string]string{"offset.flush.interval.ms": "3600000"})
	c := startConnector(t, w, sinkProps("errors.tolerance", "all", "errors.deadletterqueue.topic.name", "bad",
		"errors.deadletterqueue.topic.replication.factor", "1"))
	kafkatest.Eventually(t, "the records", func() bool { return c.Counts().Written == 3 })
	stop(t, c)
	if got := c.Counts(); got.DeadLetters != 1 {
		t.Errorf("counts = %+v, want a dead letter", got)
	}
	if got, want := values(k.consume("bad", 1)), `{"n":2}`; got != want {
		t.Errorf("dead letter = %s, want %s", got, want)
	}
}
