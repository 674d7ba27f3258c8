package stores

import "slices"

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
