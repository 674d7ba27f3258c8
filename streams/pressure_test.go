package streams_test

import (
	"testing"
)

// A partition that was paused because its task fell behind must go on in the
// next epoch, although no record of it came in that one.
func TestBackPressureEndsWithTheEpoch(t *testing.T) {
	brokers := cluster(t, "in", "out")
	produce(t, brokers, "in", 0, 3000)
	start(t, upper(t), brokers, t.TempDir(), map[string]string{
		"input.buffer.max.bytes": "1024", "max.poll.records": "50", "commit.interval.ms": "1",
	})
	consume(t, brokers, "out", 3000)
}
