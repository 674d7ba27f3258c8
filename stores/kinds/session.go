package kinds

import (
	"bytes"
	"encoding/binary"
	"math"

	"github.com/suiro/suiro/stores"
	"github.com/suiro/suiro/stores/format"
)

// sessionSuffix is the length of what follows the key in a [format.SessionKey].
const sessionSuffix = 16

// SessionReader reads a session store. Times are in milliseconds since 1970; bounds of
// time are both included, as in Kafka Streams.
type SessionReader struct {
	source stores.Source
	spec   Spec
	prefix []byte
	now    func() (int64, error) // the store's time
}

// Fetch returns the value of a session, or nil when there is none or it has expired.
func (r *SessionReader) Fetch(k format.SessionKey) ([]byte, error) {
	now, err := r.now()
	if err != nil || k.End < since(now, r.spec.Retention.Milliseconds()) {
		return nil, err
	}
	return r.source.Get(r.appendKey(nil, k))
}

func (r *SessionReader) appendKey(dst []byte, k format.SessionKey) []byte {
	dst = appendOrdered(append(dst, r.prefix...), floorDiv(k.End, r.spec.interval()))
	return k.Append(dst)
}

// Find returns an iterator over the sessions of key that end at earliestEnd or later
// and start at latestStart or earlier, in the order of their ends: with a record's
// timestamp less and plus the inactivity gap, those that the record belongs to.
func (r *SessionReader) Find(key []byte, earliestEnd, latestStart int64, descending bool) (*SessionIterator, error) {
	key = bytes.Clone(key)
	return r.walk(span{
		from: earliestEnd, to: math.MaxInt64, descending: descending,
		bounds: func(from, to int64) (lower, upper []byte) {
			lower = appendEnd(bytes.Clone(key), from)
			return lower, append(appendEnd(appendEnd(bytes.Clone(key), to), -1), 0)
		},
		takes: func(k []byte) bool {
			return len(k) == len(key)+sessionSuffix && bytes.HasPrefix(k, key) && sessionStart(k) <= latestStart
		},
	})
}

func appendEnd(dst []byte, end int64) []byte { return binary.BigEndian.AppendUint64(dst, uint64(end)) }

// Keys returns an iterator over the sessions of the keys with keyFrom <= key < keyTo
// that end at earliestEnd or later and start at latestStart or earlier; nil bounds are
// open. It walks one segment after the other, in each in the order of keys.
func (r *SessionReader) Keys(
	keyFrom, keyTo []byte, earliestEnd, latestStart int64, descending bool,
) (*SessionIterator, error) {
	keyFrom, keyTo = bytes.Clone(keyFrom), bytes.Clone(keyTo)
	return r.walk(span{
		from: earliestEnd, to: math.MaxInt64, descending: descending,
		bounds: func(int64, int64) (lower, upper []byte) { return keyFrom, upperKey(keyTo) },
		takes: func(k []byte) bool {
			return len(k) >= sessionSuffix && sessionEnd(k) >= earliestEnd && sessionStart(k) <= latestStart &&
				between(k[:len(k)-sessionSuffix], keyFrom, keyTo)
		},
	})
}

// walk returns an iterator over what has not expired of s.
func (r *SessionReader) walk(s span) (*SessionIterator, error) {
	now, err := r.now()
	if err != nil {
		return nil, err
	}
	earliest := since(now, r.spec.Retention.Milliseconds())
	s.from, s.to = max(s.from, earliest), min(s.to, now)
	s.prefix, s.interval = r.prefix, r.spec.interval()
	takes := s.takes
	s.takes = func(k []byte) bool { return takes(k) && sessionEnd(k) >= earliest }
	it, err := walk(r.source, s)
	if err != nil {
		return nil, err
	}
	return &SessionIterator{it}, nil
}

func sessionEnd(key []byte) int64 {
	return int64(binary.BigEndian.Uint64(key[len(key)-sessionSuffix:]))
}

func sessionStart(key []byte) int64 {
	return int64(binary.BigEndian.Uint64(key[len(key)-sessionSuffix/2:]))
}

// SessionIterator walks the entries of a session store. It is used by one goroutine and
// must be closed. Writes are allowed while it is open, and it does not see them.
type SessionIterator struct{ *segments }

// Key returns the session; its key is valid until the next call of Next or Close.
func (i *SessionIterator) Key() format.SessionKey {
	return format.SessionKey{Key: i.key[:len(i.key)-sessionSuffix], Start: sessionStart(i.key), End: sessionEnd(i.key)}
}

// SessionStore is a session store of a task.
type SessionStore struct {
	SessionReader
	overlay *stores.Overlay
	clock   *clock
	dropped dropped
	buf     []byte
}

var _ stores.Attachment = (*SessionStore)(nil)

func newSessionStore(o *stores.Overlay, s Spec, c *clock) *SessionStore {
	return &SessionStore{
		SessionReader: SessionReader{source: o, spec: s, prefix: s.prefix(), now: c.read},
		overlay:       o, clock: c,
		dropped: dropped{prefix: s.prefix(), interval: s.interval(), retention: s.Retention.Milliseconds()},
	}
}

// Put sets the value of a session; nil removes it. It copies the key and keeps value. It
// returns false when the session has expired: then nothing is changed but the time.
func (s *SessionStore) Put(k format.SessionKey, value []byte) bool {
	s.clock.advance(k.End)
	if k.End < since(s.clock.now, s.spec.Retention.Milliseconds()) {
		return false
	}
	s.buf = s.appendKey(s.buf[:0], k)
	if value == nil {
		s.overlay.Delete(s.buf)
	} else {
		s.overlay.Put(s.buf, value)
	}
	return true
}

// Remove removes a session. It is not an error when there is none.
func (s *SessionStore) Remove(k format.SessionKey) { s.Put(k, nil) }

// Time returns the store's time, or math.MinInt64 when nothing was put into it.
func (s *SessionStore) Time() int64 { return s.clock.now }

// CommitTo implements [stores.Attachment].
func (s *SessionStore) CommitTo(b *stores.Batch, prefix []byte) {
	s.clock.write(b, prefix)
	s.dropped.write(b, prefix, s.clock.now)
}

// Clear implements [stores.Attachment].
func (s *SessionStore) Clear(committed bool) {
	if !committed {
		s.clock.back()
		return
	}
	s.clock.keep()
	s.dropped.keep(s.clock.now)
}
