// Package query reads the stores of a stream app.
package query

import (
	"github.com/suiro/suiro/stores"
	"github.com/suiro/suiro/stores/format"
	"github.com/suiro/suiro/streams/internal/task"
	"github.com/suiro/suiro/streams/topology"
)

// Partition is one partition of a store, as far as it is committed. Values are without
// their timestamps. It is safe for concurrent use.
type Partition struct {
	// Partition is the number of the partition.
	Partition   int32
	reader      *stores.Reader
	timestamped bool
}

// New returns a partition of a store that is in db. Programs get partitions from the App.
func New(db stores.DB, store topology.Store, partition int32) Partition {
	return Partition{
		Partition:   partition,
		reader:      stores.Committed(db, task.StatePrefix(partition), store.Name),
		timestamped: store.Kind != topology.KeyValue,
	}
}

// plain returns a value without its timestamp.
func (p Partition) plain(value []byte) []byte {
	if !p.timestamped || value == nil {
		return value
	}
	_, plain, err := format.ParseTimestamped(value)
	if err != nil {
		return value // which only a damaged store has
	}
	return plain
}

func (p Partition) plainAll(it stores.Iterator, err error) (stores.Iterator, error) {
	if err != nil {
		return nil, err
	}
	return plainIterator{it, p}, nil
}

// plainIterator walks values without their timestamps.
type plainIterator struct {
	stores.Iterator
	partition Partition
}

// Value implements [stores.Iterator].
func (i plainIterator) Value() []byte { return i.partition.plain(i.Iterator.Value()) }

// Get returns the value of key, or nil when there is none.
func (p Partition) Get(key []byte) ([]byte, error) {
	value, err := p.reader.Get(key)
	return p.plain(value), err
}

// Range returns an iterator over from <= key < to, ascending; nil bounds are
// open. It sees one state of the store, whatever is committed later.
func (p Partition) Range(from, to []byte) (stores.Iterator, error) {
	return p.plainAll(p.reader.Range(from, to))
}

// ReverseRange is Range in descending order.
func (p Partition) ReverseRange(from, to []byte) (stores.Iterator, error) {
	return p.plainAll(p.reader.ReverseRange(from, to))
}

// All returns an iterator over all keys, ascending.
func (p Partition) All() (stores.Iterator, error) { return p.plainAll(p.reader.All()) }

// Fetch returns the value of key in the window that begins at start, in milliseconds
// since 1970, or nil when there is none.
func (p Partition) Fetch(key []byte, start int64) ([]byte, error) {
	value, err := p.reader.Fetch(key, start)
	return p.plain(value), err
}

// FetchRange yields the values of key in the windows with from <= start < to, in order of
// time, where windows start at the multiples of step, in milliseconds.
func (p Partition) FetchRange(key []byte, from, to, step int64, yield func(start int64, value []byte) bool) error {
	return p.reader.FetchRange(key, from, to, step, func(start int64, value []byte) bool {
		return yield(start, p.plain(value))
	})
}

// FetchAll returns an iterator over all keys in the windows with from <= start < to, in
// order of time, then of keys.
func (p Partition) FetchAll(from, to int64) (*stores.WindowIterator, error) {
	it, err := p.reader.FetchAll(from, to)
	if err != nil {
		return nil, err
	}
	return &stores.WindowIterator{Iterator: plainIterator{it.Iterator, p}}, nil
}
