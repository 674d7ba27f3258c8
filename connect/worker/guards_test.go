package worker_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/worker"
	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/suiro/suiro/internal/logtest"
)

// Records that cannot be written are named, and those before them arrive.
func TestRecordsThatNoTopicTakesAreRefusedByName(t *testing.T) {
	third := func(change func(*connect.SourceRecord)) func(*connect.SourceRecord) *connect.SourceRecord {
		return func(r *connect.SourceRecord) *connect.SourceRecord {
			if r.NextOffset()["position"] == int64(3) {
				change(r)
			}
			return r
		}
	}
	for name, c := range map[string]struct {
		edit func(*connect.SourceRecord) *connect.SourceRecord
		want []string
	}{
		"no topic": {third(func(r *connect.SourceRecord) { r.Topic = "" }),
			[]string{`record of {"filename":"test"} at {"position":3}`, "KAFKA_PRODUCE: the record has no topic"}},
		"no such partition": {third(func(r *connect.SourceRecord) { r.Partition = connect.InPartition(7) }),
			[]string{`record of {"filename":"test"} at {"position":3}`, "partition 7 of topic lines, which has 1"}},
		"nil": {func(r *connect.SourceRecord) *connect.SourceRecord {
			if r.NextOffset()["position"] == int64(3) {
				return nil
			}
			return r
		}, []string{"poll: record 3 of 5 is nil: class TestSource"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := startKafka(t, 1, "lines")
			s := &source{values: numbered(5), batch: 5, topic: "lines", edit: c.edit}
			conn := startConnector(t, startWorker(t, k.addr(), s.plugin(), nil), sourceProps("errors.restart.max", "0"))
			kafkatest.Eventually(t, "FAILED", func() bool { return conn.Tasks[0].Status().State == worker.Failed })
			for _, want := range c.want {
				if got := conn.Tasks[0].Status().Trace; !strings.Contains(got, want) {
					t.Errorf("trace = %q, want %q in it", got, want)
				}
			}
			if got, want := values(k.consume("lines", 2)), strings.Join(numbered(2), " "); got != want {
				t.Errorf("topic holds %s, want %s", got, want)
			}
		})
	}
}

// What no topic takes is a bad record, and tolerated as one.
func TestRecordWithoutTopicBecomesADeadLetter(t *testing.T) {
	k := startKafka(t, 1, "lines")
	s := &source{values: numbered(3), batch: 3, topic: "lines", edit: func(r *connect.SourceRecord) *connect.SourceRecord {
		if r.NextOffset()["position"] == int64(2) {
			r.Topic = ""
		}
		return r
	}}
	c := startConnector(t, startWorker(t, k.addr(), s.plugin(), nil), sourceProps("errors.tolerance", "all",
		"errors.deadletterqueue.topic.name", "bad", "errors.deadletterqueue.topic.replication.factor", "1"))
	kafkatest.Eventually(t, "the end of the input", func() bool { return c.Counts().EndOfInput })
	if got, want := values(k.consume("bad", 1)), `{"n":1}`; got != want {
		t.Errorf("dead letter = %s, want %s", got, want)
	}
	if n := c.Counts(); n.Written != 2 || n.Rejected != 1 {
		t.Errorf("counts = %+v, want 2 written and 1 rejected", n)
	}
}

// hasty is a source task that never waits for records.
type hasty struct {
	source
	polls atomic.Int64
}

func (h *hasty) plugin() connect.Plugins {
	return connect.Plugins{Sources: []connect.SourcePlugin{{Info: connect.Info{Class: "TestSource"},
		New: func() connect.SourceConnector { return h }}}}
}

func (h *hasty) NewTask() connect.SourceTask { return hastyTask{&sourceTask{s: &h.source}, h} }

type hastyTask struct {
	*sourceTask
	h *hasty
}

func (t hastyTask) Poll(context.Context) ([]*connect.SourceRecord, error) {
	t.h.polls.Add(1)
	return nil, nil
}

func TestPollThatDoesNotWaitIsSlowedDown(t *testing.T) {
	k := startKafka(t, 1)
	h := &hasty{}
	log := &logtest.Log{}
	w := startWorkerWith(t, log.Logger(), k.addr(), h.plugin(), nil)
	startConnector(t, w, sourceProps())
	began := time.Now()
	kafkatest.Eventually(t, "twelve polls", func() bool { return h.polls.Load() >= 12 })
	// Eleven pauses that double from 10 ms up to 200 ms, each at least two thirds of that.
	if got, least := time.Since(began), 900*time.Millisecond; got < least {
		t.Errorf("twelve polls without records took %v, want at least %v", got, least)
	}
	if got := log.Lines("poll returned at once without records"); len(got) != 1 || !strings.Contains(got[0], "connector=src") {
		t.Errorf("logged %q, want one line that names the connector", got)
	}
}

// A task that answers more than it was given would let records be lost.
func TestOffsetsBeyondWhatWasPutAreRefused(t *testing.T) {
	k := startKafka(t, 1, "in")
	k.produce("in", numbered(3)...)
	s := &sink{preCommit: func(_ *sink, current connect.Offsets) (connect.Offsets, error) {
		for tp := range current {
			current[tp] += 2
		}
		return current, nil
	}}
	c := startConnector(t, startWorker(t, k.addr(), s.plugin(), nil), sinkProps("errors.restart.max", "0"))
	kafkatest.Eventually(t, "FAILED", func() bool { return c.Tasks[0].Status().State == worker.Failed })
	want := "prepare the commit: the task says that in-0 is safe up to offset 5, but what it was given ends at 3"
	if got := c.Tasks[0].Status().Trace; got != want {
		t.Errorf("trace = %q, want %q", got, want)
	}
	if at := k.committed("connect-out", "in"); at > 0 {
		t.Errorf("committed %d, want nothing", at)
	}
}

func TestReportOfNoRecordIsRefused(t *testing.T) {
	k := startKafka(t, 1, "in")
	k.produce("in", numbered(1)...)
	s := &sink{put: func(s *sink, _ []*connect.SinkRecord) error {
		return s.context.Report(nil, errors.New("the index is closed"), nil)
	}}
	c := startConnector(t, startWorker(t, k.addr(), s.plugin(), nil), sinkProps("errors.restart.max", "0"))
	kafkatest.Eventually(t, "FAILED", func() bool { return c.Tasks[0].Status().State == worker.Failed })
	if got := c.Tasks[0].Status().Trace; !strings.Contains(got, "report a bad record: it is nil (the index is closed)") {
		t.Errorf("trace = %q, want that the record is nil", got)
	}
}

// done is called from a goroutine of the client, where a panic would end the
// process.
func TestPanicWhenADeadLetterIsAcknowledgedEndsALife(t *testing.T) {
	k := startKafka(t, 1, "in", "bad")
	k.produce("in", "cannot be decoded")
	s := &sink{put: func(s *sink, records []*connect.SinkRecord) error {
		for _, r := range records {
			return s.context.Report(r, errors.New("refused"), func(error) { panic("index out of range") })
		}
		return nil
	}}
	c := startConnector(t, startWorker(t, k.addr(), s.plugin(), nil), sinkProps("errors.restart.max", "0",
		"errors.tolerance", "all", "errors.deadletterqueue.topic.name", "bad"))
	kafkatest.Eventually(t, "FAILED", func() bool { return c.Tasks[0].Status().State == worker.Failed })
	if got := c.Tasks[0].Status().Trace; !strings.Contains(got, "panic: index out of range") ||
		!strings.Contains(got, "guards_test.go") {
		t.Errorf("trace = %s, want the panic with its stack", got)
	}
}

// explosive panics wherever a plugin can.
type explosive struct{}

func (explosive) Apply(*connect.Record) (*connect.Record, error) { panic("index out of range") }

// A panic of a transform fails the task with its stack, in its trace and in the
// log.
func TestPanicOfATransformFailsTheTaskWithItsStack(t *testing.T) {
	k := startKafka(t, 1, "in")
	k.produce("in", numbered(1)...)
	plugins := (&sink{}).plugin()
	plugins.Transforms = []connect.TransformPlugin{{Info: connect.Info{Class: "Explosive"},
		New: func(config.Values) (connect.Transform, error) { return explosive{}, nil }}}
	log := &logtest.Log{}
	w := startWorkerWith(t, log.Logger(), k.addr(), plugins, nil)
	c := startConnector(t, w, sinkProps("errors.restart.max", "0", "transforms", "x", "transforms.x.type", "Explosive"))
	kafkatest.Eventually(t, "FAILED", func() bool { return c.Tasks[0].Status().State == worker.Failed })
	got := c.Tasks[0].Status().Trace
	for _, want := range []string{"record in-0@0", "TRANSFORMATION", "panic: index out of range", "guards_test.go"} {
		if !strings.Contains(got, want) {
			t.Errorf("trace = %s, want %q in it", got, want)
		}
	}
	kafkatest.Eventually(t, "the log line", func() bool { return len(log.Lines("task failed and is not restarted")) == 1 })
	if line := log.Lines("task failed and is not restarted")[0]; !strings.Contains(line, "guards_test.go") {
		t.Errorf("log = %s, want the stack", line)
	}
}
