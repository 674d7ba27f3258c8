package sourcetask

import (
	"reflect"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/backing"
	"github.com/suiro/suiro/connect/internal/acks"
	"github.com/suiro/suiro/connect/worker/internal/counts"
)

// offsets follows the records on their way and collects the offsets to keep, as
// Kafka Connect's offset writer does. It is the loop's; only entries are
// acknowledged by others.
type offsets struct {
	connector string
	counts    *counts.Counters
	streams   map[string]*stream
	last      *stream // of the record before, because most come from one partition
}

// stream is a source partition and its records on their way.
type stream struct {
	partition map[string]any
	tracker   acks.Tracker[connect.Position]
	latest    map[string]any // acknowledged but not kept, nil when there is none
}

// entry is a record on its way; it carries the offset to go on from.
type entry = acks.Entry[connect.Position]

// made is the position of a record that came with its offset.
type made map[string]any

func (m made) SourceOffset() map[string]any { return m }

func newOffsets(connector string, c *counts.Counters) *offsets {
	return &offsets{connector: connector, counts: c, streams: map[string]*stream{}}
}

// stream returns the stream of a source partition. Tasks use one map for many
// records, so comparing with the last one saves making its key.
func (o *offsets) stream(partition map[string]any) (*stream, error) {
	if o.last != nil && reflect.ValueOf(partition).Pointer() == reflect.ValueOf(o.last.partition).Pointer() {
		return o.last, nil
	}
	key, err := backing.Key(o.connector, partition)
	if err != nil {
		return nil, err
	}
	st := o.streams[string(key)]
	if st == nil {
		st = &stream{}
		o.streams[string(key)] = st
	}
	st.partition = partition
	o.last = st
	return st, nil
}

// add gives a record its place behind those of its source partition.
func (st *stream) add(r *connect.SourceRecord) *entry {
	if r.Position != nil {
		return st.tracker.Add(r.Position)
	}
	return st.tracker.Add(made(r.SourceOffset))
}

// place is add for a record that is rejected: ack acknowledges it.
func (st *stream) place(r *connect.SourceRecord) (ack func()) { return st.add(r).Ack }

// take moves on over what is acknowledged without a gap. The offset is made at once, as a
// position may hold records that were allocated with it.
func (st *stream) take() {
	if position, ok := st.tracker.Take(); ok {
		st.latest = position.SourceOffset()
	}
}

// collect moves on over what is acknowledged without a gap, so that what waits
// for the next commit is one offset a source partition and not one a record.
func (o *offsets) collect() {
	waiting := 0
	for _, st := range o.streams {
		st.take()
		waiting += st.tracker.Len()
	}
	o.counts.Uncommitted.Store(int64(waiting))
}

// pending returns the number of records that collect has not moved over.
func (o *offsets) pending() int64 { return o.counts.Uncommitted.Load() }

// settled reports whether every record so far is acknowledged.
func (o *offsets) settled() bool {
	for _, st := range o.streams {
		if !st.tracker.Settled() {
			return false
		}
	}
	return true
}

// beginFlush returns the offsets to keep now, which are no longer collected. It
// forgets source partitions that have no record on its way: a task may have any
// number of them, one after the other.
func (o *offsets) beginFlush() []backing.Entry {
	var entries []backing.Entry
	for key, st := range o.streams {
		idle := st.tracker.Len() == 0 // before what is acknowledged now is taken
		st.take()
		if st.latest != nil {
			entries = append(entries, backing.Entry{Partition: st.partition, Offset: st.latest})
			st.latest = nil
		}
		if idle {
			delete(o.streams, key)
		}
	}
	o.last = nil
	o.collect()
	return entries
}

// The most records on their way, or acknowledged behind one that is not, and the
// most source partitions that they are of, before a task waits for them.
const (
	mostWaiting = 100_000
	mostStreams = 20_000
)

// crowded reports whether a task has to wait for what is on its way. What Kafka has
// not acknowledged is bounded by the producer, but not what has been behind it: one
// dead letter whose topic is away would hold the offsets of everything after it.
func (o *offsets) crowded() bool { return o.pending() > mostWaiting || len(o.streams) > mostStreams }

// cancelFlush takes back offsets that could not be kept, unless there are later
// ones.
func (o *offsets) cancelFlush(entries []backing.Entry) {
	for _, e := range entries {
		if st, err := o.stream(e.Partition); err == nil && st.latest == nil {
			st.latest = e.Offset
		}
	}
}
