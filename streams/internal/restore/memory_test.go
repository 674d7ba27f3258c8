package restore

import (
	"encoding/binary"
	"fmt"
	"log/slog"
	"runtime/debug"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/internal/confine"
	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/suiro/suiro/stores/kinds"
	"github.com/suiro/suiro/stores/pebble"
	"github.com/suiro/suiro/streams/internal/telemetry"
	"github.com/suiro/suiro/streams/topology"
)

const (
	manyTasks   = 12
	manyRecords = 100_000   // of each task: they take 25 MiB with what Go keeps for each
	batches     = 128 << 20 // of a budget of 512 MiB
	hardLimit   = 448 << 20 // with the broker and what it keeps
)

// TestTheMemoryOfARestoreDoesNotGrowWithItsTasks restores the counts of many tasks at once,
// in a process that ends when it takes more than some memory.
func TestTheMemoryOfARestoreDoesNotGrowWithItsTasks(t *testing.T) {
	if !confine.Test(t, hardLimit) {
		return
	}
	debug.SetMemoryLimit(hardLimit / 2)
	brokers := kafkatest.Start(t, kfake.SeedTopics(manyTasks, "counts")).ListenAddrs()
	writeCounts(t, brokers)
	db, err := pebble.Open(t.TempDir(), &pebble.Options{CacheBytes: 16 << 20})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	metrics, err := telemetry.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	turns, adm := NewTurns(batches), kadm.NewClient(kafkatest.Client(t, brokers))
	var tasks sync.WaitGroup
	for partition := range int32(manyTasks) {
		o := Options{Task: strconv.Itoa(int(partition)), Partition: partition, DB: db, Admin: adm, Turns: turns,
			Client: []kgo.Opt{kgo.SeedBrokers(brokers...)}, Restored: new(atomic.Int64), Remaining: new(atomic.Int64),
			Metrics: metrics.Task(topology.TaskID{Partition: partition}), Logger: slog.New(slog.DiscardHandler),
			Logs: []Changelog{{Store: topology.Store{Spec: kinds.Spec{Name: "counts"}}, Topic: "counts"}}}
		o.Stores = []topology.Store{o.Logs[0].Store}
		tasks.Go(func() {
			if err := Run(t.Context(), o); err != nil {
				t.Error(err)
			}
			if n := o.Restored.Load(); n != manyRecords {
				t.Errorf("task %d has restored %d records, want %d", partition, n, manyRecords)
			}
		})
	}
	tasks.Wait()
}

// writeCounts fills all partitions.
func writeCounts(t *testing.T, brokers []string) {
	t.Helper()
	cl := kafkatest.Client(t, brokers, kgo.RecordPartitioner(kgo.ManualPartitioner()),
		kgo.ProducerBatchCompression(kgo.Lz4Compression()))
	for i := range manyTasks * manyRecords {
		r := &kgo.Record{Topic: "counts", Partition: int32(i / manyRecords), Value: binary.BigEndian.AppendUint64(nil, 1),
			Key: fmt.Appendf(nil, "%012d", i*7919%manyRecords)}
		cl.Produce(t.Context(), r, func(_ *kgo.Record, err error) {
			if err != nil {
				t.Error(err)
			}
		})
	}
	if err := cl.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
}
