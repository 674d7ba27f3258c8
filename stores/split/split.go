// Package split keeps some keys of a DB in memory, and the others in another DB. What is in
// memory is gone when the process ends: who reads it next restores it from changelogs.
package split

import (
	"fmt"

	"github.com/suiro/suiro/stores"
	"github.com/suiro/suiro/stores/mem"
)

// DB is a [stores.DB] in two parts. A batch that changes both is applied to the lasting part
// first, so that after an error or a crash the part in memory is never ahead of it: after an
// error the DB is not used any more, and after a crash the memory is empty.
type DB struct {
	lasting  stores.DB
	memory   *mem.DB
	inMemory func(key []byte) bool
}

var _ stores.DB = (*DB)(nil)
var _ stores.Sizer = (*DB)(nil)
var _ stores.Pacer = (*DB)(nil)

// Open returns a DB over lasting, which it closes. inMemory says which keys are in memory;
// any goroutine may call it. A range of keys that is read or deleted is in one part, that of
// its beginning.
func Open(lasting stores.DB, inMemory func(key []byte) bool) *DB {
	return &DB{lasting: lasting, memory: mem.Open(), inMemory: inMemory}
}

// Memory returns about how many bytes the part in memory takes. Any goroutine may call it.
func (d *DB) Memory() int64 { return d.memory.Bytes() }

// Lasting returns the part that is not in memory.
func (d *DB) Lasting() stores.DB { return d.lasting }

func (d *DB) of(key []byte) stores.DB {
	if d.inMemory(key) {
		return d.memory
	}
	return d.lasting
}

// Get implements [stores.DB].
func (d *DB) Get(key []byte) ([]byte, error) { return d.of(key).Get(key) }

// Iterate implements [stores.DB].
func (d *DB) Iterate(from, to []byte, descending bool) (stores.Iterator, error) {
	return d.of(from).Iterate(from, to, descending)
}

// Apply implements [stores.DB].
func (d *DB) Apply(b *stores.Batch) error { return d.apply(b, d.lasting.Apply) }

// ApplyPaced implements [stores.Pacer]. The memory makes nobody wait.
func (d *DB) ApplyPaced(b *stores.Batch) error { return d.apply(b, stores.Paced(d.lasting).Apply) }

func (d *DB) apply(b *stores.Batch, last func(*stores.Batch) error) error {
	var lasting, memory stores.Batch
	for _, op := range b.Ops {
		if d.inMemory(op.Key) {
			memory.Ops = append(memory.Ops, op)
		} else {
			lasting.Ops = append(lasting.Ops, op)
		}
	}
	if memory.Len() == 0 {
		return last(b)
	}
	if lasting.Len() > 0 {
		if err := last(&lasting); err != nil {
			return err
		}
	}
	return d.memory.Apply(&memory)
}

// Size implements [stores.Sizer]. What is in memory has no size.
func (d *DB) Size(from, to []byte) (int64, error) {
	s, ok := d.lasting.(stores.Sizer)
	if !ok || d.inMemory(from) {
		return 0, nil
	}
	return s.Size(from, to)
}

// Close implements [stores.DB].
func (d *DB) Close() error {
	err := d.lasting.Close()
	if other := d.memory.Close(); err == nil && other != nil {
		err = fmt.Errorf("close the memory: %w", other)
	}
	return err
}
