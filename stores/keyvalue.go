package stores

// KeyValue is one named store of a task: what the task's [Overlay] holds under
// that name. It belongs to the task's goroutine.
type KeyValue struct {
	overlay *Overlay
	view    view
	buf     []byte // the changelog key of the call at hand
}

// Get returns the value of key, or nil when there is none. The caller does not
// change it; it is valid until the next write of the key.
func (s *KeyValue) Get(key []byte) ([]byte, error) {
	s.buf = s.view.appendKey(s.buf[:0], key)
	return s.overlay.Get(s.buf)
}

// Put sets the value of key. It copies key and keeps value, which nobody may
// change until the epoch is over; a nil value is stored as an empty one.
func (s *KeyValue) Put(key, value []byte) {
	s.buf = s.view.appendKey(s.buf[:0], key)
	s.overlay.Put(s.buf, value)
}

// Delete removes key.
func (s *KeyValue) Delete(key []byte) {
	s.buf = s.view.appendKey(s.buf[:0], key)
	s.overlay.Delete(s.buf)
}

// Range returns an iterator over from <= key < to, ascending; nil bounds are
// open. Writes are allowed while it is open and not seen by it.
func (s *KeyValue) Range(from, to []byte) (Iterator, error) { return s.view.iterate(from, to, false) }

// ReverseRange is Range in descending order.
func (s *KeyValue) ReverseRange(from, to []byte) (Iterator, error) {
	return s.view.iterate(from, to, true)
}

// All returns an iterator over all keys, ascending.
func (s *KeyValue) All() (Iterator, error) { return s.view.iterate(nil, nil, false) }
