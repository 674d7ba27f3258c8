package task

import (
	"errors"
	"fmt"
	"log/slog"
	"math"
	"slices"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/stores"
	"github.com/suiro/suiro/stores/kinds"
	"github.com/suiro/suiro/streams/internal/limits"
	"github.com/suiro/suiro/streams/internal/telemetry"
	"github.com/suiro/suiro/streams/internal/timers"
	"github.com/suiro/suiro/streams/topology"
)

// NoStreamTime is the stream time before the first record. It is earlier than every
// record, as records may be from before 1970, and far enough from the smallest
// number that calculations with it do not overflow.
const NoStreamTime = math.MinInt64 / 4

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
	closers []func()
	records []kgo.Record // what is left of a slab
	memory  atomic.Int64
	cached  int64
	now     int64 // stream time in milliseconds
	times   []*partitionTime
	recent  *partitionTime // of the last record
	timers  *timers.Timers
	kept    kept
	inside  bool              // a record is in process
	from    *source           // of the last record
	topics  map[string]string // of the sinks, by their names in the topology

	read, written *telemetry.Flows
	lateness      int64 // of the batch in process, in milliseconds

	// made is what the record in process, or an update, has emitted. It is written when all
	// went well, and dropped otherwise. holds is how many wait for that, one within the other.
	made      []*kgo.Record
	madeBytes int64
	holds     int
}

type flusher struct {
	commit func() error
	abort  func()
}

var _ topology.Context = (*nodeContext)(nil)

// Task implements topology.Context.
func (n *nodeContext) Task() topology.TaskID { return n.t.ID }

// Overlay implements topology.Context. In a task without stores it is an empty one.
func (n *nodeContext) Overlay() *stores.Overlay {
	if n.t.overlay != nil {
		return n.t.overlay
	}
	return stores.NewOverlay(nil, nil)
}

// Stores implements topology.Context.
func (n *nodeContext) Stores() *kinds.Stores { return n.t.stores }

// Global implements topology.Context.
func (n *nodeContext) Global(store string) *kinds.KeyValueReader {
	if n.t.Globals == nil {
		return nil
	}
	return n.t.Globals(store)
}

// Cached implements topology.Context.
func (n *nodeContext) Cached() bool { return !n.t.NoCache }

// Logger implements topology.Context.
func (n *nodeContext) Logger() *slog.Logger { return n.t.Logger }

// Now implements topology.Context.
func (n *nodeContext) Now() time.Time { return n.t.Now() }

// EmitInterval implements topology.Context.
func (n *nodeContext) EmitInterval() time.Duration { return n.t.EmitInterval }

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

// OnClose implements topology.Context.
func (n *nodeContext) OnClose(f func()) { n.closers = append(n.closers, f) }

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
func (n *nodeContext) begin(b *batch) { n.current, n.lateness = b, 0 }

// end reports what a batch has read and written, and lets go of its last record. Where
// that was stays known.
func (n *nodeContext) end() {
	n.read.Report()
	n.written.Report()
	r := &n.record
	clear(r.Headers[:cap(r.Headers)])
	r.Key, r.Value, r.Headers = nil, nil, r.Headers[:0]
}

// account publishes the memory that the epoch holds.
func (n *nodeContext) account() {
	size := n.cached
	if n.t.overlay != nil {
		size += n.t.overlay.Bytes()
	}
	n.memory.Store(size)
}

// process hands one record to its source's handler, and writes what it has emitted. The
// app's handlers decide what becomes of a record that fails.
func (n *nodeContext) process(r *kgo.Record) error {
	if n.from == nil || n.record.Topic != r.Topic {
		if n.from = n.t.source(r.Topic); n.from == nil {
			return fmt.Errorf("no source reads topic %s", r.Topic)
		}
	}
	from := n.from
	n.read.Add(r.Topic, len(r.Key)+len(r.Value))
	in := &n.record
	in.Topic, in.Partition, in.Offset = r.Topic, r.Partition, r.Offset
	in.Key, in.Value, in.Timestamp = r.Key, r.Value, r.Timestamp
	in.Headers = headersIn(in.Headers[:0], r.Headers)
	at := n.partition(r.Topic, r.Partition)
	kept, err := n.extract(from.Source, in, at)
	if err == nil && !kept {
		return nil
	}
	if err == nil {
		err = n.t.clock(in.Timestamp)
	}
	if err == nil {
		at.now = max(at.now, in.Timestamp.UnixMilli())
		n.now = max(n.now, at.now)
		n.lateness = max(n.lateness, n.now-in.Timestamp.UnixMilli())
		n.Hold()
		n.inside = true
		err = from.handle(in)
		n.inside = false
	}
	if err == nil {
		err = n.oversized()
	}
	return n.settle(r, err)
}

// settle ends the work on a record: it writes what the record has emitted, or asks what
// becomes of the record because of err.
func (n *nodeContext) settle(r *kgo.Record, err error) error {
	n.holds, n.inside = 0, false
	n.write(err == nil)
	if err == nil {
		return nil
	}
	return failing{n}.settle(r, err)
}

// Hold implements topology.Context.
func (n *nodeContext) Hold() (mark int) {
	n.holds++
	return len(n.made)
}

// Release implements topology.Context.
func (n *nodeContext) Release(int) {
	if n.holds--; n.holds == 0 {
		n.write(true)
	}
}

// Refuse implements topology.Context.
func (n *nodeContext) Refuse(mark int, u topology.Update, err error) error {
	for _, r := range n.made[mark:] {
		n.madeBytes -= Cost(r)
	}
	clear(n.made[mark:])
	n.made = n.made[:mark]
	n.Release(mark)
	var rejected *topology.Rejection
	if errors.As(err, &rejected) {
		of := *rejected
		of.Err = fmt.Errorf("the update of key %.64q of store %s was not forwarded: %w", u.Key, u.Store, rejected.Err)
		err = ofNode(err, &of)
	} else {
		err = fmt.Errorf("the update of key %.64q of store %s was not forwarded: %w", u.Key, u.Store, err)
	}
	f := failing{n}
	return f.settle(f.update(u), err)
}

// ofNode returns of with the node that err comes from.
func ofNode(err, of error) error {
	var from *topology.Failed
	if errors.As(err, &from) {
		return topology.In(from.Node, of)
	}
	return of
}

// write writes what the record has emitted, or drops it.
func (n *nodeContext) write(all bool) {
	for i, r := range n.made {
		if all {
			n.produce(r)
		}
		n.made[i] = nil
	}
	n.t.Meter.Add(n.madeBytes, int64(len(n.made)), n.grown())
	n.made, n.madeBytes = n.made[:0], 0
}

// grown is by how much the state that the epoch holds has grown since the last call.
func (n *nodeContext) grown() int64 {
	before := n.memory.Load()
	n.account()
	return n.memory.Load() - before
}

// oversized returns the rejection of a record that has put a value into a store which
// the changelog does not take. The value was not put.
func (n *nodeContext) oversized() error {
	if n.t.overlay == nil {
		return nil
	}
	if err := n.t.overlay.Refused(); err != nil {
		return &topology.Rejection{Stage: topology.Processing, Err: fmt.Errorf(
			"%w for its changelog: keep less in it, or raise max.request.size and the topic's max.message.bytes", err)}
	}
	return nil
}

// Position implements topology.Context.
func (n *nodeContext) Position() topology.Position {
	return topology.Position{Topic: n.record.Topic, Partition: n.record.Partition, Offset: n.record.Offset}
}

// Metadata implements topology.Context.
func (n *nodeContext) Metadata() (topology.Position, bool) {
	if !n.inside {
		return topology.Position{}, false
	}
	return n.Position(), true
}

// ProcessorMetadata implements topology.Context.
func (n *nodeContext) ProcessorMetadata(key string) (value int64, ok bool) {
	value, ok = n.kept.now[key]
	return value, ok
}

// SetProcessorMetadata implements topology.Context.
func (n *nodeContext) SetProcessorMetadata(key string, value int64) { n.kept.set(key, value) }

// Fits implements topology.Context.
func (n *nodeContext) Fits(store string, key, value []byte) error {
	changelog := ""
	if l := n.t.log(store); l != nil {
		changelog = l.topic
	} else {
		changelog = n.t.Changelog(store)
	}
	limit := n.t.Limits.Bytes(changelog)
	if size := limits.Size(key, value, nil) + keyOverhead; size > limit {
		return &topology.Rejection{Stage: topology.Processing, Err: fmt.Errorf("the value of key %.64q in store %s takes %d "+
			"bytes, and changelog %s %d at most: keep less in it, or raise max.request.size and the topic's max.message.bytes",
			key, store, size, changelog, limit)}
	}
	return nil
}

// Emit implements topology.Context.
func (n *nodeContext) Emit(topic string, key, value []byte, ts time.Time, headers []topology.Header) error {
	return n.EmitTo(topic, -1, key, value, ts, headers)
}

// EmitTo implements topology.Context.
func (n *nodeContext) EmitTo(topic string, partition int32, key, value []byte, ts time.Time,
	headers []topology.Header) error {
	r := n.next()
	r.Topic, r.Key, r.Value, r.Timestamp = n.topic(topic), key, value, ts
	r.Partition = partition
	if n.t.chooses && n.t.Own[r.Topic] && !n.t.writes(topic) {
		return &topology.Rejection{Stage: topology.Production, Topic: topic, Err: fmt.Errorf(
			"choose a topic: %s is an internal topic of the app, which only the app itself writes: choose another one", r.Topic)}
	}
	if err := n.t.Limits.Check(r.Topic, limits.Size(key, value, headers), key != nil, ts); err != nil {
		return &topology.Rejection{Stage: topology.Production, Topic: topic, Err: err}
	}
	if len(headers) > 0 {
		r.Headers = headersOut(headers)
	}
	if n.holds == 0 {
		n.produce(r)
		return nil
	}
	n.madeBytes += Cost(r)
	if most := n.t.OutputBytes; most > 0 && n.madeBytes > most {
		return &topology.Rejection{Stage: topology.Production, Topic: topic, Err: fmt.Errorf(
			"the record makes more than commit.max.bytes (%d) of output, %d records so far: split it, or raise commit.max.bytes",
			most, len(n.made)+1)}
	}
	n.made = append(n.made, r)
	return nil
}

// topic returns the Kafka name of a topic of the topology.
func (n *nodeContext) topic(name string) string {
	if topic, ok := n.topics[name]; ok {
		return topic
	}
	return n.t.Topic(name)
}

// Partitions implements topology.Context. While no broker answers the epoch is tried again.
func (n *nodeContext) Partitions(topic string) (int, error) {
	count, err := n.t.PartitionsOf(n.t.Topic(topic))
	switch {
	case err == nil:
		return count, nil
	case limits.Denies(err):
		if !n.t.Failures.Decides(topology.Production) {
			err = n.t.Limits.Missing(n.t.Topic(topic), err)
		}
		return 0, &topology.Rejection{Stage: topology.Production, Topic: topic,
			Err: fmt.Errorf("topic %s %w: %w", topic, limits.ErrDenied, err)}
	}
	return 0, fmt.Errorf("%w: %w: %w", topology.ErrRepeat, ErrRetry, err)
}

// writes reports whether a sink writes a topic, by its name in the topology.
func (t *Task) writes(topic string) bool {
	return slices.ContainsFunc(t.Sub.Sinks, func(s topology.Sink) bool { return s.Topic == topic })
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
	n.written.Add(r.Topic, len(r.Key)+len(r.Value))
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

// keyOverhead is what is around a key in the overlay and in the changelog at most: the
// length of the store's name, and a window.
const keyOverhead = 24
