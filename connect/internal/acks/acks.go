// Package acks finds how far a stream of records is acknowledged without a
// gap: offsets move after data, and a record still on its way holds back all
// that follow it, whatever order the acknowledgements come in.
//
// It is what source tasks, sink tasks and dead letters count with. DESIGN.md of
// package sinkkit holds the measurement that decided its form.
package acks

import (
	"cmp"
	"sync"
	"sync/atomic"
)

// blockSize is how many entries are allocated at a time, at most: a stream with few
// records on their way, of which there may be many, allocates as many as these.
const blockSize = 64

// Tracker follows the records of one ordered stream. The zero Tracker is
// ready. It is safe for concurrent use.
type Tracker[P any] struct {
	pending atomic.Int64 // entries that are not acknowledged

	mu    sync.Mutex // guards the rest
	first *Entry[P]
	last  *Entry[P]
	count int
	end   P    // position of the last entry removed
	moved bool // end has changed since Take returned it
	block []Entry[P]
}

// Entry is a record on its way.
type Entry[P any] struct {
	tracker  *Tracker[P]
	next     *Entry[P] // guarded by the tracker's mu
	position P
	acked    atomic.Bool
}

// Add appends a record. The position belongs to the caller, who gets it back
// from Take or First; it is where to go on after the record, or where the
// record is, but the same for all.
func (t *Tracker[P]) Add(position P) *Entry[P] {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.remove()
	e := t.entry(position)
	if t.last == nil {
		t.first = e
	} else {
		t.last.next = e
	}
	t.last = e
	return e
}

// Insert is [Tracker.Add] for records that come in any order: it puts the
// record before the first one with a higher position that is still tracked.
func Insert[P cmp.Ordered](t *Tracker[P], position P) *Entry[P] {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.remove()
	e := t.entry(position)
	at := &t.first
	if t.last != nil && t.last.position <= position {
		at = &t.last.next
	}
	for *at != nil && (*at).position <= position {
		at = &(*at).next
	}
	if e.next, *at = *at, e; e.next == nil {
		t.last = e
	}
	return e
}

// entry returns a new entry that is not in the list yet; mu is held.
func (t *Tracker[P]) entry(position P) *Entry[P] {
	if len(t.block) == 0 {
		t.block = make([]Entry[P], min(blockSize, max(1, t.count)))
	}
	e := &t.block[0]
	t.block = t.block[1:]
	e.tracker, e.position = t, position
	t.count++
	t.pending.Add(1)
	return e
}

// Ack acknowledges the record. A second call does nothing.
func (e *Entry[P]) Ack() {
	if e.acked.CompareAndSwap(false, true) {
		e.tracker.pending.Add(-1)
	}
}

// remove takes the longest acknowledged prefix off the list; mu is held. The
// links are cut, so that an entry which somebody keeps holds no later ones.
func (t *Tracker[P]) remove() {
	var none P
	for e := t.first; e != nil && e.acked.Load(); e = t.first {
		t.end, t.moved = e.position, true
		t.first = e.next
		e.next, e.position = nil, none
		t.count--
	}
	if t.first == nil {
		t.last = nil
	}
}

// Take returns the position of the last record of the longest acknowledged
// prefix; ok is false when the prefix has not grown since the last Take.
func (t *Tracker[P]) Take() (position P, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.remove()
	position, ok = t.end, t.moved
	var none P
	t.end, t.moved = none, false
	return position, ok
}

// First returns the position of the first record that is not acknowledged; ok
// is false when all are.
func (t *Tracker[P]) First() (position P, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.remove(); t.first == nil {
		return position, false
	}
	return t.first.position, true
}

// Len returns the number of records from the first one on that is not
// acknowledged.
func (t *Tracker[P]) Len() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.remove()
	return t.count
}

// Settled reports whether every record added so far is acknowledged.
func (t *Tracker[P]) Settled() bool { return t.pending.Load() == 0 }
