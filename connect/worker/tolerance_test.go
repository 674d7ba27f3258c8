package worker_test

import (
	"testing"

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
