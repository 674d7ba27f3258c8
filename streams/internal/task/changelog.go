package task

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/stores"
	"github.com/suiro/suiro/stores/format"
	"github.com/suiro/suiro/stores/kinds"
	"github.com/suiro/suiro/streams/topology"
)

// StatePrefix is what the keys of all state of a partition begin with in the DB. The
// name of the store follows, which no two subtopologies share: so a store is found
// whatever the number of its subtopology is.
func StatePrefix(partition int32) []byte { return stores.TaskPrefix(strconv.Itoa(int(partition))) }

// StoredOffset returns the offset that a partition of a store has reached in its
// changelog, and whether there is any state of it.
func StoredOffset(db stores.DB, store string, partition int32) (offset int64, ok bool, err error) {
	v, err := db.Get(offsetKey(store, partition))
	if err != nil || len(v) != 8 {
		return 0, false, err
	}
	return int64(binary.BigEndian.Uint64(v)), true, nil
}

// offsetKey is the key in the DB of the offset that a store has reached. It belongs to the
// store without a name, which has no changelog.
func offsetKey(store string, partition int32) []byte {
	return stores.Key(StatePrefix(partition), "", []byte("offset "+store))
}

// segmentKey is the key in the DB of the segments that a store's keys were written with.
func segmentKey(store string, partition int32) []byte {
	return stores.Key(StatePrefix(partition), "", []byte("segment "+store))
}

// resegment empties a store whose keys in the DB are cut into other spans of time than
// the topology's: it is restored from its changelog.
func (t *Task) resegment(s topology.Store) error {
	if s.Segment() == 0 {
		return nil
	}
	key, want := segmentKey(s.Name, t.ID.Partition), binary.BigEndian.AppendUint64(nil, uint64(s.Segment()))
	was, err := t.DB.Get(key)
	if err != nil || string(was) == string(want) {
		return err
	}
	var b stores.Batch
	if was != nil {
		t.Logger.Warn("rebuild local state, whose retention has changed", "store", s.Name, "retention", s.Retention)
		wipe(&b, s.Spec, t.ID.Partition)
	}
	b.Put(key, want)
	return t.DB.Apply(&b)
}

// wipe adds to b the deletion of a store.
func wipe(b *stores.Batch, s kinds.Spec, partition int32) {
	s.DeleteFrom(b, StatePrefix(partition))
	b.Delete(offsetKey(s.Name, partition))
}

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
			b.Put(offsetKey(l.store.Name, l.partition), binary.BigEndian.AppendUint64(nil, uint64(l.written)))
		}
		l.written = -1
	}
	t.mu.Unlock()
	if err := t.DB.Apply(&b); err != nil {
		return fmt.Errorf("task %s: write state: %w", t.ID, err)
	}
	t.overlay.Clear()
	return nil
}
