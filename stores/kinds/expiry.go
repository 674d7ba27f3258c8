package kinds

import (
	"bytes"
	"errors"

	"github.com/suiro/suiro/stores"
)

// ttlParts is how many spans a time-to-live is cut into. A key that changes all the time
// has one mark for each span, and what has expired is deleted at most a span later; it
// cannot be read before that.
const ttlParts = 16

// expiry finds the keys of a store with a time-to-live that may have expired, without
// looking at the others. A change of a key leaves a mark in the span of its timestamp.
//
//	key of a mark  localPrefix | "x" | 8 bytes span | key
type expiry struct {
	prefix []byte
	ttl    int64
	span   int64
	done   []byte // there are no marks before, nil when that is not known
	buf    []byte
}

func newExpiry(s Spec) expiry {
	ttl := s.TTL.Milliseconds()
	return expiry{prefix: append(s.localPrefix(), 'x'), ttl: ttl, span: max(ttl/ttlParts, 1)}
}

// mark returns the key of a mark, valid until the next call.
func (e *expiry) mark(key []byte, timestamp int64) []byte {
	e.buf = appendOrdered(append(e.buf[:0], e.prefix...), floorDiv(timestamp, e.span))
	e.buf = append(e.buf, key...)
	return e.buf
}

// mark is one that was found.
type mark struct{ entry, key []byte }

// due returns up to limit marks of spans that have expired as a whole, and whether there
// may be more.
func (e *expiry) due(source stores.Source, now int64, limit int) (marks []mark, more bool, err error) {
	end := appendOrdered(bytes.Clone(e.prefix), floorDiv(since(now, e.ttl), e.span))
	from := e.prefix
	if e.done != nil {
		from = e.done // a DB keeps the places of deleted marks for a while
	}
	it, err := source.Iterate(from, end, false)
	if err != nil {
		return nil, false, err
	}
	for len(marks) < limit && it.Next() {
		entry := bytes.Clone(it.Key())
		marks = append(marks, mark{entry: entry, key: entry[len(e.prefix)+timestampLen:]})
	}
	if err := errors.Join(it.Err(), it.Close()); err != nil {
		return nil, false, err
	}
	if more = len(marks) == limit; !more {
		e.done = end
	}
	return marks, more, nil
}
