// Package aggregate keeps the aggregates of one task decoded while an epoch is open.
package aggregate

import (
	"bytes"
	"errors"
	"fmt"
	"time"

	"github.com/suiro/suiro/stores/format"
	"github.com/suiro/suiro/streams/topology"
)

// maxEntries and maxBytes are how many aggregates a cache keeps decoded between
// epochs, and how much they may hold by the size of their encoding.
const (
	maxEntries = 10_000
	maxBytes   = 8 << 20
)

// overhead is the estimate of what an entry holds in addition to its key and value.
const overhead = 256

// stamp is the length of the timestamp before a value.
const stamp = 8

// maxWatched is how many aggregates are watched at a time; with more, watching starts
// again.
const maxWatched = 1000

// Slot names an aggregate: a key, and the window's start in milliseconds for windowed
// ones.
type Slot struct {
	// Start is the window's start, 0 without windows.
	Start int64
	// Key is the key in the store.
	Key string
}

// Options say what a [Cache] keeps; all are required. In the store a value begins with
// the timestamp of the latest record that changed it, see package stores/format.
type Options[K, A any] struct {
	// Context is the task.
	Context topology.Context
	// Store is the name of the store.
	Store string
	// Load and Save read and write the store. They have its keys and windows.
	Load func(key []byte, start int64) ([]byte, error)
	Save func(key []byte, start int64, value []byte)
	// Serialize and Deserialize turn aggregates into bytes and back.
	Serialize   func(A) ([]byte, error)
	Deserialize func([]byte) (A, error)
	// Forward passes an aggregate on, with the timestamp of its latest record.
	Forward func(key K, value A, timestamp time.Time) error
}

type entry[K, A any] struct {
	key       K
	value     A
	timestamp time.Time
	offset    int64 // of the latest record
	size      int64 // as of the last time it was encoded
	dirty     bool
}

// Cache holds the aggregates of one task decoded, so that an aggregate that changes a
// thousand times in an epoch is read, encoded, stored, logged and forwarded once. It is
// Kafka Streams' record cache, with the commit as its only flush. It belongs to the
// task.
//
// Encoded once an epoch, an aggregate shows only at the end that it does not fit the
// changelog. No single record is to blame then. The epoch is aborted and its records
// come again, and the cache watches the aggregate: it is encoded after each record, and
// the record after which it does not fit is rejected and changes nothing.
type Cache[K, A any] struct {
	o       Options[K, A]
	entries map[Slot]*entry[K, A]
	size    int64  // of the entries
	dirty   []Slot // in the order of their first change
	watched map[Slot]bool
}

// New returns an empty cache that writes at the end of each epoch.
func New[K, A any](o Options[K, A]) *Cache[K, A] {
	c := &Cache[K, A]{o: o, entries: map[Slot]*entry[K, A]{}, watched: map[Slot]bool{}}
	o.Context.OnCommit(c.commit, c.abort)
	return c
}

// Update changes one aggregate. key is the key that nodes downstream see, raw the key
// in the store.
func (c *Cache[K, A]) Update(raw []byte, start int64, key func() K, ts time.Time,
	initial func() A, change func(A) (A, error)) error {
	e := c.entries[Slot{start, string(raw)}]
	if e == nil {
		var err error
		if e, err = c.read(raw, start, key(), initial); err != nil {
			return err
		}
	}
	if len(c.watched) > 0 && c.watched[Slot{start, string(raw)}] {
		if err := c.changeWatched(e, raw, initial, change); err != nil {
			return err
		}
	} else {
		value, err := change(e.value)
		if err != nil {
			return err
		}
		e.value = value
	}
	e.offset = c.o.Context.Position().Offset
	if ts.After(e.timestamp) {
		e.timestamp = ts
	}
	if !e.dirty {
		e.dirty = true
		c.dirty = append(c.dirty, Slot{start, string(raw)})
	}
	return nil
}

// changeWatched changes an aggregate, and takes the change back when the aggregate
// would not fit.
func (c *Cache[K, A]) changeWatched(e *entry[K, A], raw []byte, initial func() A, change func(A) (A, error)) error {
	before, err := c.o.Serialize(e.value)
	if err != nil {
		return fmt.Errorf("encode aggregate: %w", err)
	}
	before = bytes.Clone(before) // change may work in the same memory
	value, err := change(e.value)
	if err == nil {
		_, err = c.encode(raw, value, e.timestamp)
	}
	if err == nil {
		e.value = value
		return nil
	}
	back, damaged := c.o.Deserialize(before)
	if damaged != nil {
		return fmt.Errorf("decode aggregate: %w", damaged)
	}
	e.value = back
	return err
}

// encode returns the bytes of an aggregate, or a [topology.Rejection] that says why it
// cannot be stored.
func (c *Cache[K, A]) encode(raw []byte, value A, at time.Time) ([]byte, error) {
	data, err := c.o.Serialize(value)
	if err != nil {
		return nil, &topology.Rejection{Stage: topology.Processing, Err: fmt.Errorf(
			"encode the aggregate of key %.64q for store %s: %w", raw, c.o.Store, err)}
	}
	data = format.AppendTimestamped(make([]byte, 0, stamp+len(data)), at.UnixMilli(), data)
	return data, c.o.Context.Fits(c.o.Store, raw, data)
}

// read takes an aggregate from the store, or makes it. That one cannot be decoded is no
// record's fault: the store is damaged, or the app's code has changed.
func (c *Cache[K, A]) read(raw []byte, start int64, key K, initial func() A) (*entry[K, A], error) {
	data, err := c.o.Load(raw, start)
	if err != nil {
		return nil, fmt.Errorf("read aggregate: %w", err)
	}
	e := &entry[K, A]{key: key, size: int64(len(raw)+len(data)) + overhead}
	if data == nil {
		e.value = initial()
	} else if err = c.decode(e, data); err != nil {
		return nil, fmt.Errorf("decode the aggregate of key %.64q in store %s: %w", raw, c.o.Store, err)
	}
	c.entries[Slot{start, string(raw)}] = e
	c.size += e.size
	c.o.Context.Grow(e.size)
	return e, nil
}

func (c *Cache[K, A]) decode(e *entry[K, A], data []byte) error {
	at, plain, err := format.ParseTimestamped(data)
	if err != nil {
		return err
	}
	e.timestamp = time.UnixMilli(at).UTC()
	e.value, err = c.o.Deserialize(plain)
	return err
}

// commit writes what changed to the store and forwards it. When an aggregate cannot be
// stored, nothing of the epoch can be committed, and it is watched from now on.
func (c *Cache[K, A]) commit() error {
	var unfit error
	for _, s := range c.dirty {
		e := c.entries[s]
		data, err := c.encode([]byte(s.Key), e.value, e.timestamp)
		switch {
		case err != nil && c.watched[s]: // it fitted after its last record
			return err
		case err != nil:
			unfit = err
			c.watch(s)
		case unfit == nil:
			err = c.write(s, e, data)
		}
		if err != nil && unfit == nil {
			return err
		}
	}
	if unfit != nil {
		return fmt.Errorf("%w: %w", topology.ErrRepeat, unfit)
	}
	c.dirty = c.dirty[:0]
	if len(c.entries) > maxEntries || c.size > maxBytes {
		c.clear()
	}
	return nil
}

func (c *Cache[K, A]) watch(s Slot) {
	if len(c.watched) >= maxWatched {
		clear(c.watched)
	}
	c.watched[s] = true
}

// write stores and forwards one aggregate. What is forwarded may be refused, as when an
// output topic takes less than the store does: then the update is a dead letter.
func (c *Cache[K, A]) write(s Slot, e *entry[K, A], data []byte) error {
	c.o.Save([]byte(s.Key), s.Start, data)
	e.dirty = false
	c.size -= e.size
	e.size = int64(len(s.Key)+len(data)) + overhead
	c.size += e.size
	err := c.o.Forward(e.key, e.value, e.timestamp)
	var refused *topology.Rejection
	if !errors.As(err, &refused) {
		return err
	}
	return c.o.Context.Refuse(topology.Update{
		Store: c.o.Store, Key: []byte(s.Key), Value: data[stamp:], Timestamp: e.timestamp, Offset: e.offset,
	}, refused)
}

// abort forgets everything: aggregates are changed in place, so their state before the
// epoch is not known any more.
func (c *Cache[K, A]) abort() {
	c.clear()
	c.dirty = c.dirty[:0]
}

func (c *Cache[K, A]) clear() {
	clear(c.entries)
	c.size = 0
}

// Evict forgets the aggregates of windows before start. None of them has changed since
// the last commit.
func (c *Cache[K, A]) Evict(start int64) {
	for s, e := range c.entries {
		if s.Start < start {
			c.size -= e.size
			delete(c.entries, s)
		}
	}
}
