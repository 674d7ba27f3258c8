package kinds

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"github.com/suiro/suiro/stores"
	"github.com/suiro/suiro/stores/kinds/internal/absent"
)

// KeyValueReader reads a key-value store, with timestamps or without.
type KeyValueReader struct {
	source stores.Source
	spec   Spec
	prefix []byte
	now    func() (int64, error) // the store's time, for those with a TTL
}

// Get returns the value of key, or nil when there is none or it has expired. In a
// timestamped store it begins with its timestamp ([format.AppendTimestamped]). The
// caller does not change it; in a task it is valid until the next write of the key.
func (r *KeyValueReader) Get(key []byte) ([]byte, error) {
	return r.get(append(append([]byte(nil), r.prefix...), key...))
}

func (r *KeyValueReader) get(prefixed []byte) ([]byte, error) {
	value, err := r.source.Get(prefixed)
	if err != nil || value == nil || r.spec.TTL == 0 {
		return value, err
	}
	now, err := r.now()
	if err != nil || r.expired(value, now) {
		return nil, err
	}
	return value, nil
}

// expired reports whether a value with its timestamp is too old at a time of the store.
func (r *KeyValueReader) expired(value []byte, now int64) bool {
	if r.spec.TTL == 0 || len(value) < timestampLen {
		return false
	}
	return int64(binary.BigEndian.Uint64(value)) < since(now, r.spec.TTL.Milliseconds())
}

// Range returns an iterator over from <= key < to in ascending or descending order; nil
// bounds are open. In a task, writes are allowed while it is open and not seen by it.
func (r *KeyValueReader) Range(from, to []byte, descending bool) (stores.Iterator, error) {
	upper := stores.PrefixEnd(r.prefix)
	if to != nil {
		upper = append(bytes.Clone(r.prefix), to...)
	}
	now := int64(noTime)
	if r.spec.TTL != 0 {
		var err error
		if now, err = r.now(); err != nil {
			return nil, err
		}
	}
	it, err := r.source.Iterate(append(bytes.Clone(r.prefix), from...), upper, descending)
	if err != nil {
		return nil, err
	}
	return &keyValueIterator{Iterator: it, r: r, now: now}, nil
}

// Prefix returns an iterator over the keys that begin with prefix.
func (r *KeyValueReader) Prefix(prefix []byte, descending bool) (stores.Iterator, error) {
	return r.Range(prefix, stores.PrefixEnd(prefix), descending)
}

// keyValueIterator takes the prefix off, and leaves out what has expired.
type keyValueIterator struct {
	stores.Iterator
	r   *KeyValueReader
	now int64
}

// Next implements [stores.Iterator].
func (i *keyValueIterator) Next() bool {
	for i.Iterator.Next() {
		if !i.r.expired(i.Value(), i.now) {
			return true
		}
	}
	return false
}

// Key implements [stores.Iterator].
func (i *keyValueIterator) Key() []byte { return i.Iterator.Key()[len(i.r.prefix):] }

// KeyValueStore is a key-value store of a task, with timestamps or without.
type KeyValueStore struct {
	KeyValueReader
	overlay *stores.Overlay
	absent  *absent.Filter
	clock   *clock // nil without a TTL
	expiry  expiry
	buf     []byte
}

var _ stores.Attachment = (*KeyValueStore)(nil)

func newKeyValueStore(o *stores.Overlay, s Spec, c *clock) *KeyValueStore {
	kv := &KeyValueStore{KeyValueReader: KeyValueReader{source: o, spec: s, prefix: s.prefix()}, overlay: o,
		absent: absent.New(o, s.prefix())}
	if s.TTL != 0 {
		kv.clock, kv.now = c, c.read
		kv.expiry = newExpiry(s)
		o.Attach(kv)
	}
	return kv
}

// Get is [KeyValueReader.Get] without allocations of its own.
func (s *KeyValueStore) Get(key []byte) ([]byte, error) {
	s.buf = append(append(s.buf[:0], s.prefix...), key...)
	if s.absent.Lacks(s.buf) {
		return nil, nil
	}
	return s.get(s.buf)
}

// Stored is Get that also returns what has expired and was not deleted yet: what a node
// has told others about, who have to be told when it is replaced.
func (s *KeyValueStore) Stored(key []byte) ([]byte, error) {
	s.buf = append(append(s.buf[:0], s.prefix...), key...)
	return s.source.Get(s.buf)
}

// Time returns the time of a store with a TTL: the largest timestamp that was put into it,
// or math.MinInt64 when nothing was. A store without a TTL has none.
func (s *KeyValueStore) Time() int64 {
	if s.clock == nil {
		return noTime
	}
	return s.clock.now
}

// Put sets the value of key; nil deletes it. In a timestamped store the value begins
// with its timestamp. It copies key and keeps value, which nobody may change until the
// epoch is over. It returns false when the value has expired: then it deletes the key.
func (s *KeyValueStore) Put(key, value []byte) bool {
	kept := true
	if s.clock != nil && len(value) >= timestampLen {
		at := int64(binary.BigEndian.Uint64(value))
		s.clock.advance(at)
		if kept = !s.expired(value, s.clock.now); kept {
			s.overlay.Put(s.expiry.mark(key, at), nil)
		} else {
			value = nil
		}
	}
	s.buf = append(append(s.buf[:0], s.prefix...), key...)
	if value == nil {
		s.overlay.Delete(s.buf)
	} else if s.overlay.Put(s.buf, value) {
		s.absent.Add(s.buf)
	}
	return kept
}

// Delete removes key. It is not an error when there is none.
func (s *KeyValueStore) Delete(key []byte) { s.Put(key, nil) }

// Expire deletes keys whose time-to-live has passed, in the changelog too, and looks at
// no more than limit of them. It calls each with the key and the value that was deleted,
// which are valid during the call. The node that has the store calls it at the end of an
// epoch, and again while it returns true: then there may be more. A store without a TTL has
// none.
func (s *KeyValueStore) Expire(limit int, each func(key, value []byte) error) (more bool, err error) {
	if s.clock == nil || s.clock.now == noTime {
		return false, nil
	}
	due, more, err := s.expiry.due(s.overlay, s.clock.now, limit)
	if err != nil {
		return false, fmt.Errorf("expire keys of store %s: %w", s.spec.Name, err)
	}
	for _, mark := range due {
		s.overlay.Delete(mark.entry)
		s.buf = append(append(s.buf[:0], s.prefix...), mark.key...)
		value, err := s.overlay.Get(s.buf)
		if err != nil {
			return false, err
		}
		if value == nil || !s.expired(value, s.clock.now) { // changed since
			continue
		}
		s.overlay.Delete(s.buf)
		if err := each(mark.key, value); err != nil {
			return false, err
		}
	}
	return more, nil
}

// CommitTo implements [stores.Attachment].
func (s *KeyValueStore) CommitTo(b *stores.Batch, prefix []byte) { s.clock.write(b, prefix) }

// Clear implements [stores.Attachment].
func (s *KeyValueStore) Clear(committed bool) {
	if committed {
		s.clock.keep()
	} else {
		s.clock.back()
		s.expiry.done = nil // the marks are back
	}
}
