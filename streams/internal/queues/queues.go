// Package queues keeps the records of tasks that read several partitions in order.
package queues

import (
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/streams/internal/task"
	"github.com/suiro/suiro/streams/topology"
)

// Queues holds the records of a task that reads several partitions, and gives them out
// in the order of their event times, as Kafka Streams does: of the first records of all
// partitions the earliest one, and of equal ones that which its heap has on top. It
// belongs to the host's goroutine.
type Queues struct {
	source func(topic string) *topology.Source // nil is allowed
	idle   time.Duration
	all    []*queue
	heap   []*queue // those with records, as java.util.PriorityQueue keeps them
	// enforced is how many records the last Take gave out while a partition had none.
	enforced int
}

// queue is the records of one partition.
type queue struct {
	topic     string
	partition int32
	source    *topology.Source // what reads the topic, nil for nothing
	records   []*kgo.Record
	bytes     int64
	head      int64           // event time of the first record
	time      int64           // partition time of those that were given out
	next      kgo.EpochOffset // to be read next, with the epoch of the leader that has written what is before
	end       int64           // where the partition ends
	deadline  time.Time
}

// New returns Queues without partitions. source returns what reads a topic. idle is
// how long a partition without records is waited for, once it is known to have none
// (max.task.idle.ms); a negative one waits for none at all.
func New(source func(topic string) *topology.Source, idle time.Duration) *Queues {
	return &Queues{source: source, idle: idle}
}

// Own adds a partition that is read from an offset on and ends at another one. With an
// end that is not larger it has no records.
func (q *Queues) Own(topic string, partition int32, next kgo.EpochOffset, end, partitionTime int64) {
	q.Lose(topic, partition)
	q.all = append(q.all, &queue{topic: topic, partition: partition, source: q.source(topic), next: next, end: end,
		time: partitionTime})
}

// Lose removes a partition, with its records.
func (q *Queues) Lose(topic string, partition int32) {
	q.Drop(topic, partition, kgo.EpochOffset{})
	q.all = slices.DeleteFunc(q.all, func(p *queue) bool { return p.topic == topic && p.partition == partition })
}

// find returns the queue of a partition, nil when it is not owned.
func (q *Queues) find(topic string, partition int32) *queue {
	for _, p := range q.all {
		if p.topic == topic && p.partition == partition {
			return p
		}
	}
	return nil
}

// Add takes what was read of a partition, up to next, when the partition ended at end. It
// returns how many bytes the partition has now.
func (q *Queues) Add(topic string, partition int32, records []*kgo.Record, bytes int64, next kgo.EpochOffset,
	end int64) int64 {
	p := q.find(topic, partition)
	if p == nil {
		return 0
	}
	p.next, p.end = next, max(end, next.Offset)
	if len(records) == 0 {
		return p.bytes
	}
	empty := len(p.records) == 0
	p.records = append(p.records, records...)
	p.bytes += bytes
	if empty {
		p.look()
		q.offer(p)
	}
	return p.bytes
}

// look finds the event time of the first record. One that has none is not waited with.
func (p *queue) look() {
	r := p.records[0]
	p.head = r.Timestamp.UnixMilli()
	if p.source != nil && p.source.Timestamp != nil {
		p.head = extracted(p.source, r, p.time)
	}
}

// extracted is the time that a source's function gives a record; what it does about a bad
// one shows when the record is processed.
func extracted(s *topology.Source, r *kgo.Record, partitionTime int64) (at int64) {
	if partitionTime == task.NoStreamTime {
		partitionTime = topology.NoTime
	}
	defer func() {
		if recover() != nil {
			at = topology.NoTime
		}
	}()
	at, err := s.Timestamp(&topology.Record{
		Topic: r.Topic, Partition: r.Partition, Offset: r.Offset, Key: r.Key, Value: r.Value,
		Timestamp: r.Timestamp, Headers: headers(r),
	}, partitionTime)
	if err != nil {
		return topology.NoTime
	}
	return at
}

func headers(r *kgo.Record) (out []topology.Header) {
	for _, h := range r.Headers {
		out = append(out, topology.Header{Key: h.Key, Value: h.Value})
	}
	return out
}

// Take returns the records that can be processed now, in order, and how many bytes they
// hold.
func (q *Queues) Take(now time.Time) (records []*kgo.Record, bytes int64) {
	q.enforced = 0
	for q.Ready(now) {
		if len(q.heap) < len(q.all) {
			q.enforced++
		}
		r := q.first()
		records = append(records, r)
		bytes += task.Cost(r)
	}
	return records, bytes
}

// Enforced returns how many records the last Take gave out although a partition had none
// to compare their times with.
func (q *Queues) Enforced() int { return q.enforced }

// Next returns the record that can be processed now, nil for none.
func (q *Queues) Next(now time.Time) *kgo.Record {
	if !q.Ready(now) {
		return nil
	}
	return q.first()
}

// first takes the earliest record out.
func (q *Queues) first() *kgo.Record {
	p := q.poll()
	r := p.records[0]
	p.records[0] = nil
	p.records = p.records[1:]
	p.time = max(p.time, p.head)
	p.bytes -= task.Cost(r)
	if len(p.records) == 0 {
		p.records, p.bytes = nil, 0
		return r
	}
	p.look()
	q.offer(p)
	return r
}

// Ready reports whether there is a record and it may be processed: each partition has one, or is
// known to have none, for long enough.
func (q *Queues) Ready(now time.Time) bool {
	if len(q.heap) == 0 {
		return false
	}
	if q.idle < 0 || len(q.heap) == len(q.all) {
		return true
	}
	ready := true
	for _, p := range q.all {
		switch {
		case len(p.records) > 0:
			p.deadline = time.Time{}
		case p.next.Offset < p.end: // there are some, which come
			p.deadline, ready = time.Time{}, false
		default:
			if p.deadline.IsZero() {
				p.deadline = now.Add(q.idle)
			}
			ready = ready && !now.Before(p.deadline)
		}
	}
	return ready
}

// Wait returns when a record may be processed although a partition has none, and the zero
// time when that is not a question of time.
func (q *Queues) Wait() (at time.Time) {
	if len(q.heap) == 0 || q.idle <= 0 {
		return at
	}
	for _, p := range q.all {
		if len(p.records) == 0 && p.next.Offset < p.end {
			return time.Time{}
		}
		if len(p.records) == 0 && p.deadline.After(at) {
			at = p.deadline
		}
	}
	return at
}

// Left calls each with the first record of every partition that has some.
func (q *Queues) Left(each func(first *kgo.Record)) {
	for _, p := range q.all {
		if len(p.records) > 0 {
			each(p.records[0])
		}
	}
}

// Ends calls each with where every partition is read and ends.
func (q *Queues) Ends(each func(topic string, partition int32, next kgo.EpochOffset, end int64)) {
	for _, p := range q.all {
		each(p.topic, p.partition, p.next, p.end)
	}
}

// Has reports whether a partition is owned.
func (q *Queues) Has(topic string, partition int32) bool { return q.find(topic, partition) != nil }

// Bytes returns how many bytes a partition has.
func (q *Queues) Bytes(topic string, partition int32) int64 {
	if p := q.find(topic, partition); p != nil {
		return p.bytes
	}
	return 0
}

// Total returns how many bytes all partitions have.
func (q *Queues) Total() (bytes int64) {
	for _, p := range q.all {
		bytes += p.bytes
	}
	return bytes
}

// Drop forgets the records of a partition, which is read again from next on.
func (q *Queues) Drop(topic string, partition int32, next kgo.EpochOffset) {
	p := q.find(topic, partition)
	if p == nil {
		return
	}
	p.records, p.bytes, p.next = nil, 0, next
	left := q.heap
	q.heap = nil
	for _, other := range left {
		if other != p {
			q.offer(other)
		}
	}
}

// offer and poll are those of java.util.PriorityQueue: records of equal times come in the
// order of Kafka Streams.
func (q *Queues) offer(p *queue) {
	q.heap = append(q.heap, p)
	k := len(q.heap) - 1
	for k > 0 {
		parent := (k - 1) / 2
		if p.head >= q.heap[parent].head {
			break
		}
		q.heap[k] = q.heap[parent]
		k = parent
	}
	q.heap[k] = p
}

func (q *Queues) poll() *queue {
	top, n := q.heap[0], len(q.heap)-1
	last := q.heap[n]
	q.heap[n] = nil
	q.heap = q.heap[:n]
	if n == 0 {
		return top
	}
	k := 0
	for k < n/2 {
		child := 2*k + 1
		if right := child + 1; right < n && q.heap[child].head > q.heap[right].head {
			child = right
		}
		if last.head <= q.heap[child].head {
			break
		}
		q.heap[k] = q.heap[child]
		k = child
	}
	q.heap[k] = last
	return top
}
