// Package query reads the stores of a stream app.
package query

import (
	"fmt"

	"github.com/suiro/suiro/stores"
	"github.com/suiro/suiro/stores/format"
	"github.com/suiro/suiro/stores/kinds"
	"github.com/suiro/suiro/streams/internal/restore"
	"github.com/suiro/suiro/streams/topology"
)

// Partition is one partition of a store, as far as it is committed. It is safe for
// concurrent use.
type Partition struct {
	// Partition is the number of the partition, -1 for a global store, which is whole.
	Partition int32
	// View reads the store as what it is. Values of timestamped stores begin with their
	// timestamps there, and not in what the methods of Partition return.
	View  kinds.View
	store topology.Store
}

// New returns a partition of a store that is in db. Programs get partitions from the App.
func New(db stores.DB, store topology.Store, partition int32) Partition {
	return Partition{
		Partition: partition, store: store, View: kinds.Read(db, restore.StatePrefix(partition), store.Spec),
	}
}

// Whole returns a global store, which is read with r.
func Whole(store topology.Store, r *kinds.KeyValueReader) Partition {
	return Partition{Partition: -1, store: store, View: kinds.View{KeyValue: r}}
}

// keyValue returns the reader of a key-value store.
func (p Partition) keyValue() (*kinds.KeyValueReader, error) {
	if p.View.KeyValue == nil {
		return nil, fmt.Errorf("query store %s: it is %v, and not one of keys and values alone: use what reads such a store",
			p.store.Name, p.store.Kind)
	}
	return p.View.KeyValue, nil
}

// versioned returns the reader of a versioned store.
func (p Partition) versioned() (*kinds.VersionedReader, error) {
	if p.View.Versioned == nil {
		return nil, fmt.Errorf("query store %s: it is %v, and has no versions: use what reads such a store",
			p.store.Name, p.store.Kind)
	}
	return p.View.Versioned, nil
}

// window returns the reader of a window store.
func (p Partition) window() (*kinds.WindowReader, error) {
	if p.View.Window == nil {
		return nil, fmt.Errorf("query store %s: it is %v, and has no windows: use what reads such a store",
			p.store.Name, p.store.Kind)
	}
	return p.View.Window, nil
}

// plain returns a value without its timestamp.
func (p Partition) plain(value []byte) []byte {
	if value == nil || p.store.Kind != kinds.Timestamped && p.store.Kind != kinds.TimestampedWindow {
		return value
	}
	_, plain, err := format.ParseTimestamped(value)
	if err != nil {
		return value // which only a damaged store has
	}
	return plain
}

// plainIterator walks values without their timestamps.
type plainIterator struct {
	stores.Iterator
	partition Partition
}

// Value implements [stores.Iterator].
func (i plainIterator) Value() []byte { return i.partition.plain(i.Iterator.Value()) }

// Get returns the value of key in a key-value store, or the latest one in a versioned store;
// nil when there is none.
func (p Partition) Get(key []byte) ([]byte, error) {
	if p.View.Versioned != nil {
		v, err := p.View.Versioned.Get(key)
		if err != nil || v == nil {
			return nil, err
		}
		return v.Value, nil
	}
	r, err := p.keyValue()
	if err != nil {
		return nil, err
	}
	value, err := r.Get(key)
	return p.plain(value), err
}

// GetAsOf returns the version of key that was valid at a timestamp, in milliseconds since
// 1970, in a versioned store; nil when there was none, or when it ended longer ago than the
// store's history.
func (p Partition) GetAsOf(key []byte, timestamp int64) (*kinds.Version, error) {
	r, err := p.versioned()
	if err != nil {
		return nil, err
	}
	return r.GetAsOf(key, timestamp)
}

// Versions returns the versions of key in a versioned store that were valid at some time with
// from <= time <= to, in milliseconds since 1970, and are kept, the oldest first.
func (p Partition) Versions(key []byte, from, to int64) ([]kinds.Version, error) {
	r, err := p.versioned()
	if err != nil {
		return nil, err
	}
	return r.Versions(key, from, to)
}

// Range returns an iterator over from <= key < to, ascending; nil bounds are
// open. It sees one state of the store, whatever is committed later.
func (p Partition) Range(from, to []byte) (stores.Iterator, error) { return p.walk(from, to, false) }

// ReverseRange is Range in descending order.
func (p Partition) ReverseRange(from, to []byte) (stores.Iterator, error) {
	return p.walk(from, to, true)
}

// All returns an iterator over all keys, ascending.
func (p Partition) All() (stores.Iterator, error) { return p.walk(nil, nil, false) }

func (p Partition) walk(from, to []byte, descending bool) (stores.Iterator, error) {
	r, err := p.keyValue()
	if err != nil {
		return nil, err
	}
	it, err := r.Range(from, to, descending)
	if err != nil {
		return nil, err
	}
	return plainIterator{it, p}, nil
}

// Fetch returns the value of key in the window that begins at start, in milliseconds
// since 1970, or nil when there is none.
func (p Partition) Fetch(key []byte, start int64) ([]byte, error) {
	r, err := p.window()
	if err != nil {
		return nil, err
	}
	value, err := r.Fetch(key, start)
	return p.plain(value), err
}

// FetchRange yields the values of key in the windows with from <= start < to, in order of
// time.
func (p Partition) FetchRange(key []byte, from, to int64, yield func(start int64, value []byte) bool) error {
	r, err := p.window()
	if err != nil || from >= to {
		return err
	}
	it, err := r.Range(key, from, to-1, false)
	if err != nil {
		return err
	}
	for it.Next() && yield(it.Start(), p.plain(it.Value())) {
	}
	return it.Close()
}

// FetchAll returns an iterator over all keys in the windows with from <= start < to. The
// order is that of Kafka Streams: one segment of time after the other, in each of them in
// the order of keys, and then of time.
func (p Partition) FetchAll(from, to int64) (*WindowIterator, error) {
	r, err := p.window()
	if err != nil {
		return nil, err
	}
	if from >= to {
		from, to = 1, 1 // nothing
	}
	it, err := r.Keys(nil, nil, from, to-1, false)
	if err != nil {
		return nil, err
	}
	return &WindowIterator{it, p}, nil
}

// WindowIterator walks a window store. It is used by one goroutine and must be closed.
type WindowIterator struct {
	*kinds.WindowIterator
	partition Partition
}

// Value returns the value, valid until the next call of Next or Close.
func (i *WindowIterator) Value() []byte { return i.partition.plain(i.WindowIterator.Value()) }
