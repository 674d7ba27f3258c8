// Package acks finds how far a stream of records is acknowledged without a
// gap: offsets move after data, and a record still on its way holds back all
// that follow it, whatever order the acknowledgements come in.
package acks

import "sync"

// Tracker follows the records of one ordered stream. The zero Tracker is
// ready. It is safe for concurrent use.
type Tracker[P any] struct {
	mu    sync.Mutex // guards the rest and the entries' acked
	first *Entry[P]
	last  *Entry[P]
	count int
}

// Entry is a record on its way.
type Entry[P any] struct {
	tracker  *Tracker[P]
	position P
	acked    bool
	next     *Entry[P]
}

// Add appends a record; position is where to go on once it and all before it
// are acknowledged.
func (t *Tracker[P]) Add(position P) *Entry[P] {
	t.mu.Lock()
	defer t.mu.Unlock()
	e := &Entry[P]{tracker: t, position: position}
	if t.last == nil {
		t.first = e
	} else {
		t.last.next = e
	}
	t.last = e
	t.count++
	return e
}

// Ack acknowledges the record. A second call does nothing.
func (e *Entry[P]) Ack() {
	e.tracker.mu.Lock()
	defer e.tracker.mu.Unlock()
	e.acked = true
}

// Take removes the longest acknowledged prefix and returns the position of its
// end; ok is false when the prefix is empty.
func (t *Tracker[P]) Take() (position P, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for t.first != nil && t.first.acked {
		position, ok = t.first.position, true
		t.first = t.first.next
		t.count--
	}
	if t.first == nil {
		t.last = nil
	}
	return position, ok
}

// Len returns the number of records that Take has not removed.
func (t *Tracker[P]) Len() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.count
}

// Settled reports whether every record added so far is acknowledged.
func (t *Tracker[P]) Settled() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	for e := t.first; e != nil; e = e.next {
		if !e.acked {
			return false
		}
	}
	return true
}
