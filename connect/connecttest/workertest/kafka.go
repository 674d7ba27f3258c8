package workertest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// CreateTopic creates a topic. A connector does not create topics unless its
// configuration says so with topic.creation.default.* keys.
func (w *Worker) CreateTopic(topic string, partitions int) {
	w.t.Helper()
	made, err := kadm.NewClient(w.broker.client).CreateTopic(w.t.Context(), int32(partitions), 1, nil, topic)
	if err == nil {
		err = made.Err
	}
	if err != nil {
		w.t.Fatalf("create topic %s: %v", topic, err)
	}
}

// Produce writes values without keys to partition 0 of a topic, in order, and
// returns when they are acknowledged.
func (w *Worker) Produce(topic string, values ...string) {
	w.t.Helper()
	records := make([]Record, len(values))
	for i, v := range values {
		records[i] = Record{Topic: topic, Value: []byte(v)}
	}
	w.ProduceRecords(records...)
}

// ProduceRecords writes records, those of a partition in order, and returns when
// they are acknowledged.
func (w *Worker) ProduceRecords(records ...Record) {
	w.t.Helper()
	cl := w.broker.observe(w.t, kgo.RecordPartitioner(kafkatest.ByKey()))
	defer cl.Close()
	ctx, cancel := context.WithTimeout(w.t.Context(), kafkatest.Patience)
	defer cancel()
	all := make([]*kgo.Record, len(records))
	for i, r := range records {
		all[i] = r.toKafka()
	}
	for _, result := range cl.ProduceSync(ctx, all...) {
		if errors.Is(result.Err, kerr.UnknownTopicOrPartition) {
			w.t.Fatalf("produce to topic %s: it does not exist: call CreateTopic first", result.Record.Topic)
		}
		if result.Err != nil {
			w.t.Fatalf("produce to topic %s: %v", result.Record.Topic, result.Err)
		}
	}
}

// Consume reads a topic from its start, as a reader with read_committed sees it,
// until it has n records or more. The test fails when they do not come within a
// minute. Records of one partition are in order.
func (w *Worker) Consume(topic string, n int) []Record {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), kafkatest.Patience)
	defer cancel()
	return w.consume(ctx, topic, n)
}

func (w *Worker) consume(ctx context.Context, topic string, n int) []Record {
	w.t.Helper()
	cl := w.broker.observe(w.t, kgo.ConsumeTopics(topic), kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.FetchMaxWait(50*time.Millisecond))
	defer cl.Close()
	var out []Record
	for len(out) < n {
		fetches := cl.PollFetches(ctx)
		if ctx.Err() != nil {
			w.t.Fatalf("topic %s has %d committed records, want %d: %q", topic, len(out), n, Values(out[max(0, len(out)-10):]))
		}
		fetches.EachRecord(func(r *kgo.Record) { out = append(out, recordOf(r)) })
	}
	return out
}

// All returns all records that a topic has now, as a reader with read_committed
// sees them.
func (w *Worker) All(topic string) []Record {
	w.t.Helper()
	adm := kadm.NewClient(w.broker.client)
	ctx, cancel := context.WithTimeout(w.t.Context(), kafkatest.Patience)
	defer cancel()
	ends, err := adm.ListCommittedOffsets(ctx, topic)
	if err != nil {
		w.t.Fatalf("look for the end of topic %s: %v", topic, err)
	}
	from, left := map[string]map[int32]kgo.Offset{topic: {}}, map[int32]int64{}
	ends.Each(func(o kadm.ListedOffset) {
		if o.Err == nil && o.Offset > 0 {
			from[topic][o.Partition], left[o.Partition] = kgo.NewOffset().AtStart(), o.Offset
		}
	})
	if len(left) == 0 {
		return nil
	}
	cl := w.broker.observe(w.t, kgo.ConsumePartitions(from), kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		kgo.KeepControlRecords(), kgo.FetchMaxWait(50*time.Millisecond))
	defer cl.Close()
	var out []Record
	for len(left) > 0 {
		fetches := cl.PollFetches(ctx)
		if ctx.Err() != nil {
			w.t.Fatalf("read topic %s to its end: %v", topic, ctx.Err())
		}
		fetches.EachRecord(func(r *kgo.Record) {
			if r.Offset < left[r.Partition] && !r.Attrs.IsControl() {
				out = append(out, recordOf(r))
			}
			if r.Offset >= left[r.Partition]-1 {
				delete(left, r.Partition)
			}
		})
	}
	return out
}

// DeadLetters reads a topic of dead letters as Consume does.
func (w *Worker) DeadLetters(topic string, n int) []DeadLetter {
	w.t.Helper()
	var out []DeadLetter
	for _, r := range w.Consume(topic, n) {
		out = append(out, deadLetterOf(r))
	}
	return out
}

// Committed returns the offsets that a sink connector has committed: those of its
// consumer group, connect- with the connector's name.
func (w *Worker) Committed(connector string) connect.Offsets {
	w.t.Helper()
	offsets, err := w.broker.committed(w.t.Context(), "connect-"+connector)
	if err != nil && !strings.Contains(err.Error(), "GROUP") {
		w.t.Fatalf("offsets of connector %s: %v", connector, err)
	}
	out := connect.Offsets{}
	offsets.Each(func(o kadm.OffsetResponse) {
		if o.Err == nil && o.At >= 0 {
			out[connect.TopicPartition{Topic: o.Topic, Partition: o.Partition}] = o.At
		}
	})
	return out
}

// AwaitCommitted waits until a sink connector has committed everything that is in
// its topics now.
func (w *Worker) AwaitCommitted(connector string, topics ...string) {
	w.t.Helper()
	ends, err := kadm.NewClient(w.broker.client).ListEndOffsets(w.t.Context(), topics...)
	if err == nil {
		err = ends.Error()
	}
	if err != nil {
		w.t.Fatalf("look for the ends of %v: %v", topics, err)
	}
	w.Eventually(fmt.Sprintf("connector %s commits %v to the end", connector, topics), func() bool {
		committed, all := w.Committed(connector), true
		ends.Each(func(o kadm.ListedOffset) {
			tp := connect.TopicPartition{Topic: o.Topic, Partition: o.Partition}
			all = all && committed[tp] >= o.Offset
		})
		return all
	})
}
