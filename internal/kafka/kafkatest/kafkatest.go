// Package kafkatest is what tests need of a Kafka: an embedded broker, clients,
// records written and read, and a condition waited for. Everything it starts
// ends with the test.
//
//	c := kafkatest.Start(t, kfake.SeedTopics(1, "in", "out"))
//	kafkatest.Produce(t, c.ListenAddrs(), kgo.StringRecord("a"))
//	got := kafkatest.Consume(t, c.ListenAddrs(), "out", 1)
//
// The functions that take brokers work with any Kafka, also a real one.
package kafkatest

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
)

// Patience is how long Consume and Eventually wait before they fail the test.
const Patience = time.Minute

// Start starts an embedded Kafka of one broker.
func Start(t testing.TB, opts ...kfake.Opt) *kfake.Cluster {
	t.Helper()
	c, err := kfake.NewCluster(append([]kfake.Opt{kfake.NumBrokers(1)}, opts...)...)
	if err != nil {
		t.Fatalf("start an embedded kafka: %v", err)
	}
	t.Cleanup(c.Close)
	return c
}

// Real returns the address of the Kafka that SUIRO_KAFKA names. Without one it
// skips the test, or fails it when SUIRO_REQUIRE_SERVICES is 1.
func Real(t testing.TB) []string {
	t.Helper()
	addr := os.Getenv("SUIRO_KAFKA")
	if addr == "" {
		const what = "SUIRO_KAFKA is not set: start Kafka with scripts/services/services up kafka"
		if os.Getenv("SUIRO_REQUIRE_SERVICES") == "1" {
			t.Fatal(what)
		}
		t.Skip(what)
	}
	return strings.Split(addr, ",")
}

// Client returns a client of the brokers.
func Client(t testing.TB, brokers []string, opts ...kgo.Opt) *kgo.Client {
	t.Helper()
	cl, err := kgo.NewClient(append([]kgo.Opt{kgo.SeedBrokers(brokers...)}, opts...)...)
	if err != nil {
		t.Fatalf("make a kafka client: %v", err)
	}
	t.Cleanup(cl.Close)
	return cl
}

// Produce writes the records in order and waits until all are acknowledged. The
// key chooses the partition as Java's producer does; without a key it is the
// partition of the record.
func Produce(t testing.TB, brokers []string, records ...*kgo.Record) {
	t.Helper()
	cl := Client(t, brokers, kgo.ProducerBatchMaxBytes(8<<20), // more than topics take by default
		kgo.RecordPartitioner(ByKey()))
	defer cl.Close()
	ctx, cancel := context.WithTimeout(t.Context(), Patience)
	defer cancel()
	for _, r := range records {
		cl.Produce(ctx, r, func(r *kgo.Record, err error) {
			if err != nil {
				t.Errorf("produce to %s: %v", r.Topic, err)
			}
		})
	}
	if err := cl.Flush(ctx); err != nil {
		t.Fatalf("produce: %v", err)
	}
}

// Consume reads a topic from its start as a read_committed reader sees it,
// until it has n records or more, and fails the test when they do not come.
// Records of one partition are in order.
func Consume(t testing.TB, brokers []string, topic string, n int) []*kgo.Record {
	t.Helper()
	cl := Client(t, brokers, kgo.ConsumeTopics(topic), kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.FetchMaxWait(100*time.Millisecond))
	defer cl.Close()
	ctx, cancel := context.WithTimeout(t.Context(), Patience)
	defer cancel()
	var out []*kgo.Record
	for len(out) < n {
		fetches := cl.PollFetches(ctx)
		if ctx.Err() != nil {
			t.Fatalf("topic %s has %d committed records after %v, want %d", topic, len(out), Patience, n)
		}
		out = append(out, fetches.Records()...)
	}
	return out
}

// Values returns the values of the records as text.
func Values(records []*kgo.Record) []string {
	out := make([]string, len(records))
	for i, r := range records {
		out[i] = string(r.Value)
	}
	return out
}

// Eventually waits until ok returns true, and fails the test when that takes
// longer than [Patience]. ok is called on the test's goroutine.
func Eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	if !Within(Patience, ok) {
		t.Fatalf("not within %v: %s", Patience, what)
	}
}

// Within waits until ok returns true, and returns false when that takes longer than
// patience. ok is called on the goroutine of the caller.
func Within(patience time.Duration, ok func() bool) bool {
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-deadline.C:
			return false
		case <-tick.C:
		}
	}
	return true
}

// ByKey is the partitioner of [Produce].
func ByKey() kgo.Partitioner { return byKey{kgo.StickyKeyPartitioner(nil), kgo.ManualPartitioner()} }

// byKey chooses the partition by the key, and leaves records without one where
// they say.
type byKey struct{ keyed, manual kgo.Partitioner }

// ForTopic implements kgo.Partitioner.
func (p byKey) ForTopic(topic string) kgo.TopicPartitioner {
	return byKeyTopic{p.keyed.ForTopic(topic), p.manual.ForTopic(topic)}
}

type byKeyTopic struct{ keyed, manual kgo.TopicPartitioner }

// RequiresConsistency implements kgo.TopicPartitioner.
func (p byKeyTopic) RequiresConsistency(*kgo.Record) bool { return true }

// Partition implements kgo.TopicPartitioner.
func (p byKeyTopic) Partition(r *kgo.Record, n int) int {
	if r.Key == nil {
		return p.manual.Partition(r, n)
	}
	return p.keyed.Partition(r, n)
}
