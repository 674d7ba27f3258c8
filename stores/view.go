package stores

import (
	"encoding/binary"
	"slices"
)

// Source is what the stores of a task are read from: its [Overlay], or what the [DB] has
// of it ([TaskState]). Keys begin with the name of a store; see [Key].
type Source interface {
	// Get returns the value of key, or nil when there is none. The caller does not
	// change it.
	Get(key []byte) ([]byte, error)
	// Iterate returns an iterator over from <= key < to in ascending or descending
	// order; nil bounds are open. It does not see later writes.
	Iterate(from, to []byte, descending bool) (Iterator, error)
}

var _ Source = (*Overlay)(nil)

// view reads one named store of a source.
type view struct {
	source Source
	prefix []byte // of the store's changelog keys
}

func newView(s Source, name string) view { return view{source: s, prefix: Key(nil, name, nil)} }

// appendKey appends the changelog key of key.
func (v view) appendKey(dst, key []byte) []byte { return append(append(dst, v.prefix...), key...) }

// appendWindowKey appends the changelog key of a window.
func (v view) appendWindowKey(dst, key []byte, start int64) []byte {
	return append(appendStart(append(dst, v.prefix...), start), key...)
}

func (v view) iterate(from, to []byte, descending bool) (Iterator, error) {
	upper := PrefixEnd(v.prefix)
	if to != nil {
		upper = slices.Concat(v.prefix, to)
	}
	it, err := v.source.Iterate(slices.Concat(v.prefix, from), upper, descending)
	if err != nil {
		return nil, err
	}
	return &trimmed{Iterator: it, n: len(v.prefix)}, nil
}

// iterateWindows walks the windows with from <= start < to.
func (v view) iterateWindows(from, to int64) (*WindowIterator, error) {
	if from >= to {
		to = from
	}
	it, err := v.iterate(appendStart(nil, from), appendStart(nil, to), false)
	if err != nil {
		return nil, err
	}
	return &WindowIterator{Iterator: it}, nil
}

// fetchRange looks up the windows of key that start at a multiple of step.
func (v view) fetchRange(key []byte, from, to, step int64, yield func(start int64, value []byte) bool) error {
	var buf []byte
	for start := ceil(from, step); from <= start && start < to; start += step { // below from: overflow
		buf = v.appendWindowKey(buf[:0], key, start)
		value, err := v.source.Get(buf)
		if err != nil {
			return err
		}
		if value != nil && !yield(start, value) {
			return nil
		}
	}
	return nil
}

// ceil returns the smallest multiple of step that is not below t.
func ceil(t, step int64) int64 {
	if r := t % step; r > 0 {
		return t - r + step
	} else if r < 0 {
		return t - r
	}
	return t
}

// appendStart appends eight bytes that sort as start does.
func appendStart(dst []byte, start int64) []byte {
	return binary.BigEndian.AppendUint64(dst, uint64(start)^1<<63)
}

// trimmed is an Iterator whose keys lack their first n bytes.
type trimmed struct {
	Iterator
	n int
}

func (t *trimmed) Key() []byte { return t.Iterator.Key()[t.n:] }

// TaskState returns what db has of the task whose DB keys begin with prefix, without what
// is pending; see [TaskPrefix]. It is safe for concurrent use.
func TaskState(db DB, prefix []byte) Source { return part{db: db, prefix: slices.Clone(prefix)} }

// part is the part of a DB whose keys begin with prefix.
type part struct {
	db     DB
	prefix []byte
}

func (p part) Get(key []byte) ([]byte, error) { return p.db.Get(slices.Concat(p.prefix, key)) }

func (p part) Iterate(from, to []byte, descending bool) (Iterator, error) {
	lower, upper := bounds(p.prefix, from, to)
	it, err := p.db.Iterate(lower, upper, descending)
	if err != nil {
		return nil, err
	}
	return &trimmed{Iterator: it, n: len(p.prefix)}, nil
}

// bounds returns the keys of two bounds within prefix.
func bounds(prefix, from, to []byte) (lower, upper []byte) {
	lower = slices.Concat(prefix, from)
	if to == nil {
		return lower, PrefixEnd(prefix)
	}
	return lower, slices.Concat(prefix, to)
}
