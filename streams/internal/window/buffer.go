package window

import (
	"bytes"
	"cmp"
	"container/heap"
	"errors"
	"fmt"

	"github.com/suiro/suiro/stores"
	"github.com/suiro/suiro/stores/format"
	"github.com/suiro/suiro/stores/kinds"
)

// buffer is the updates that a suppression holds: in a key-value store, with the bytes of
// [format.Buffered], and the order of their times in memory. The order is read from the
// store when it is needed first, and again after an abort.
type buffer struct {
	name   string
	store  *kinds.KeyValueStore
	order  order
	there  map[string]bool
	bytes  int64
	loaded bool
}

var _ stores.Attachment = (*buffer)(nil)

// CommitTo implements [stores.Attachment].
func (b *buffer) CommitTo(*stores.Batch, []byte) {}

// Clear implements [stores.Attachment].
func (b *buffer) Clear(committed bool) {
	if !committed {
		b.loaded = false
	}
}

// load reads the order of what the store holds.
func (b *buffer) load() error {
	if b.loaded {
		return nil
	}
	b.order, b.there, b.bytes = nil, map[string]bool{}, 0
	it, err := b.store.Range(nil, nil, false)
	if err != nil {
		return fmt.Errorf("read store %s: %w", b.name, err)
	}
	for err == nil && it.Next() {
		var up format.Buffered
		if up, err = b.parse(it.Value()); err == nil {
			key := string(it.Key())
			b.order = append(b.order, turn{up.Time, key})
			b.there[key] = true
			b.bytes += size(key, up)
		}
	}
	if err := errors.Join(err, it.Err(), it.Close()); err != nil {
		return fmt.Errorf("read store %s: %w", b.name, err)
	}
	heap.Init(&b.order)
	b.loaded = true
	return nil
}

func (b *buffer) parse(data []byte) (format.Buffered, error) {
	return format.ParseBuffered(data, format.RecordContext{
		Headers: []format.Header{{Key: format.BufferVersionHeader, Value: []byte{format.BufferVersion}}},
	})
}

// put holds an update; one of a key that is there already keeps the place of that one.
func (b *buffer) put(key []byte, up format.Buffered, fits func(data []byte) error) error {
	up.Prior = up.Old
	was := int64(0)
	if b.there[string(key)] {
		held, err := b.get(key)
		if err != nil {
			return err
		}
		up.Prior, up.Time = held.Prior, held.Time
		was = size(string(key), held)
	}
	data := up.Append(nil)
	if err := fits(data); err != nil {
		return err
	}
	b.store.Put(key, data)
	b.bytes += size(string(key), up) - was
	if was == 0 {
		b.there[string(key)] = true
		heap.Push(&b.order, turn{up.Time, string(key)})
	}
	return nil
}

func (b *buffer) get(key []byte) (format.Buffered, error) {
	data, err := b.store.Get(key)
	if err != nil {
		return format.Buffered{}, fmt.Errorf("read store %s: %w", b.name, err)
	}
	return b.parse(bytes.Clone(data))
}

// find returns the update of a key that may not be held.
func (b *buffer) find(key []byte) (up format.Buffered, ok bool, err error) {
	data, err := b.store.Get(key)
	if err != nil || data == nil {
		return up, false, err
	}
	up, err = b.parse(bytes.Clone(data))
	return up, err == nil, err
}

// take removes the earliest update.
func (b *buffer) take() (key []byte, up format.Buffered, err error) {
	key = []byte(b.order[0].key)
	if up, err = b.get(key); err != nil {
		return nil, up, err
	}
	heap.Pop(&b.order)
	delete(b.there, string(key))
	b.bytes -= size(string(key), up)
	b.store.Delete(key)
	return key, up, nil
}

func (b *buffer) len() int64   { return int64(len(b.order)) }
func (b *buffer) first() int64 { return b.order[0].time }

// What an update takes beside its bytes, as Kafka Streams counts it: the times, the offset
// and the partition.
const updateOverhead = 8 + 8 + 8 + 4

// size is what Kafka Streams takes an update for.
func size(key string, up format.Buffered) int64 {
	n := updateOverhead + len(key) + len(up.Context.Topic) + len(up.Prior) + len(up.New)
	if !bytes.Equal(up.Old, up.Prior) {
		n += len(up.Old)
	}
	for _, h := range up.Context.Headers {
		n += len(h.Key) + len(h.Value)
	}
	return int64(n)
}

// turn is the place of an update in the buffer.
type turn struct {
	time int64
	key  string
}

// order is a heap of turns, by time and then by key.
type order []turn

// Len implements [heap.Interface].
func (o order) Len() int { return len(o) }

// Less implements [heap.Interface].
func (o order) Less(i, j int) bool {
	return cmp.Or(cmp.Compare(o[i].time, o[j].time), cmp.Compare(o[i].key, o[j].key)) < 0
}

// Swap implements [heap.Interface].
func (o order) Swap(i, j int) { o[i], o[j] = o[j], o[i] }

// Push implements [heap.Interface].
func (o *order) Push(x any) { *o = append(*o, x.(turn)) }

// Pop implements [heap.Interface].
func (o *order) Pop() any {
	last := (*o)[len(*o)-1]
	*o = (*o)[:len(*o)-1]
	return last
}
