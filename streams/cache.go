package streams

import (
	"fmt"
	"time"

	"github.com/suiro/suiro/streams/topology"
)

// cacheEntries and cacheBytes are how many aggregates a cache keeps decoded
// between epochs, and how much they may hold by the size of their encoding.
const (
	cacheEntries = 10_000
	cacheBytes   = 8 << 20
)

// cacheOverhead is the estimate of what an entry holds in addition to its key
// and value.
const cacheOverhead = 256

// slot names an aggregate: a key, and the window's start in milliseconds for
// windowed ones.
type slot struct {
	start int64
	key   string
}

type cached[K, A any] struct {
	key       K
	value     A
	timestamp time.Time
	size      int64 // as of the last time it was encoded
	dirty     bool
}

// cache holds the aggregates of one task decoded, so that an aggregate that
// changes a thousand times in an epoch is read, encoded, stored, logged and
// forwarded once. It is Kafka Streams' record cache, with the commit as its
// only flush. It belongs to the task.
type cache[K, A any] struct {
	ctx     topology.Context
	next    handler[K, A]
	serde   Serde[A]
	load    func(key []byte, start int64) ([]byte, error)
	save    func(key []byte, start int64, value []byte)
	entries map[slot]*cached[K, A]
	size    int64  // of the entries
	dirty   []slot // in the order of their first change
	out     Record[K, A]
}

func newCache[K, A any](ctx topology.Context, next handler[K, A], serde Serde[A],
	load func(key []byte, start int64) ([]byte, error), save func(key []byte, start int64, value []byte)) *cache[K, A] {
	c := &cache[K, A]{ctx: ctx, next: next, serde: serde, load: load, save: save, entries: map[slot]*cached[K, A]{}}
	ctx.OnCommit(c.commit, c.abort)
	return c
}

// update changes one aggregate. key is the key that nodes downstream see, raw the
// key in the store.
func (c *cache[K, A]) update(raw []byte, start int64, key func() K, ts time.Time,
	initial func() A, change func(A) (A, error)) error {
	e := c.entries[slot{start, string(raw)}]
	if e == nil {
		var err error
		if e, err = c.read(raw, start, key(), initial); err != nil {
			return err
		}
	}
	value, err := change(e.value)
	if err != nil {
		return err
	}
	e.value = value
	if ts.After(e.timestamp) {
		e.timestamp = ts
	}
	if !e.dirty {
		e.dirty = true
		c.dirty = append(c.dirty, slot{start, string(raw)})
	}
	return nil
}

// read takes an aggregate from the store, or makes it.
func (c *cache[K, A]) read(raw []byte, start int64, key K, initial func() A) (*cached[K, A], error) {
	data, err := c.load(raw, start)
	if err != nil {
		return nil, fmt.Errorf("read aggregate: %w", err)
	}
	e := &cached[K, A]{key: key, size: int64(len(raw)+len(data)) + cacheOverhead}
	if data == nil {
		e.value = initial()
	} else if e.value, err = c.serde.Deserialize(data); err != nil {
		return nil, fmt.Errorf("decode aggregate: %w", err)
	}
	c.entries[slot{start, string(raw)}] = e
	c.size += e.size
	c.ctx.Grow(e.size)
	return e, nil
}

// commit writes what changed to the store and forwards it.
func (c *cache[K, A]) commit() error {
	for _, s := range c.dirty {
		e := c.entries[s]
		data, err := c.serde.Serialize(e.value)
		if err != nil {
			return fmt.Errorf("encode aggregate: %w", err)
		}
		c.save([]byte(s.key), s.start, data)
		e.dirty = false
		c.size -= e.size
		e.size = int64(len(s.key)+len(data)) + cacheOverhead
		c.size += e.size
		c.out.Key, c.out.Value, c.out.Timestamp = e.key, e.value, e.timestamp
		if err := c.next(&c.out); err != nil {
			return err
		}
	}
	c.dirty = c.dirty[:0]
	if len(c.entries) > cacheEntries || c.size > cacheBytes {
		c.clear()
	}
	return nil
}

// abort forgets everything: aggregates are changed in place, so their state
// before the epoch is not known any more.
func (c *cache[K, A]) abort() {
	c.clear()
	c.dirty = c.dirty[:0]
}

func (c *cache[K, A]) clear() {
	clear(c.entries)
	c.size = 0
}

// evict forgets the aggregates of windows before start. None of them has changed
// since the last commit.
func (c *cache[K, A]) evict(start int64) {
	for s, e := range c.entries {
		if s.start < start {
			c.size -= e.size
			delete(c.entries, s)
		}
	}
}
