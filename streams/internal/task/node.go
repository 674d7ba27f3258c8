package task

import (
	"errors"
	"fmt"
	"log/slog"
	"math"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/internal/rejections"
	"github.com/suiro/suiro/stores"
	"github.com/suiro/suiro/streams/topology"
)

// noStreamTime is the stream time before the first record. It is earlier than every
// record, as records may be from before 1970, and far enough from the smallest
// number that calculations with it do not overflow.
const noStreamTime = math.MinInt64 / 4

// slab is how many outgoing records are allocated at a time.
const slab = 128

// nodeContext is the task as its nodes see it. It belongs to the goroutine
// that runs the batch, or to the host while no batch runs.
type nodeContext struct {
	t       *Task
	current *batch
	record  topology.Record
	once    map[string]any
	flushes []flusher
	records []kgo.Record // what is left of a slab
	memory  atomic.Int64
	cached  int64
	now     int64 // stream time in milliseconds
}

type flusher struct {
	commit func() error
	abort  func()
}

var _ topology.Context = (*nodeContext)(nil)

// Task implements topology.Context.
func (n *nodeContext) Task() topology.TaskID { return n.t.ID }

// Overlay implements topology.Context. In a task without stores it is one that
// refuses every name.
func (n *nodeContext) Overlay() *stores.Overlay {
	if n.t.overlay != nil {
		return n.t.overlay
	}
	none := stores.NewOverlay(nil, nil)
	none.Declare()
	return none
}

// Logger implements topology.Context.
func (n *nodeContext) Logger() *slog.Logger { return n.t.Logger }

// StreamTime implements topology.Context.
func (n *nodeContext) StreamTime() time.Time { return time.UnixMilli(n.now) }

// Drop implements topology.Context.
func (n *nodeContext) Drop() { n.t.Metrics.Dropped() }

// Late implements topology.Context.
func (n *nodeContext) Late() { n.t.Metrics.Late() }

// Grow implements topology.Context.
func (n *nodeContext) Grow(bytes int64) { n.cached += bytes }

// OnCommit implements topology.Context.
func (n *nodeContext) OnCommit(commit func() error, abort func()) {
	n.flushes = append(n.flushes, flusher{commit, abort})
}

// Once implements topology.Context.
func (n *nodeContext) Once(node string, build func() any) any {
	if v, ok := n.once[node]; ok {
		return v
	}
	v := build()
	n.once[node] = v
	return v
}

// begin prepares for the records of b.
func (n *nodeContext) begin(b *batch) { n.current = b }

// account publishes the memory that the epoch holds.
func (n *nodeContext) account() {
	size := n.cached
	if n.t.overlay != nil {
		size += n.t.overlay.Bytes()
	}
	n.memory.Store(size)
}

// process hands one record to its source's handler and sends what is rejected
// to the dead letters.
func (n *nodeContext) process(r *kgo.Record) error {
	handler := n.t.handler[r.Topic]
	if handler == nil {
		return fmt.Errorf("no source reads topic %s", r.Topic)
	}
	in := &n.record
	in.Topic, in.Partition, in.Offset = r.Topic, r.Partition, r.Offset
	in.Key, in.Value, in.Timestamp = r.Key, r.Value, r.Timestamp
	in.Headers = headersIn(in.Headers[:0], r.Headers)
	if ms := r.Timestamp.UnixMilli(); ms > n.now {
		n.now = ms
	}
	err := handler(in)
	if err == nil {
		return nil
	}
	var rejection *topology.Rejection
	if !errors.As(err, &rejection) {
		return err
	}
	return n.reject(r, rejection)
}

// reject writes a dead letter, or returns the reason when there is no topic for
// dead letters.
func (n *nodeContext) reject(r *kgo.Record, reason *topology.Rejection) error {
	n.t.Metrics.Rejected(reason.Stage)
	if n.t.DeadLetters == "" {
		return fmt.Errorf("%w (set errors.dead.letter.queue.topic.name to continue after such records)", reason)
	}
	n.t.Metrics.DeadLetter()
	n.t.Rejections.Add(rejections.Rejection{Stage: reason.Stage, Place: r.Topic, Reason: reason.Err.Error(),
		Record: fmt.Sprintf("%s-%d@%d", r.Topic, r.Partition, r.Offset)})
	n.produce(deadLetter(n.t.DeadLetters, r, reason, n.t.MaxRequestBytes))
	return nil
}

// Emit implements topology.Context.
func (n *nodeContext) Emit(topic string, key, value []byte, ts time.Time, headers []topology.Header) error {
	if size := batchSize(key, value, headers); size > n.t.MaxRequestBytes {
		return &topology.Rejection{Stage: topology.Production, Err: fmt.Errorf(
			"record of %d bytes for topic %s is over max.request.size %d", size, topic, n.t.MaxRequestBytes)}
	}
	r := n.next()
	r.Topic, r.Key, r.Value, r.Timestamp = n.t.Topic(topic), key, value, ts
	r.Partition = -1
	if len(headers) > 0 {
		r.Headers = headersOut(headers)
	}
	n.produce(r)
	return nil
}

// next returns a zero record, allocated with many others.
func (n *nodeContext) next() *kgo.Record {
	if len(n.records) == 0 {
		n.records = make([]kgo.Record, slab)
	}
	r := &n.records[0]
	n.records = n.records[1:]
	return r
}

func (n *nodeContext) produce(r *kgo.Record) {
	n.current.open.Add(1)
	n.t.Produce(n.current, r, acknowledged)
}

func headersIn(dst []topology.Header, src []kgo.RecordHeader) []topology.Header {
	for _, h := range src {
		dst = append(dst, topology.Header{Key: h.Key, Value: h.Value})
	}
	return dst
}

func headersOut(src []topology.Header) []kgo.RecordHeader {
	dst := make([]kgo.RecordHeader, len(src))
	for i, h := range src {
		dst[i] = kgo.RecordHeader{Key: h.Key, Value: h.Value}
	}
	return dst
}

// deadLetterOverhead is kept free for headers, so that the dead letter of a record
// that just fitted fits as well.
const deadLetterOverhead = 2 << 10

// deadLetter returns the dead letter of r: its key, value and headers, and the
// reason in headers with the names of Kafka Streams (KIP-1034). size is the
// largest batch. A value that would not fit is cut, and a header says how long it
// was.
func deadLetter(topic string, r *kgo.Record, reason *topology.Rejection, size int) *kgo.Record {
	d := &kgo.Record{Topic: topic, Key: r.Key, Value: r.Value, Timestamp: r.Timestamp, Partition: -1}
	d.Headers = append(d.Headers, r.Headers...)
	add := func(name, value string) {
		d.Headers = append(d.Headers, kgo.RecordHeader{Key: "__streams.errors." + name, Value: []byte(value)})
	}
	add("exception", reason.Stage)
	add("message", truncate(reason.Err.Error(), 512))
	add("topic", r.Topic)
	add("partition", strconv.Itoa(int(r.Partition)))
	add("offset", strconv.FormatInt(r.Offset, 10))
	if limit := size - deadLetterOverhead - len(r.Key); len(d.Value) > limit && limit > 0 {
		add("value.truncated.from", strconv.Itoa(len(d.Value)))
		d.Value = d.Value[:limit]
	}
	return d
}

func truncate(s string, size int) string {
	if len(s) > size {
		return s[:size] + "..."
	}
	return s
}
