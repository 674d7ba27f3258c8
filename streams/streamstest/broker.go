package streamstest

import (
	"context"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/internal/kafka"
	"github.com/suiro/suiro/streams/internal/queues"
	"github.com/suiro/suiro/streams/internal/task"
	"github.com/suiro/suiro/streams/topology"
)

// broker is the topics of a Driver: what is committed of them, and what the
// open epoch has written.
type broker struct {
	partitions int
	source     func(topic string) *topology.Source // nil for a topic that is not read
	times      func(topic string, partition int32) int64
	key        kgo.Partitioner
	keyless    map[string]int             // records without key, by topic
	ends       map[string]map[int32]int64 // next offsets

	written   []*kgo.Record  // by the open epoch
	unread    *queues.Queues // those of topics that the topology reads, and not yet processed
	committed map[string][]*kgo.Record
	read      map[string]int // how much of committed a test has read
}

// newBroker returns a broker without records. source finds what reads a topic, and times the
// partition time of what was processed.
func newBroker(partitions int, source func(string) *topology.Source, times func(string, int32) int64) *broker {
	b := &broker{
		partitions: partitions, source: source, times: times, key: kafka.Partitioner(), keyless: map[string]int{},
		ends: map[string]map[int32]int64{}, committed: map[string][]*kgo.Record{}, read: map[string]int{},
	}
	b.abort()
	return b
}

// place gives a record its partition, unless it has one, and its offset.
func (b *broker) place(r *kgo.Record) {
	switch {
	case r.Partition >= 0:
	case r.Key == nil:
		r.Partition = int32(b.keyless[r.Topic] % b.partitions)
		b.keyless[r.Topic]++
	default:
		r.Partition = int32(b.key.ForTopic(r.Topic).Partition(r, b.partitions))
	}
	if b.ends[r.Topic] == nil {
		b.ends[r.Topic] = map[int32]int64{}
	}
	r.Offset = b.ends[r.Topic][r.Partition]
	b.ends[r.Topic][r.Partition]++
}

// produce is how tasks write; everything is acknowledged at once.
func (b *broker) produce(ctx context.Context, r *kgo.Record, promise func(*kgo.Record, error)) {
	r.Context = ctx // as kgo does, for the promise
	if int(r.Partition) >= b.partitions {
		promise(r, fmt.Errorf("there is no partition %d: topics have %d of them", r.Partition, b.partitions))
		return
	}
	b.place(r)
	r.Timestamp = time.UnixMilli(r.Timestamp.UnixMilli()).UTC() // Kafka's resolution
	kept := *r                                                  // the task takes its own back
	b.written = append(b.written, &kept)
	if b.source(r.Topic) != nil {
		b.queue(&kept)
	}
	promise(r, nil)
}

// produceNow is how global stores write: what they write is committed.
func (b *broker) produceNow(ctx context.Context, r *kgo.Record, promise func(*kgo.Record, error)) {
	b.place(r)
	r.Context = ctx
	kept := *r
	b.committed[r.Topic] = append(b.committed[r.Topic], &kept)
	promise(r, nil)
}

// queue keeps a record that the topology wrote for itself until it is processed.
func (b *broker) queue(r *kgo.Record) {
	if !b.unread.Has(r.Topic, r.Partition) {
		b.unread.Own(r.Topic, r.Partition, kgo.EpochOffset{Offset: r.Offset}, r.Offset, b.times(r.Topic, r.Partition))
	}
	next := kgo.EpochOffset{Offset: r.Offset + 1}
	b.unread.Add(r.Topic, r.Partition, []*kgo.Record{r}, task.Cost(r), next, next.Offset)
}

// next takes the record that is processed next of those that the topology wrote for itself,
// nil for none: the earliest of the first ones of all partitions.
func (b *broker) next() *kgo.Record { return b.unread.Next(time.Time{}) }

func (b *broker) commit() {
	for _, r := range b.written {
		b.committed[r.Topic] = append(b.committed[r.Topic], r)
	}
	b.written = nil
}

func (b *broker) abort() { b.written, b.unread = nil, queues.New(b.source, -1) }

// take returns what of a topic was committed since the last call.
func (b *broker) take(topic string) []*kgo.Record {
	records := b.committed[topic][b.read[topic]:]
	b.read[topic] += len(records)
	return records
}

// partition returns all that is committed of a partition.
func (b *broker) partition(topic string, partition int32) (out []*kgo.Record) {
	for _, r := range b.committed[topic] {
		if r.Partition == partition {
			out = append(out, r)
		}
	}
	return out
}
