package worker_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/suiro/suiro/connect/worker"
	"github.com/suiro/suiro/internal/kafka/kafkatest"
)

// A stop between two tries of a conversion does not make a bad record of it.
func TestStoppingARetriedConversionRejectsNothing(t *testing.T) {
	retrying := []string{"errors.tolerance", "all", "errors.retry.timeout", "-1",
		"transforms", "t", "transforms.t.type", "Unready"}
	for name, more := range guarantees() {
		t.Run("source, "+name, func(t *testing.T) {
			k := startKafka(t, 1, "lines")
			s := &source{values: numbered(1), topic: "lines"}
			c := startConnector(t, startWorker(t, k.addr(), s.plugin(), more), sourceProps(retrying...))
			kafkatest.Eventually(t, "the record to be read", func() bool { return c.Counts().Read == 1 })
			stop(t, c)
			if n := c.Counts(); n.Rejected != 0 || len(s.kept()) > 0 {
				t.Errorf("counts = %+v, kept %v, want the record to come again", n, s.kept())
			}
		})
	}
	t.Run("sink", func(t *testing.T) {
		k := startKafka(t, 1, "in")
		k.produce("in", numbered(1)...)
		s := &sink{}
		c := startConnector(t, startWorker(t, k.addr(), s.plugin(), nil), sinkProps(retrying...))
		kafkatest.Eventually(t, "the record to be read", func() bool { return c.Counts().Read == 1 })
		stop(t, c)
		if n, at := c.Counts(), k.committed("connect-out", "in"); n.Rejected != 0 || at > 0 {
			t.Errorf("counts = %+v, committed %d, want the record to come again", n, at)
		}
	})
}

// A record that cannot be converted for a retriable reason is not a dead
// letter, whatever is tolerated: the task starts again until it can be.
func TestRetriableErrorMakesNoDeadLetter(t *testing.T) {
	k := startKafka(t, 1, "in")
	k.produce("in", numbered(2)...)
	w := startWorker(t, k.addr(), (&sink{}).plugin(), nil)
	c := startConnector(t, w, sinkProps("errors.tolerance", "all", "errors.deadletterqueue.topic.name", "bad",
		"errors.deadletterqueue.topic.replication.factor", "1", "errors.restart.delay.ms", "1",
		"transforms", "t", "transforms.t.type", "Unready"))
	kafkatest.Eventually(t, "two restarts", func() bool { return c.Counts().Restarts >= 2 })
	if got := c.Counts(); got.Rejected != 0 || got.DeadLetters != 0 || got.Written != 0 {
		t.Errorf("counts = %+v, want nothing rejected and nothing written", got)
	}
}

// More bad records than the limit end the task for good. Those within it are dead letters, the good
// ones between them are written, and the one that is too many comes again after a restart.
func TestTooManyBadRecordsEndTheTask(t *testing.T) {
	k := startKafka(t, 1, "in", "bad")
	for i := range 10 {
		text := "not json " + strconv.Itoa(i)
		if i%2 == 1 {
			text = `{"n":` + strconv.Itoa(i) + `}`
		}
		k.produce("in", text)
	}
	s := &sink{}
	w := startWorker(t, k.addr(), s.plugin(), nil)
	props := sinkProps("errors.restart.delay.ms", "1", "errors.tolerance", "all", "errors.tolerance.limit", "2",
		"errors.deadletterqueue.topic.name", "bad", "transforms", "numbers", "transforms.numbers.type", "OnlyNumbers")
	for _, step := range []struct{ committed, letters, written int }{{4, 2, 2}, {8, 4, 4}} {
		c := startConnector(t, w, props)
		kafkatest.Eventually(t, "FAILED", func() bool { return c.Tasks[0].Status().State == worker.Failed })
		trace := c.Tasks[0].Status().Trace
		for _, want := range []string{"in-0@" + strconv.Itoa(step.committed), "errors.tolerance.limit", "restart the task"} {
			if !strings.Contains(trace, want) {
				t.Errorf("the trace does not say %s:\n%s", want, trace)
			}
		}
		if n := c.Counts(); n.Restarts != 0 || n.Rejected != 2 {
			t.Errorf("%d restarts and %d rejected records, want 0 and 2", n.Restarts, n.Rejected)
		}
		stop(t, c)
		if at := k.committed("connect-out", "in"); at != int64(step.committed) {
			t.Errorf("committed %d, want %d", at, step.committed)
		}
		if got := len(k.consume("bad", step.letters)); got != step.letters {
			t.Errorf("%d dead letters, want %d", got, step.letters)
		}
		if got := len(s.values()); got != step.written {
			t.Errorf("%d good records written, want %d", got, step.written)
		}
	}
}
