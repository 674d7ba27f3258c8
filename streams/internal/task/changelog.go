package task

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strconv"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/stores"
	"github.com/suiro/suiro/stores/format"
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

// changelog is the changelog of one store of a task. In it the store has the bytes that
// Kafka Streams writes, in the DB those of package stores.
type changelog struct {
	store     topology.Store
	topic     string
	partition int32
	prefix    []byte // of the store's keys in the overlay
	dbPrefix  []byte // of the store's keys in the DB
	written   int64  // offset of the last acknowledged record of this epoch, -1 for none
}

func newChangelog(store topology.Store, topic string, partition int32) *changelog {
	return &changelog{
		store: store, topic: topic, partition: partition, written: -1,
		prefix: stores.Key(nil, store.Name, nil), dbPrefix: stores.Key(StatePrefix(partition), store.Name, nil),
	}
}

// stamp is the length of the timestamp before a value.
const stamp = 8

// startLen is the length of a window's start before a key.
const startLen = 8

// encode puts a change of the store into a record. now is the stream time in
// milliseconds, which a deletion has.
func (l *changelog) encode(r *kgo.Record, key, value []byte, now int64) error {
	r.Topic, r.Partition, r.Key, r.Value = l.topic, l.partition, key, value
	if l.store.Kind == topology.KeyValue {
		return nil
	}
	switch {
	case value != nil:
		at, plain, err := format.ParseTimestamped(value)
		if err != nil {
			return fmt.Errorf("store %s, key %.64q: %w", l.store.Name, key, err)
		}
		r.Timestamp, r.Value = time.UnixMilli(at), plain
	case now != NoStreamTime:
		r.Timestamp = time.UnixMilli(now)
	}
	if l.store.Kind == topology.TimestampedWindow {
		if len(key) < startLen {
			return fmt.Errorf("store %s, key %.64q: it has no window", l.store.Name, key)
		}
		start := int64(binary.BigEndian.Uint64(key) ^ 1<<63)
		w := format.WindowKey{Key: key[startLen:], Start: start}
		r.Key = w.Append(make([]byte, 0, len(key)+4))
	}
	return nil
}

// decode returns what a record of the changelog says as a write to the DB.
func (l *changelog) decode(r *kgo.Record) (op stores.Op, err error) {
	key := make([]byte, 0, len(l.dbPrefix)+len(r.Key))
	key = append(key, l.dbPrefix...)
	if l.store.Kind == topology.TimestampedWindow {
		w, err := format.ParseWindowKey(r.Key)
		if err != nil {
			return op, err
		}
		key = append(binary.BigEndian.AppendUint64(key, uint64(w.Start)^1<<63), w.Key...)
	} else {
		key = append(key, r.Key...)
	}
	op.Key = key
	switch {
	case r.Value == nil:
	case l.store.Kind == topology.KeyValue:
		op.Value = append([]byte{}, r.Value...) // the record's memory is that of its whole batch
	default:
		op.Value = format.AppendTimestamped(make([]byte, 0, stamp+len(r.Value)), r.Timestamp.UnixMilli(), r.Value)
	}
	return op, nil
}

// log returns the changelog of a key of the overlay, nil when it is of no store.
func (t *Task) log(key []byte) *changelog {
	for _, l := range t.logs {
		if bytes.HasPrefix(key, l.prefix) {
			return l
		}
	}
	return nil
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
