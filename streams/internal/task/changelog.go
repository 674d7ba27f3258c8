package task

import (
	"encoding/binary"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/stores"
	"github.com/suiro/suiro/stores/format"
	"github.com/suiro/suiro/stores/kinds"
	"github.com/suiro/suiro/streams/internal/restore"
	"github.com/suiro/suiro/streams/topology"
)

// changelog is the changelog of one store of a task.
type changelog struct {
	store     topology.Store
	topic     string
	partition int32
	written   int64 // offset of the last acknowledged record of this epoch, -1 for none
}

func newChangelog(store topology.Store, topic string, partition int32) *changelog {
	return &changelog{store: store, topic: topic, partition: partition, written: -1}
}

// encode puts a change of the store into a record. now is the stream time in
// milliseconds, which a record has whose own time is not known.
func (l *changelog) encode(r *kgo.Record, change kinds.Record, now int64) {
	r.Topic, r.Partition, r.Key, r.Value = l.topic, l.partition, change.Key, change.Value
	if l.store.Buffer && change.Value != nil {
		r.Headers = []kgo.RecordHeader{{Key: format.BufferVersionHeader, Value: []byte{format.BufferVersion}}}
	}
	at := change.Timestamp
	if at == kinds.NoTimestamp {
		at = l.eventTime(change.Key, now)
	}
	if at != NoStreamTime {
		r.Timestamp = time.UnixMilli(at)
	}
}

// eventTime is the time of a change without one: that of its window or session, so that
// brokers keep it for as long as the store does.
func (l *changelog) eventTime(key []byte, now int64) int64 {
	switch l.store.Kind {
	case kinds.Window, kinds.TimestampedWindow:
		if k, err := format.ParseWindowKey(key); err == nil {
			return k.Start
		}
	case kinds.Session:
		if k, err := format.ParseSessionKey(key); err == nil {
			return k.End
		}
	}
	return now
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
		}
		l.written = -1
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
