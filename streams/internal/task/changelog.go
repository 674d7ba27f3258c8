package task

import (
	"encoding/binary"
	"fmt"
	"math"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/stores"
	"github.com/suiro/suiro/stores/format"
	"github.com/suiro/suiro/stores/kinds"
	"github.com/suiro/suiro/streams/internal/horizon"
	"github.com/suiro/suiro/streams/internal/restore"
	"github.com/suiro/suiro/streams/topology"
)

// changelog is the changelog of one store of a task.
type changelog struct {
	store     topology.Store
	topic     string
	partition int32
	written   int64 // offset of the last acknowledged record of this epoch, -1 for none

	horizon *horizon.Horizon // nil for a store whose records do not expire
	latest  int64            // time by which a record of this epoch expires
	expired atomic.Int64     // offset below which all records have; any goroutine may read it
}

func newChangelog(store topology.Store, topic string, partition int32, additional time.Duration) *changelog {
	l := &changelog{store: store, topic: topic, partition: partition, written: -1, latest: math.MinInt64}
	if store.Segment() > 0 {
		l.horizon = horizon.New(store.Retention.Milliseconds() + additional.Milliseconds())
	}
	return l
}

// encode puts a change of the store into a record. The time of a change without one is that
// of its window or session, otherwise now, the stream time in milliseconds.
func (l *changelog) encode(r *kgo.Record, change kinds.Record, now int64) {
	r.Topic, r.Partition, r.Key, r.Value = l.topic, l.partition, change.Key, change.Value
	if l.store.Buffer && change.Value != nil {
		r.Headers = []kgo.RecordHeader{{Key: format.BufferVersionHeader, Value: []byte{format.BufferVersion}}}
	}
	at := change.Timestamp
	expires, ok := l.store.TimeOf(change.Key)
	if ok && l.horizon != nil {
		l.latest = max(l.latest, expires)
	}
	switch {
	case at != kinds.NoTimestamp:
	case ok:
		at = expires
	default:
		at = now
	}
	if at != NoStreamTime {
		r.Timestamp = time.UnixMilli(at)
	}
}

// expire notes what the epoch has written to a changelog, and up to where all has expired.
func (t *Task) expire(l *changelog, b *stores.Batch) {
	if l.horizon == nil {
		return
	}
	l.horizon.Add(l.written+1, l.latest)
	now := int64(math.MinInt64)
	if l.store.Kind == kinds.Session {
		now = t.stores.Session(l.store.Name).Time()
	} else {
		now = t.stores.Window(l.store.Name).Time()
	}
	if below, ok := l.horizon.Below(now); ok {
		l.expired.Store(below)
	}
	b.Put(restore.HorizonKey(l.store.Name, l.partition), l.horizon.Append(nil))
}

// Expired calls each with the changelogs of the task, and the offsets below which all their
// records have expired, as far as that is known. Any goroutine may call it once the task is
// ready.
func (t *Task) Expired(each func(topic string, partition int32, below int64)) {
	for _, l := range t.logs {
		if below := l.expired.Load(); below > 0 {
			each(l.topic, l.partition, below)
		}
	}
}

// apply writes the overlay, and the offsets that the stores have reached in their
// changelogs, in one atomic batch.
func (t *Task) apply() error {
	var b stores.Batch
	t.overlay.CommitTo(&b)
	t.mu.Lock()
	for _, l := range t.logs {
		if l.written >= 0 {
			b.Put(restore.OffsetKey(l.store.Name, l.partition), binary.BigEndian.AppendUint64(nil, uint64(l.written)))
			t.expire(l, &b)
		}
		l.written, l.latest = -1, math.MinInt64
	}
	t.mu.Unlock()
	if t.Also != nil {
		t.Also(&b)
	}
	if err := t.DB.Apply(&b); err != nil {
		return fmt.Errorf("task %s: write state: %w", t.ID, err)
	}
	t.overlay.Clear()
	return nil
}
