package worker_test

import (
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/twmb/franz-go/pkg/kadm"
)

// forget deletes the records of partition 0 below an offset, as retention does.
func (k *kafka) forget(topic string, below int64) {
	k.t.Helper()
	var offsets kadm.Offsets
	offsets.Add(kadm.Offset{Topic: topic, At: below})
	resp, err := admin(k.cl).DeleteRecords(k.t.Context(), offsets)
	if err == nil {
		err = resp.Error()
	}
	if err != nil {
		k.t.Fatal(err)
	}
}

func TestRecordsDeletedBeforeTheyWereReadAreCounted(t *testing.T) {
	t.Run("while the task was away", func(t *testing.T) {
		k := startKafka(t, 1, "in")
		k.produce("in", numbered(3)...)
		s := &sink{}
		w := startWorker(t, k.addr(), s.plugin(), nil)
		stop(t, startedAndCommitted(t, k, w, 3))
		k.produce("in", numbered(5)...)
		k.forget("in", 6)
		c := startConnector(t, w, sinkProps())
		kafkatest.Eventually(t, "the records that are left", func() bool { return c.Counts().Written == 2 })
		if got := c.Counts().Missed; got != 3 {
			t.Errorf("missed %d offsets, want 3 to 5", got)
		}
	})
	t.Run("while the partition was paused", func(t *testing.T) {
		k := startKafka(t, 1, "in")
		k.produce("in", numbered(3)...)
		s := &sink{}
		c := startedAndCommitted(t, k, startWorker(t, k.addr(), s.plugin(), nil), 3)
		tp := connect.TopicPartition{Topic: "in"}
		s.context.Pause(tp)
		s.mu.Lock()
		before := s.calls
		s.mu.Unlock()
		kafkatest.Eventually(t, "the fetch that was under way", func() bool {
			s.mu.Lock()
			defer s.mu.Unlock()
			return s.calls > before+1
		})
		k.produce("in", numbered(5)...)
		k.forget("in", 6)
		s.context.Resume(tp)
		kafkatest.Eventually(t, "the records that are left", func() bool { return c.Counts().Written == 5 })
		if got := c.Counts().Missed; got != 3 {
			t.Errorf("missed %d offsets, want 3 to 5", got)
		}
	})
}

// The end of a transaction and what compaction leaves out are no gaps.
func TestOffsetsWithoutRecordsAreNotMissed(t *testing.T) {
	k := startKafka(t, 1, "in")
	source := &source{values: numbered(6), batch: 2, topic: "in"}
	startConnector(t, startWorker(t, k.addr(), source.plugin(), exactlyOnce()), sourceProps())
	s := &sink{}
	c := startConnector(t, startWorker(t, k.addr(), s.plugin(), nil), sinkProps())
	kafkatest.Eventually(t, "the records and the ends of their transactions", func() bool {
		return c.Counts().Written == 6 && c.Counts().Lag == 0
	})
	if got := c.Counts().Missed; got != 0 {
		t.Errorf("missed %d offsets, want none", got)
	}
}

// What lies before the end of a partition where auto.offset.reset=latest begins
// is neither to be read nor missed.
func TestWhatIsBeforeTheLatestOffsetIsNotMissed(t *testing.T) {
	k := startKafka(t, 1, "in")
	k.produce("in", numbered(5)...)
	s := &sink{}
	c := startConnector(t, startWorker(t, k.addr(), s.plugin(), nil),
		sinkProps("consumer.override.auto.offset.reset", "latest"))
	kafkatest.Eventually(t, "a Put after the partition was opened", func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		return len(s.opened) > 0 && s.calls > 2
	})
	if got := c.Counts().Lag; got != 0 {
		t.Errorf("lag = %d, want 0 at the end of the partition", got)
	}
	k.forget("in", 5)
	k.produce("in", `{"n":5}`)
	kafkatest.Eventually(t, "the record", func() bool { return len(s.values()) == 1 })
	if got := c.Counts().Missed; got != 0 {
		t.Errorf("missed %d offsets, want none", got)
	}
}
