package stores

import (
	"bytes"

	"github.com/tidwall/btree"
)

// pendingIterator walks the pending writes between two bounds.
type pendingIterator struct {
	it         btree.IterG[pending]
	from, to   []byte
	descending bool
	started    bool
	item       pending
}

// next moves on; false at the end.
func (p *pendingIterator) next() bool {
	if !p.move() {
		return false
	}
	p.item = p.it.Item()
	if p.descending {
		return p.from == nil || bytes.Compare(p.item.key, p.from) >= 0
	}
	return p.to == nil || bytes.Compare(p.item.key, p.to) < 0
}

func (p *pendingIterator) move() bool {
	first := !p.started
	p.started = true
	switch {
	case !first && p.descending:
		return p.it.Prev()
	case !first:
		return p.it.Next()
	case !p.descending:
		return p.it.Seek(pending{key: p.from})
	case p.to == nil || !p.it.Seek(pending{key: p.to}):
		return p.it.Last()
	}
	return p.it.Prev() // Seek stands on the first key at or above the bound
}

// side is one of the two that are merged.
type side struct {
	next func() bool
	has  bool // it stands on an entry not yet returned
	done bool // it has no more
}

// fill moves to the next entry unless there is one waiting.
func (s *side) fill() bool {
	if !s.has && !s.done {
		s.has = s.next()
		s.done = !s.has
	}
	return s.has
}

// merged walks the pending writes and the DB together: on equal keys the
// pending write wins, and a pending deletion hides the key.
type merged struct {
	overlay *Overlay
	order   *btree.BTreeG[pending] // what writes walks
	writes  pendingIterator
	db      Iterator
	trim    int // length of the prefix of DB keys

	onWrites, onDB side
	key, value     []byte
	closed         bool
}

var _ Iterator = (*merged)(nil)

func (m *merged) Next() bool {
	for !m.closed {
		onDB := m.onDB.fill()
		if err := m.db.Err(); err != nil {
			m.overlay.note(err)
			return false
		}
		onWrites := m.onWrites.fill()
		if !onDB && !onWrites {
			return false
		}
		if m.take(onWrites, onDB) {
			return true
		}
	}
	return false
}

// take consumes the side that comes first, or both on equal keys, and reports
// whether that is an entry to return.
func (m *merged) take(onWrites, onDB bool) bool {
	order := -1 // of the DB against the writes
	if onDB {
		m.key = m.db.Key()[m.trim:]
		if onWrites {
			order = bytes.Compare(m.key, m.writes.item.key)
			if m.writes.descending {
				order = -order
			}
		}
	} else {
		order = 1
	}
	if order <= 0 {
		m.onDB.has = false
	}
	if order < 0 {
		m.value = m.db.Value()
		return true
	}
	m.onWrites.has = false
	m.key, m.value = m.writes.item.key, m.writes.item.value
	return m.value != nil
}

func (m *merged) Key() []byte   { return m.key }
func (m *merged) Value() []byte { return m.value }
func (m *merged) Err() error    { return m.db.Err() }

func (m *merged) Close() error {
	if m.closed {
		return nil
	}
	m.closed = true
	if m.overlay.order == m.order {
		m.overlay.iterators--
	}
	return m.db.Close()
}
