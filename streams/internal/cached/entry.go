package cached

import "github.com/suiro/suiro/streams/topology"

// slot names a value: a key, and the window's start in milliseconds for windowed ones.
type slot struct {
	start int64 // 0 without windows
	key   string
}

// Entry is what a store has for a key, valid until the next call of the store.
type Entry[K, V any] struct {
	// Value is the value; the zero value when there is none.
	Value V
	// Has says that there is a value.
	Has bool
	// Timestamp is the value's, in milliseconds.
	Timestamp int64

	slot    slot
	key     K
	keyed   bool  // key is set
	at      int64 // the timestamp of the record that set the value
	headers []topology.Header
	offset  int64 // of the latest record
	size    int64 // as of the last time it was encoded

	watched bool   // before is what it is set back to when it does not fit
	before  []byte // nil for no value

	// Entries that were set are in a list, in the order in which they were set last.
	dirty          bool
	earlier, later *Entry[K, V]
}

// list is a list of entries in the order in which they were set last.
type list[K, V any] struct{ first, last *Entry[K, V] }

// touch moves e to the end.
func (l *list[K, V]) touch(e *Entry[K, V]) {
	if l.last == e {
		return
	}
	l.remove(e)
	e.earlier, e.dirty = l.last, true
	if l.last != nil {
		l.last.later = e
	} else {
		l.first = e
	}
	l.last = e
}

// remove takes e out, if it is in the list.
func (l *list[K, V]) remove(e *Entry[K, V]) {
	if !e.dirty {
		return
	}
	if e.earlier != nil {
		e.earlier.later = e.later
	} else {
		l.first = e.later
	}
	if e.later != nil {
		e.later.earlier = e.earlier
	} else {
		l.last = e.earlier
	}
	e.earlier, e.later, e.dirty = nil, nil, false
}
