// Package mem keeps stores in memory, in a sorted map. Nothing survives the
// process: at the next start a task's state is read back from its changelog.
package mem

import (
	"bytes"
	"sync"

	"github.com/tidwall/btree"

	"github.com/suiro/suiro/stores"
)

// DB is a [stores.DB] in memory.
type DB struct {
	mu     sync.RWMutex // guards the fields below
	items  *btree.BTreeG[item]
	bytes  int64 // of the entries
	closed bool
}

var _ stores.DB = (*DB)(nil)

// item is one entry. Neither slice changes once it is in the tree.
type item struct{ key, value []byte }

// overhead is the estimate of what an entry takes in addition to its key and value: two
// slices in a node that is two thirds full, and what is lost to rounding.
const overhead = 96

func (i item) size() int64 { return int64(len(i.key)+len(i.value)) + overhead }

func less(a, b item) bool { return bytes.Compare(a.key, b.key) < 0 }

// Open returns an empty DB.
func Open() *DB {
	return &DB{items: btree.NewBTreeGOptions(less, btree.Options{NoLocks: true})}
}

// Get implements [stores.DB].
func (d *DB) Get(key []byte) ([]byte, error) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	if d.closed {
		return nil, stores.ErrClosed
	}
	it, ok := d.items.Get(item{key: key})
	if !ok {
		return nil, nil
	}
	return append(make([]byte, 0, len(it.value)), it.value...), nil
}

// Iterate implements [stores.DB]. The iterator walks a copy-on-write snapshot, so it
// blocks nothing and outlives Close.
func (d *DB) Iterate(from, to []byte, descending bool) (stores.Iterator, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return nil, stores.ErrClosed
	}
	return &iterator{
		it:   d.items.Copy().Iter(),
		from: bytes.Clone(from), to: bytes.Clone(to), descending: descending,
	}, nil
}

// Apply implements [stores.DB]. It copies what it keeps.
func (d *DB) Apply(b *stores.Batch) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return stores.ErrClosed
	}
	for _, op := range b.Ops {
		switch {
		case op.To != nil:
			d.deleteRange(op.Key, op.To)
		case op.Value == nil:
			d.delete(op.Key)
		default:
			set := clone(op)
			d.bytes += set.size()
			if was, ok := d.items.Set(set); ok {
				d.bytes -= was.size()
			}
		}
	}
	return nil
}

func (d *DB) delete(key []byte) {
	if was, ok := d.items.Delete(item{key: key}); ok {
		d.bytes -= was.size()
	}
}

// Bytes is about how much memory the entries take.
func (d *DB) Bytes() int64 {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.bytes
}

// clone copies the key and value of op into one piece of memory.
func clone(op stores.Op) item {
	n := len(op.Key)
	b := append(append(make([]byte, 0, n+len(op.Value)), op.Key...), op.Value...)
	return item{key: b[:n:n], value: b[n:]}
}

func (d *DB) deleteRange(from, to []byte) {
	var doomed []item
	d.items.Ascend(item{key: from}, func(it item) bool {
		if bytes.Compare(it.key, to) >= 0 {
			return false
		}
		doomed = append(doomed, it)
		return true
	})
	for _, it := range doomed {
		d.delete(it.key)
	}
}

// Close implements [stores.DB].
func (d *DB) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.closed, d.items, d.bytes = true, nil, 0
	return nil
}
