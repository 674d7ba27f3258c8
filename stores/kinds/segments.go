package kinds

import (
	"bytes"
	"errors"
	"slices"

	"github.com/suiro/suiro/stores"
)

// segmentLen is the length of the segment before the key of an entry.
const segmentLen = 8

// span is what an iterator over the entries of a store with segments walks.
type span struct {
	prefix   []byte // of the store
	interval int64  // of a segment
	// from and to bound the time of segments, both included.
	from, to int64
	// bounds returns the bounds of keys within a segment that has times from from to to.
	bounds func(from, to int64) (lower, upper []byte)
	// takes reports whether an entry is meant, and its key can be read.
	takes      func(key []byte) bool
	descending bool
}

// segments walks the entries of a span, one segment after the other. All of them are
// opened at once, so that later writes are not seen in any.
type segments struct {
	span span
	left []stores.Iterator // the one at hand first
	key  []byte
	err  error
}

// walk returns an iterator over a span.
func walk(source stores.Source, s span) (*segments, error) {
	w := &segments{span: s}
	if s.from > s.to {
		return w, nil
	}
	first, last := floorDiv(s.from, s.interval), floorDiv(s.to, s.interval)
	for segment := first; segment <= last; segment++ {
		it, err := w.open(source, segment)
		if err != nil {
			return nil, errors.Join(err, w.Close())
		}
		w.left = append(w.left, it)
	}
	if s.descending {
		slices.Reverse(w.left)
	}
	return w, nil
}

// open returns an iterator over what is meant of one segment.
func (w *segments) open(source stores.Source, segment int64) (stores.Iterator, error) {
	// Only the first and the last segment are cut, so that nothing overflows.
	from, to := w.span.from, w.span.to
	if segment != floorDiv(from, w.span.interval) {
		from = segment * w.span.interval
	}
	if segment != floorDiv(to, w.span.interval) {
		to = segment*w.span.interval + (w.span.interval - 1)
	}
	lower, upper := w.span.bounds(from, to)
	start := appendOrdered(bytes.Clone(w.span.prefix), segment)
	end := stores.PrefixEnd(start)
	if upper != nil {
		end = append(bytes.Clone(start), upper...)
	}
	return source.Iterate(append(start, lower...), end, w.span.descending)
}

// Next moves to the first or next entry; false at the end or on an error.
func (w *segments) Next() bool {
	for w.err == nil && len(w.left) > 0 {
		it := w.left[0]
		for it.Next() {
			w.key = it.Key()[len(w.span.prefix)+segmentLen:]
			if w.span.takes(w.key) {
				return true
			}
		}
		w.err = errors.Join(it.Err(), it.Close())
		w.left = w.left[1:]
	}
	return false
}

// Key returns the entry's key without the segment, valid until the next call of Next or
// Close.
func (w *segments) Key() []byte { return w.key }

// Value returns the entry's value, valid until the next call of Next or Close.
func (w *segments) Value() []byte { return w.left[0].Value() }

// Err returns the error that stopped the iteration early, or nil.
func (w *segments) Err() error { return w.err }

// Close ends the iteration. It may be called twice.
func (w *segments) Close() error {
	for _, it := range w.left {
		w.err = errors.Join(w.err, it.Close())
	}
	w.left = nil
	return w.err
}

// dropped is how far the segments of a store are removed.
type dropped struct {
	prefix    []byte
	interval  int64
	retention int64
	floor     int64 // all segments before are gone from the DB
	known     bool  // floor is
	handed    int64 // floor of the batch that is being applied
}

// write adds to b the removal of the segments in which everything has expired.
func (d *dropped) write(b *stores.Batch, taskPrefix []byte, now int64) {
	if now == noTime {
		return
	}
	d.handed = floorDiv(since(now, d.retention), d.interval)
	if d.known && d.handed <= d.floor {
		return
	}
	store := append(bytes.Clone(taskPrefix), d.prefix...)
	from := store
	if d.known {
		from = appendOrdered(bytes.Clone(store), d.floor)
	}
	b.DeleteRange(from, appendOrdered(bytes.Clone(store), d.handed))
}

func (d *dropped) keep(now int64) {
	if now != noTime {
		d.floor, d.known = d.handed, true
	}
}

// upperKey returns a bound above the entries of all keys below to. A key that is the
// beginning of to sorts with what follows it, so that the bound is a generous one.
func upperKey(to []byte) []byte {
	if len(to) == 0 {
		return nil
	}
	return stores.PrefixEnd(to[:1])
}

// between reports whether from <= key < to; nil bounds are open.
func between(key, from, to []byte) bool {
	return bytes.Compare(key, from) >= 0 && (to == nil || bytes.Compare(key, to) < 0)
}
