package worker_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/connecttest"
	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/connect/worker"
	"github.com/suiro/suiro/internal/confine"
	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/suiro/suiro/internal/memory"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
)

// bombs are batches of some kilobytes that would take gigabytes.
var bombs = []kafkatest.Bomb{
	{Codec: kgo.CodecZstd, Records: 3000, Value: 1 << 20},
	{Codec: kgo.CodecZstd, Records: 10, Headers: 5_000_000},
	{Codec: kgo.CodecGzip, Records: 200, Value: 1 << 20},
}

// offsetsOf is how many offsets the bombs take.
func offsetsOf(bombs []kafkatest.Bomb) (n int) {
	for _, b := range bombs {
		n += b.Records
	}
	return n
}

func TestBatchesThatAreTooLargeBecomeDeadLetters(t *testing.T) {
	if !confine.Test(t, 512<<20) {
		return
	}
	k := startKafkaWith(t, kfake.SeedTopics(1, "in", "honest"))
	k.produce("in", `{"n":0}`)
	for _, b := range bombs {
		b.Produce(t, k.ListenAddrs(), "in", 0)
	}
	k.produce("in", `{"n":1}`)
	k.produce("honest", `{"n":2}`, `{"n":3}`)
	s, n := &sink{}, offsetsOf(bombs)
	c := startConnector(t, startWorker(t, k.addr(), s.plugin(), nil), sinkProps("topics", "in,honest", "errors.restart.max", "0",
		"errors.tolerance", "all", "errors.deadletterqueue.topic.name", "bad", "errors.deadletterqueue.topic.replication.factor", "1"))
	kafkatest.Eventually(t, "the honest records, or a failure", func() bool {
		return c.Counts().Written == 4 || c.Tasks[0].Status().Trace != ""
	})
	got := s.values()
	slices.Sort(got)
	if want := `0:{"n":0} 0:{"n":2} 1:{"n":3} 3211:{"n":1}`; strings.Join(got, " ") != want {
		t.Errorf("written %q, want %s; trace: %s", got, want, c.Tasks[0].Status().Trace)
	}
	for i, want := range []string{"in-0@1", "in-0@3001", "in-0@3011"} {
		if got := where(k.consume("bad", len(bombs))[i]); got != want {
			t.Errorf("dead letter %d is of %s, want %s", i, got, want)
		}
	}
	kafkatest.Eventually(t, "the commit behind the batches", func() bool { return k.committed("connect-out", "in") == int64(n+2) })
	if got := c.Counts(); got.Read != int64(n+4) || got.Rejected != int64(n) || got.DeadLetters != 3 || got.Restarts != 0 {
		t.Errorf("counts = %+v, want %d read, %d of them rejected with 3 letters, and no restart", got, n+4, n)
	}
}

// The client drops what it has to say of one partition when it is told to go on behind a
// batch of another, and leaves the partition stopped.
func TestBatchesThatAreTooLargeInTwoPartitions(t *testing.T) {
	const n = 12
	k := startKafkaWith(t, kfake.SeedTopics(2, "in"))
	bomb := kafkatest.Bomb{Codec: kgo.CodecZstd, Records: 10, Value: 1 << 20}
	for i := range n {
		for p := range int32(2) {
			kafkatest.Produce(t, k.ListenAddrs(), &kgo.Record{Topic: "in", Partition: p, Value: fmt.Append(nil, p, i)})
			bomb.Produce(t, k.ListenAddrs(), "in", p)
		}
	}
	s := &sink{}
	c := startConnector(t, startWorker(t, k.addr(), s.plugin(), map[string]string{"memory.max.bytes": "67108864"}),
		sinkProps("errors.tolerance", "all", "value.converter", "String"))
	kafkatest.Eventually(t, "all records around the batches, and the batches rejected", func() bool {
		got := c.Counts()
		return got.Written == 2*n && got.Rejected == 2*n*10
	})
}

// A partition whose first records come in a batch that is too large has no position yet.
func TestABatchThatIsTooLargeCanBeTheFirstOfAPartition(t *testing.T) {
	if !confine.Test(t, 512<<20) {
		return
	}
	k := startKafkaWith(t, kfake.SeedTopics(1, "in"))
	bombs[0].Produce(t, k.ListenAddrs(), "in", 0)
	s := &sink{}
	c := startConnector(t, startWorker(t, k.addr(), s.plugin(), nil), sinkProps("errors.tolerance", "all"))
	kafkatest.Eventually(t, "the batch is rejected", func() bool { return c.Counts().Rejected == int64(bombs[0].Records) })
	k.produce("in", `{"n":1}`)
	kafkatest.Eventually(t, "the record behind the batch", func() bool { return c.Counts().Written == 1 })
}

func TestABatchThatIsTooLargeFailsTheTaskWithoutTolerance(t *testing.T) {
	if !confine.Test(t, 512<<20) {
		return
	}
	k := startKafkaWith(t, kfake.SeedTopics(1, "in", "honest"))
	k.produce("in", `{"n":0}`)
	bombs[0].Produce(t, k.ListenAddrs(), "in", 0)
	k.produce("in", `{"n":1}`)
	s, beside := &sink{}, &sink{}
	c := startConnector(t, startWorker(t, k.addr(), s.plugin(), nil), sinkProps("errors.restart.max", "0"))
	other := startConnector(t, startWorker(t, k.addr(), beside.plugin(), nil), sinkProps("name", "beside", "topics", "honest"))
	kafkatest.Eventually(t, "FAILED", func() bool { return c.Tasks[0].Status().State == worker.Failed })
	trace := c.Tasks[0].Status().Trace
	for _, want := range []string{"in-0@1", "offsets 1 to 3000", "raise memory.max.bytes", "errors.tolerance is none"} {
		if !strings.Contains(trace, want) {
			t.Errorf("trace = %q, want it to hold %q", trace, want)
		}
	}
	if got, want := strings.Join(s.values(), " "), `0:{"n":0}`; got != want {
		t.Errorf("written %s, want %s, what is before the batch", got, want)
	}
	k.produce("honest", numbered(3)...)
	kafkatest.Eventually(t, "the other connector's records", func() bool { return other.Counts().Written == 3 })
	if at := k.committed("connect-out", "in"); at > 1 {
		t.Errorf("committed %d, behind the batch that was not read", at)
	}
}

// growing decodes each value to as much as a value of its length may take.
type growing struct{ connecttest.Converter }

func (growing) ToConnect(_ string, raw []byte) (*data.Schema, any, error) {
	return nil, bytes.Repeat([]byte("x"), int(memory.Decoded(len(raw)))), nil
}

// Whatever a sink decodes stays with the records until Put returns.
func TestRecordsThatGrowWhenTheyAreDecodedAreNotInMemoryAtOnce(t *testing.T) {
	if !confine.Test(t, 512<<20) {
		return
	}
	memory.Limit(0).LimitRuntime()
	k := startKafkaWith(t, kfake.SeedTopics(1, "in"))
	const n = 1000
	k.produce("in", numbered(n)...)
	s := &sink{}
	plugins := s.plugin()
	plugins.Converters = []connect.ConverterPlugin{{Info: connect.Info{Class: "Growing", Version: "1"},
		New: func(config.Values, bool) (connect.Converter, error) { return growing{}, nil }}}
	c := startConnector(t, startWorker(t, k.addr(), plugins, nil), sinkProps("value.converter", "Growing"))
	kafkatest.Eventually(t, "all records", func() bool { return c.Counts().Written == n })
	if got := s.values(); len(got) != n || got[n-1] != fmt.Sprintf(`%d:{"n":%d}`, n-1, n-1) {
		t.Errorf("%d records are written, the last is %s, want %d", len(got), got[len(got)-1], n)
	}
}
