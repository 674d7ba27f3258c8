package worker_test

import (
	"context"
	"errors"
	"maps"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/worker"
	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/twmb/franz-go/pkg/kerr"
)

func TestExactlyOnceSourceCrashInAnOpenTransaction(t *testing.T) {
	k := startKafka(t, 1, "lines")
	crashes := 3
	s := &source{values: numbered(9), batch: 2, topic: "lines", poll: func(_ connect.SourceContext, at int64) error {
		if crashes > 0 && at == 2 {
			crashes--
			k.refuseWrite(1, kerr.TopicAuthorizationFailed)
		}
		return nil
	}}
	w := startWorker(t, k.addr(), s.plugin(), exactlyOnce())
	// With the interval boundary nothing is committed before the end, so each crash
	// aborts a transaction with records in it.
	c := startConnector(t, w, sourceProps("transaction.boundary", "interval", "transaction.boundary.interval.ms", "3600000"))
	kafkatest.Eventually(t, "the end of the input", func() bool { return c.Counts().EndOfInput })
	if got, want := values(k.consume("lines", 9)), strings.Join(numbered(9), " "); got != want {
		t.Errorf("read_committed shows %s, want %s", got, want)
	}
	if got := c.Counts().Restarts; got != 3 {
		t.Errorf("restarts = %d, want 3", got)
	}
}

// A worker that wakes up when another has taken its task stays away: if it
// started again it would shut the other out.
func TestExactlyOnceSourceFencesItsZombie(t *testing.T) {
	k := startKafka(t, 1, "lines")
	hold := make(chan struct{})
	zombie := &source{values: numbered(4), batch: 2, topic: "lines", follow: true,
		poll: func(_ connect.SourceContext, at int64) error {
			if at == 2 {
				<-hold // paused with an open transaction
			}
			return nil
		}}
	w1 := startWorker(t, k.addr(), zombie.plugin(), exactlyOnce())
	c1 := startConnector(t, w1, sourceProps("transaction.boundary", "interval", "transaction.boundary.interval.ms", "3600000"))
	kafkatest.Eventually(t, "two records in the open transaction", func() bool { return c1.Counts().Written == 2 })

	heir := &source{values: numbered(4), batch: 2, topic: "lines"}
	w2 := startWorker(t, k.addr(), heir.plugin(), exactlyOnce())
	c2 := startConnector(t, w2, sourceProps("transaction.boundary", "interval", "transaction.boundary.interval.ms", "1"))
	kafkatest.Eventually(t, "the end of the heir's input", func() bool { return c2.Counts().EndOfInput })
	close(hold)
	kafkatest.Eventually(t, "the zombie to fail", func() bool { return c1.Tasks[0].Status().State == worker.Failed })
	if got := c1.Tasks[0].Status().Trace; !strings.Contains(got, "another worker has started this task") {
		t.Errorf("trace = %q, want the reason", got)
	}
	stop(t, c1)
	if a, b := c1.Counts().Restarts, c2.Counts().Restarts; a != 0 || b != 0 {
		t.Errorf("restarts = %d of the zombie, %d of the heir, want none", a, b)
	}
	if got, want := values(k.consume("lines", 4)), strings.Join(numbered(4), " "); got != want {
		t.Errorf("read_committed shows %s, want %s", got, want)
	}
}

// heldSource is a source whose second poll of two waits until hold is closed.
func heldSource() (s *source, hold chan struct{}) {
	hold = make(chan struct{})
	held := sync.OnceFunc(func() { <-hold })
	return &source{values: numbered(4), batch: 2, topic: "lines", poll: func(_ connect.SourceContext, at int64) error {
		if at == 2 {
			held()
		}
		return nil
	}}, hold
}

// A task whose predecessors were fenced comes back where it is the worker's, and takes
// nothing from others where it is not.
func TestAFencedTaskComesBackWhereItIsTheWorkers(t *testing.T) {
	k := startKafka(t, 1, "lines")
	s, hold := heldSource()
	w := startWorker(t, k.addr(), s.plugin(), exactlyOnce())
	props := sourceProps("transaction.boundary", "interval", "transaction.boundary.interval.ms", "3600000")
	var others atomic.Bool
	task := startTask(t, w, props, nil, &worker.TaskOptions{Verify: func(context.Context) error {
		if others.Load() {
			return errors.New("another worker has it")
		}
		return nil
	}})
	kafkatest.Eventually(t, "two records in the open transaction", func() bool { return task.Counts().Written == 2 })

	others.Store(true)
	p := compile(t, w, props)
	if err := errors.Join(worker.Fence(t.Context(), p, 1), p.Close()); err != nil {
		t.Fatal(err)
	}
	close(hold)
	kafkatest.Eventually(t, "the task to wait", func() bool {
		return strings.Contains(task.Status().Trace, "another worker has it")
	})
	others.Store(false)
	kafkatest.Eventually(t, "the end of the input", func() bool { return task.Counts().EndOfInput })
	if got, want := values(k.consume("lines", 4)), strings.Join(numbered(4), " "); got != want {
		t.Errorf("read_committed shows %s, want %s", got, want)
	}
}

// The broker fences a task whose transaction was open too long, as it would if
// another worker had started it; such a task does start again.
func TestExactlyOnceSourceOutlivesItsTransaction(t *testing.T) {
	k := startKafka(t, 1, "lines")
	s, hold := heldSource()
	w := startWorker(t, k.addr(), s.plugin(), exactlyOnce())
	c := startConnector(t, w, sourceProps("transaction.boundary", "interval", "transaction.boundary.interval.ms", "60000",
		"producer.override.transaction.timeout.ms", "500"))
	kafkatest.Eventually(t, "two records in the open transaction", func() bool { return c.Counts().Written >= 2 })
	kafkatest.Eventually(t, "the broker to abort it", func() bool {
		all, err := admin(k.cl).DescribeTransactions(t.Context(), "workers-src-0")
		return err == nil && all["workers-src-0"].State != "Ongoing"
	})
	close(hold)
	kafkatest.Eventually(t, "the end of the input", func() bool { return c.Counts().EndOfInput })
	if got, want := values(k.consume("lines", 4)), strings.Join(numbered(4), " "); got != want {
		t.Errorf("read_committed shows %s, want %s", got, want)
	}
	if got := c.Counts().Restarts; got < 1 {
		t.Errorf("restarts = %d, want one, or more on a slow machine", got)
	}
}

// The client renews its producer id by itself when a topic was deleted behind
// it, which aborts what the transaction holds so far.
func TestExactlyOnceSourceThatLostItsProducerID(t *testing.T) {
	k := startKafka(t, 1, "lines")
	k.refuseWrite(2, kerr.OutOfOrderSequenceNumber)
	s, hold := heldSource()
	w := startWorker(t, k.addr(), s.plugin(), exactlyOnce())
	c := startConnector(t, w, sourceProps("transaction.boundary", "interval", "transaction.boundary.interval.ms", "3600000"))
	kafkatest.Eventually(t, "two records in the open transaction", func() bool { return c.Counts().Written == 2 })
	close(hold)
	kafkatest.Eventually(t, "the end of the input", func() bool { return c.Counts().EndOfInput })
	k.produce("lines", "end")
	if got, want := values(k.consume("lines", 5)), strings.Join(append(numbered(4), "end"), " "); got != want {
		t.Errorf("read_committed shows %s, want %s", got, want)
	}
}

// Offsets of one source partition stay in one partition of the topic, whatever
// writes them: between partitions nobody knows which is the latest.
func TestOffsetsOfAllWorkersAreInOneOrder(t *testing.T) {
	k := startKafka(t, 1, "lines")
	once := exactlyOnce()
	once["offset.storage.partitions"] = "50"
	plain := maps.Clone(once)
	plain["exactly.once.source.support"] = "disabled"
	for i, more := range []map[string]string{plain, once, plain} {
		s := &source{values: numbered(2 * (i + 1)), batch: 2, topic: "lines"}
		c := startConnector(t, startWorker(t, k.addr(), s.plugin(), more), sourceProps())
		kafkatest.Eventually(t, "the end of the input", func() bool { return c.Counts().EndOfInput })
		stop(t, c)
	}
	records := k.consume("offsets", 3)
	for _, r := range records {
		if r.Partition != records[0].Partition {
			t.Errorf("offset %s is in partition %d, %s in %d, want the same",
				r.Value, r.Partition, records[0].Value, records[0].Partition)
		}
	}
}
