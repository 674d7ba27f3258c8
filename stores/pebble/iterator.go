package pebble

import (
	"github.com/cockroachdb/pebble/v2"

	"github.com/suiro/suiro/stores"
)

// iterator walks a snapshot of the DB. Without it, the range is empty.
type iterator struct {
	d          *DB
	it         *pebble.Iterator
	descending bool
	started    bool
	done       bool
	closed     bool
	err        error
}

var _ stores.Iterator = (*iterator)(nil)

func (i *iterator) Next() bool {
	if i.done || i.it == nil {
		return false
	}
	if !i.move() {
		i.done = true
		i.err = i.d.failure.or(i.it.Error())
	}
	return !i.done
}

func (i *iterator) move() bool {
	first := !i.started
	i.started = true
	switch {
	case first && i.descending:
		return i.it.Last()
	case first:
		return i.it.First()
	case i.descending:
		return i.it.Prev()
	}
	return i.it.Next()
}

func (i *iterator) Key() []byte   { return i.it.Key() }
func (i *iterator) Value() []byte { return i.it.Value() }
func (i *iterator) Err() error    { return i.err }

func (i *iterator) Close() error {
	if i.closed {
		return nil
	}
	i.closed, i.done = true, true
	defer i.d.calls.Leave()
	if i.it == nil {
		return nil
	}
	i.d.walks.Add(-1)
	return i.d.failure.or(i.it.Close())
}
