package join

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/suiro/suiro/stores"
	"github.com/suiro/suiro/stores/format"
	"github.com/suiro/suiro/stores/kinds"
	"github.com/suiro/suiro/streams/internal/node"
	"github.com/suiro/suiro/streams/topology"
)

// Buffer holds records of a stream back, in order of time, until a grace has passed
// (KIP-923). In its store, and in the changelog, they are as Kafka Streams has them there.
//
//	key    0 | 8 bytes timestamp | key | 4 bytes sequence
//	value  [format.Buffered]
//
// The sequence tells records of one key and timestamp apart.
type Buffer[K, V any] struct {
	store *kinds.KeyValueStore
	name  string
	grace int64
	key   Serde[K]
	value Serde[V]
	held
	committed held
	begun     bool // it is known what the store has
}

// held is what a buffer knows of its records.
type held struct {
	stream   int64 // the largest timestamp that was put into it
	earliest int64 // of what it has, math.MaxInt64 when it is empty
	sequence int32
}

var _ stores.Attachment = (*Buffer[int, int])(nil)

// BufferSpec is the store of a buffer.
func BufferSpec(name string) kinds.Spec { return kinds.Spec{Name: name, Kind: kinds.KeyValue} }

// CheckGrace says why records cannot be held back for a grace until they are joined with a
// table, or nil: versions is the store that the table has versions in, if it has any, and
// unknown says that a Serde of the records is not known.
func CheckGrace(grace time.Duration, versions kinds.Spec, versioned, unknown bool) error {
	switch {
	case grace < 0 || grace%time.Millisecond != 0:
		return errors.New("it must be of whole milliseconds and not negative")
	case !versioned:
		return errors.New("the table has no versions, so that a row which comes late would be joined with records before " +
			"it: make the table with Versioned")
	case grace > versions.Retention:
		return fmt.Errorf("the table in store %s forgets versions after %v: give it a history that is not shorter",
			versions.Name, versions.Retention)
	case unknown:
		return errors.New("records that wait are kept as bytes, and the Serde of the keys or values is not known: pass " +
			"KeySerde and ValueSerde")
	}
	return nil
}

// NewBuffer returns the buffer in the named store of a task, with the grace in
// milliseconds.
func NewBuffer[K, V any](ctx Context, name string, grace int64, key Serde[K], value Serde[V]) *Buffer[K, V] {
	b := &Buffer[K, V]{store: ctx.Stores().KeyValue(name), name: name, grace: grace, key: key, value: value}
	ctx.Overlay().Attach(b)
	return b
}

// begin finds out what the store has, once. The latest record is held as long as there is
// a grace, so its time is that of the buffer; without a grace the time does not matter.
func (b *Buffer[K, V]) begin() error {
	if b.begun {
		return nil
	}
	b.held = held{stream: noTime, earliest: math.MaxInt64}
	for _, end := range []struct {
		descending bool
		at         *int64
	}{{false, &b.earliest}, {true, &b.stream}} {
		if err := b.first(end.descending, end.at); err != nil {
			return fmt.Errorf("read store %s: %w", b.name, err)
		}
	}
	b.begun, b.committed = true, b.held
	return nil
}

// first sets at to the timestamp of the first or last record, if there is one.
func (b *Buffer[K, V]) first(descending bool, at *int64) error {
	it, err := b.store.Range(nil, nil, descending)
	if err != nil {
		return err
	}
	if it.Next() {
		k, err := parseBufferKey(it.Key())
		if err != nil {
			return errors.Join(err, it.Close())
		}
		*at = k.at
	}
	return errors.Join(it.Err(), it.Close())
}

// put keeps a record, and returns false when it is older than the grace.
func (b *Buffer[K, V]) put(r *node.Record[K, V], from topology.Position) (bool, error) {
	if err := b.begin(); err != nil {
		return false, err
	}
	at := r.Timestamp.UnixMilli()
	if b.stream-b.grace > at {
		return false, nil
	}
	key, err := encode(b.key, r.Key, "key")
	if err != nil {
		return false, err
	}
	value, err := encode(b.value, r.Value, "value")
	if err != nil {
		return false, err
	}
	stored, err := b.free(bufferKey{at: at, key: key})
	if err != nil {
		return false, err
	}
	c := format.RecordContext{Timestamp: at, Offset: from.Offset, Topic: from.Topic, Partition: from.Partition}
	for _, h := range r.Headers {
		c.Headers = append(c.Headers, format.Header{Key: h.Key, Value: h.Value})
	}
	b.store.Put(stored, format.Buffered{Context: c, New: value}.Append(nil))
	b.stream, b.earliest = max(b.stream, at), min(b.earliest, at)
	return true, nil
}

// free returns the bytes of a key with the next sequence that is not in use: they begin
// again when a task starts.
func (b *Buffer[K, V]) free(k bufferKey) ([]byte, error) {
	for {
		b.sequence = (b.sequence + 1) & math.MaxInt32
		k.sequence = b.sequence
		data := k.append(nil)
		used, err := b.store.Get(data)
		if err != nil {
			return nil, fmt.Errorf("read store %s: %w", b.name, err)
		}
		if used == nil {
			return data, nil
		}
	}
}

// evict takes out the records that the stream time has passed by the grace, the earliest
// first.
func (b *Buffer[K, V]) evict(emit func(*node.Record[K, V], topology.Update) error) error {
	last := b.stream - b.grace
	if b.earliest > last {
		return nil
	}
	it, err := b.store.Range(nil, nil, false)
	if err != nil {
		return fmt.Errorf("read store %s: %w", b.name, err)
	}
	b.earliest = math.MaxInt64
	for err == nil && it.Next() {
		var k bufferKey
		if k, err = parseBufferKey(bytes.Clone(it.Key())); err == nil && k.at > last {
			b.earliest = k.at
			break
		}
		if err == nil {
			err = b.take(k, it, emit)
		}
	}
	return errors.Join(err, it.Err(), it.Close())
}

// take deletes a record and passes it on.
func (b *Buffer[K, V]) take(k bufferKey, it stores.Iterator,
	emit func(*node.Record[K, V], topology.Update) error) error {
	kept, err := format.ParseBuffered(append([]byte{}, it.Value()...), format.RecordContext{
		Headers: []format.Header{{Key: format.BufferVersionHeader, Value: []byte{format.BufferVersion}}}})
	if err != nil {
		return fmt.Errorf("read store %s: %w", b.name, err)
	}
	b.store.Delete(it.Key())
	r := &node.Record[K, V]{Timestamp: millis(kept.Context.Timestamp)}
	if r.Key, err = decode(b.key, k.key, b.name); err != nil {
		return err
	}
	if r.Value, err = decode(b.value, kept.New, b.name); err != nil {
		return err
	}
	for _, h := range kept.Context.Headers {
		r.Headers = append(r.Headers, topology.Header{Key: h.Key, Value: h.Value})
	}
	return emit(r, topology.Update{Store: b.name, Key: k.key, Value: kept.New, Timestamp: r.Timestamp})
}

// CommitTo implements [stores.Attachment]. What a buffer knows follows from its records.
func (b *Buffer[K, V]) CommitTo(*stores.Batch, []byte) {}

// Clear implements [stores.Attachment].
func (b *Buffer[K, V]) Clear(committed bool) {
	if committed {
		b.committed = b.held
		return
	}
	b.held = b.committed
}

// bufferKey is the key of a record in a buffer.
type bufferKey struct {
	at       int64
	key      []byte
	sequence int32
}

// The lengths of what is around the key of a record.
const (
	beforeKey = 1 + 8
	afterKey  = 4
)

func (k bufferKey) append(dst []byte) []byte {
	dst = append(binary.BigEndian.AppendUint64(append(dst, 0), uint64(k.at)), k.key...)
	return binary.BigEndian.AppendUint32(dst, uint32(k.sequence))
}

func parseBufferKey(data []byte) (bufferKey, error) {
	if len(data) < beforeKey+afterKey || data[0] != 0 {
		return bufferKey{}, fmt.Errorf("key %.64q of a buffered record: %w", data, format.ErrDamaged)
	}
	end := len(data) - afterKey
	return bufferKey{
		at: int64(binary.BigEndian.Uint64(data[1:])), key: data[beforeKey:end:end],
		sequence: int32(binary.BigEndian.Uint32(data[end:])),
	}, nil
}
