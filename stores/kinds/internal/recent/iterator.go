package recent

import (
	"bytes"
	"cmp"
	"slices"

	"github.com/suiro/suiro/stores"
)

// Iterator walks entries that were found. What is added or forgotten meanwhile does not
// change it.
type Iterator struct {
	left []found
	at   found
	one  [1]found // room for what most look-ups find at most
}

var _ stores.Iterator = (*Iterator)(nil)

// found is an entry that was found. Its bytes never change.
type found struct {
	data  []byte
	key   int32
	start int64
}

// sort puts what was found in order.
func (i *Iterator) sort(descending bool) {
	if len(i.left) < 2 {
		return
	}
	slices.SortFunc(i.left, func(a, b found) int {
		order := cmp.Or(cmp.Compare(a.start, b.start), bytes.Compare(a.data[:a.key], b.data[:b.key]))
		if descending {
			return -order
		}
		return order
	})
}

// Next implements [stores.Iterator].
func (i *Iterator) Next() bool {
	if len(i.left) == 0 {
		return false
	}
	i.at, i.left = i.left[0], i.left[1:]
	return true
}

// Key returns the key with the start and the sequence.
func (i *Iterator) Key() []byte { return i.at.data[:i.at.key:i.at.key] }

// Value implements [stores.Iterator].
func (i *Iterator) Value() []byte { return i.at.data[i.at.key:] }

// Err implements [stores.Iterator].
func (i *Iterator) Err() error { return nil }

// Close implements [stores.Iterator].
func (i *Iterator) Close() error {
	i.left = nil
	return nil
}
