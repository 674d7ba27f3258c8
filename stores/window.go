package stores

import (
	"encoding/binary"
	"math"
)

// startLen is the length of a window's start in its key.
const startLen = 8

// Window is one named store of a task whose values belong to a key and the
// start of a time window, in milliseconds since 1970. It belongs to the task's
// goroutine.
//
//	key of the store  8 bytes, big-endian, window start with the sign bit flipped | user key
//
// Time comes first, so that the windows of a span of time, such as the expired
// ones, are next to each other; the windows of one key are looked up one by one.
type Window struct {
	overlay *Overlay
	view    view
	buf     []byte // the changelog key of the call at hand

	// There is no window before oldest, as long as the overlay has seen no abort
	// after the aborts-th. Without it, Expire would walk over everything that it
	// deleted before, which a DB on disk keeps as marks for a while.
	oldest int64
	aborts int
}

// Put sets the value of key in the window that begins at start. It copies key
// and keeps value, as [KeyValue.Put] does.
func (w *Window) Put(key []byte, start int64, value []byte) {
	w.oldest = min(w.oldest, start)
	w.buf = w.view.appendWindowKey(w.buf[:0], key, start)
	w.overlay.Put(w.buf, value)
}

// Delete removes key from the window that begins at start.
func (w *Window) Delete(key []byte, start int64) {
	w.buf = w.view.appendWindowKey(w.buf[:0], key, start)
	w.overlay.Delete(w.buf)
}

// Fetch returns the value of key in the window that begins at start, or nil
// when there is none. The result is as that of [KeyValue.Get].
func (w *Window) Fetch(key []byte, start int64) ([]byte, error) {
	w.buf = w.view.appendWindowKey(w.buf[:0], key, start)
	return w.overlay.Get(w.buf)
}

// FetchRange yields the values of key in the windows with from <= start < to,
// in order of time, where windows start at the multiples of step, in
// milliseconds, which must be positive. It looks up each of them.
func (w *Window) FetchRange(
	key []byte, from, to, step int64, yield func(start int64, value []byte) bool,
) error {
	return w.view.fetchRange(key, from, to, step, yield)
}

// FetchAll returns an iterator over all keys in the windows with
// from <= start < to, in order of time, then of keys.
func (w *Window) FetchAll(from, to int64) (*WindowIterator, error) {
	return w.view.iterateWindows(from, to)
}

// Expire deletes all windows with start < before, and returns the number of entries.
// It visits only those. A restore from the changelog, which does not use the Window,
// comes before the first call.
func (w *Window) Expire(before int64) (int, error) {
	if w.aborts != w.overlay.aborts { // what was expired may be back
		w.aborts, w.oldest = w.overlay.aborts, math.MinInt64
	}
	it, err := w.view.iterateWindows(w.oldest, before)
	if err != nil {
		return 0, err
	}
	n := 0
	for ; it.Next(); n++ {
		w.Delete(it.Key(), it.Start())
	}
	if err := it.Err(); err != nil {
		_ = it.Close()
		return n, err
	}
	w.oldest = max(w.oldest, before)
	return n, it.Close()
}

// WindowIterator is an [Iterator] over windows. An entry whose key is too short to begin
// with a window's start, as a damaged changelog may have it, belongs to no window and is
// left out.
type WindowIterator struct{ Iterator }

// Next implements [Iterator].
func (w *WindowIterator) Next() bool {
	for w.Iterator.Next() {
		if len(w.Iterator.Key()) >= startLen {
			return true
		}
	}
	return false
}

// Start returns when the window begins, in milliseconds since 1970.
func (w *WindowIterator) Start() int64 {
	return int64(binary.BigEndian.Uint64(w.Iterator.Key()) ^ 1<<63)
}

// Key returns the user key.
func (w *WindowIterator) Key() []byte { return w.Iterator.Key()[startLen:] }
