package mem

import (
	"bytes"

	"github.com/tidwall/btree"

	"github.com/suiro/suiro/stores"
)

// iterator walks a snapshot of the tree.
type iterator struct {
	it            btree.IterG[item]
	from, to      []byte
	descending    bool
	started, done bool
	item          item
}

var _ stores.Iterator = (*iterator)(nil)

func (i *iterator) Next() bool {
	if i.done || !i.move() {
		i.done = true
		return false
	}
	i.item = i.it.Item()
	if i.descending {
		i.done = i.from != nil && bytes.Compare(i.item.key, i.from) < 0
	} else {
		i.done = i.to != nil && bytes.Compare(i.item.key, i.to) >= 0
	}
	return !i.done
}

func (i *iterator) move() bool {
	first := !i.started
	i.started = true
	switch {
	case !first && i.descending:
		return i.it.Prev()
	case !first:
		return i.it.Next()
	case !i.descending:
		return i.it.Seek(item{key: i.from})
	case i.to == nil || !i.it.Seek(item{key: i.to}):
		return i.it.Last()
	}
	return i.it.Prev() // Seek stands on the first key at or above the bound
}

func (i *iterator) Key() []byte   { return i.item.key }
func (i *iterator) Value() []byte { return i.item.value }
func (i *iterator) Err() error    { return nil }

func (i *iterator) Close() error {
	i.done, i.item = true, item{}
	i.it.Release()
	return nil
}
