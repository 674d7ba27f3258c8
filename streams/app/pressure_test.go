package app_test

import (
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"

	"github.com/suiro/suiro/internal/kafka/kafkatest"
)

// A partition that was paused because its task fell behind must be read again in the
// next epoch, although that epoch got no record of it.
func TestBackPressureEndsWithTheEpoch(t *testing.T) {
	brokers := cluster(t, "in", "out")
	produce(t, brokers, "in", 0, 3000)
	start(t, upper(t), brokers, t.TempDir(), map[string]string{
		"input.buffer.max.bytes": "1024", "max.poll.records": "50", "commit.interval.ms": "1",
	})
	kafkatest.Consume(t, brokers, "out", 3000)
}

// Tasks that need longer for a poll than a transaction may last get fewer records in
// the next, until their epochs end in time.
func TestSlowTasksGetLessAtATime(t *testing.T) {
	c := kafkatest.Start(t, kfake.SeedTopics(1, "in", "out"))
	produce(t, c.ListenAddrs(), "in", 0, 200)
	work := func(string) { <-time.After(15 * time.Millisecond) } // all of it takes three transactions
	start(t, gated(t, work), c.ListenAddrs(), t.TempDir(), map[string]string{
		"transaction.timeout.ms": "1000", "linger.ms": "0", "batch.size": "1024", "max.request.size": "1024",
	})
	onceEach(t, kafkatest.Consume(t, c.ListenAddrs(), "out", 200), 200)
}
