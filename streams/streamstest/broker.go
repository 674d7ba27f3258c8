package streamstest

import (
	"context"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/internal/kafka"
)

// broker is the topics of a Driver: what is committed of them, and what the
// open epoch has written.
type broker struct {
	partitions int
	loops      map[string]bool // topics that the topology reads
	key        kgo.Partitioner
	keyless    map[string]int             // records without key, by topic
	ends       map[string]map[int32]int64 // next offsets

	written   []*kgo.Record // by the open epoch
	unread    []*kgo.Record // those of loops not yet processed
	committed map[string][]*kgo.Record
	read      map[string]int // how much of committed a test has read
}

func newBroker(partitions int) *broker {
	return &broker{
		partitions: partitions, key: kafka.Partitioner(),
		loops: map[string]bool{}, keyless: map[string]int{},
		ends: map[string]map[int32]int64{}, committed: map[string][]*kgo.Record{}, read: map[string]int{},
	}
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
	b.place(r)
	r.Timestamp = time.UnixMilli(r.Timestamp.UnixMilli()).UTC() // Kafka's resolution
	r.Context = ctx                                             // as kgo does, for the promise
	kept := *r                                                  // the task takes its own back
	b.written = append(b.written, &kept)
	if b.loops[r.Topic] {
		b.unread = append(b.unread, &kept)
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

// next takes the next record that the topology wrote for itself.
func (b *broker) next() *kgo.Record {
	if len(b.unread) == 0 {
		return nil
	}
	r := b.unread[0]
	b.unread = b.unread[1:]
	return r
}

func (b *broker) commit() {
	for _, r := range b.written {
		b.committed[r.Topic] = append(b.committed[r.Topic], r)
	}
	b.written = nil
}

func (b *broker) abort() { b.written, b.unread = nil, nil }

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
