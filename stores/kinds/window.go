package kinds

import (
	"bytes"
	"encoding/binary"

	"github.com/suiro/suiro/stores"
	"github.com/suiro/suiro/stores/format"
	"github.com/suiro/suiro/stores/kinds/internal/recent"
)

// windowSuffix is the length of what follows the key in a [format.WindowKey].
const windowSuffix = 12

// WindowReader reads a window store. Times are those of the starts of windows, in
// milliseconds since 1970; bounds of time are both included, as in Kafka Streams.
type WindowReader struct {
	source stores.Source
	spec   Spec
	prefix []byte
	now    func() (int64, error) // the store's time
}

// Fetch returns the value of key in the window that begins at start, or nil when there
// is none or it has expired. In a store that retains duplicates use [WindowReader.Range].
func (w *WindowReader) Fetch(key []byte, start int64) ([]byte, error) {
	now, err := w.now()
	if err != nil || start < since(now, w.spec.Retention.Milliseconds()) {
		return nil, err
	}
	return w.source.Get(w.appendKey(nil, format.WindowKey{Key: key, Start: start}))
}

func (w *WindowReader) appendKey(dst []byte, k format.WindowKey) []byte {
	dst = appendOrdered(append(dst, w.prefix...), floorDiv(k.Start, w.spec.interval()))
	return k.Append(dst)
}

// Range returns an iterator over the windows of key with from <= start <= to, in order
// of time, and of Put for duplicates.
func (w *WindowReader) Range(key []byte, from, to int64, descending bool) (*WindowIterator, error) {
	key = bytes.Clone(key)
	return w.walk(span{
		from: from, to: to, descending: descending,
		bounds: func(from, to int64) (lower, upper []byte) {
			lower = format.WindowKey{Key: key, Start: from}.Append(nil)
			upper = format.WindowKey{Key: key, Start: to, Sequence: -1}.Append(nil)
			return lower, append(upper, 0)
		},
		takes: func(k []byte) bool { return len(k) == len(key)+windowSuffix && bytes.HasPrefix(k, key) },
	})
}

// Keys returns an iterator over the windows with from <= start <= to of the keys with
// keyFrom <= key < keyTo; nil bounds are open. It walks one segment after the other, in
// each in the order of keys and then of time, as Kafka Streams does on RocksDB.
func (w *WindowReader) Keys(keyFrom, keyTo []byte, from, to int64, descending bool) (*WindowIterator, error) {
	keyFrom, keyTo = bytes.Clone(keyFrom), bytes.Clone(keyTo)
	return w.walk(span{
		from: from, to: to, descending: descending,
		bounds: func(int64, int64) (lower, upper []byte) { return keyFrom, upperKey(keyTo) },
		takes: func(k []byte) bool {
			if len(k) < windowSuffix {
				return false
			}
			start := windowStart(k)
			return start >= from && start <= to && between(k[:len(k)-windowSuffix], keyFrom, keyTo)
		},
	})
}

// walk returns an iterator over what has not expired of s.
func (w *WindowReader) walk(s span) (*WindowIterator, error) {
	now, err := w.now()
	if err != nil {
		return nil, err
	}
	earliest := since(now, w.spec.Retention.Milliseconds())
	s.from, s.to = max(s.from, earliest), min(s.to, now)
	s.prefix, s.interval = w.prefix, w.spec.interval()
	takes := s.takes
	s.takes = func(k []byte) bool { return takes(k) && windowStart(k) >= earliest }
	it, err := walk(w.source, s)
	if err != nil {
		return nil, err
	}
	return &WindowIterator{entries{it}}, nil
}

func windowStart(key []byte) int64 {
	return int64(binary.BigEndian.Uint64(key[len(key)-windowSuffix:]))
}

// WindowIterator walks the entries of a window store. It is used by one goroutine and
// must be closed. Writes are allowed while it is open, and it does not see them.
type WindowIterator struct{ entries }

// entries is an iterator over keys with their windows.
type entries struct{ stores.Iterator }

// Key returns the key without the window, valid until the next call of Next or Close.
func (i *WindowIterator) Key() []byte {
	key := i.Iterator.Key()
	return key[:len(key)-windowSuffix]
}

// Start returns when the window begins.
func (i *WindowIterator) Start() int64 { return windowStart(i.Iterator.Key()) }

// WindowStore is a window store of a task.
type WindowStore struct {
	WindowReader
	overlay *stores.Overlay
	clock   *clock
	dropped dropped
	recent  *recent.Entries // nil in a store without duplicates
	buf     []byte
}

var _ stores.Attachment = (*WindowStore)(nil)

func newWindowStore(o *stores.Overlay, s Spec, c *clock) *WindowStore {
	w := &WindowStore{
		WindowReader: WindowReader{source: o, spec: s, prefix: s.prefix(), now: c.read},
		overlay:      o, clock: c,
		dropped: dropped{prefix: s.prefix(), interval: s.interval(), retention: s.Retention.Milliseconds()},
	}
	if s.RetainDuplicates {
		w.recent = recent.New(c.last(), o.Part(recent.Bytes))
	}
	return w
}

// Range is [WindowReader.Range].
func (w *WindowStore) Range(key []byte, from, to int64, descending bool) (*WindowIterator, error) {
	if w.recent != nil {
		from := max(from, since(w.clock.now, w.spec.Retention.Milliseconds()))
		if found, ok := w.recent.Find(key, from, min(to, w.clock.now), descending); ok {
			return &WindowIterator{entries{found}}, nil
		}
	}
	return w.WindowReader.Range(key, from, to, descending)
}

// Put sets the value of key in the window that begins at start; nil deletes it, and in a
// store that retains duplicates it moves the time only. In a timestamped store the value begins
// with its timestamp ([format.AppendTimestamped]). It copies key and keeps value. It
// returns false when the window has expired: then nothing is changed but the time.
func (w *WindowStore) Put(key []byte, start int64, value []byte) bool {
	w.clock.advance(start)
	earliest := since(w.clock.now, w.spec.Retention.Milliseconds())
	if start < earliest {
		return false
	}
	if value == nil && w.spec.RetainDuplicates {
		return true
	}
	k := format.WindowKey{Key: key, Start: start}
	if w.spec.RetainDuplicates {
		k.Sequence = w.clock.next()
	}
	w.buf = w.appendKey(w.buf[:0], k)
	switch {
	case value == nil:
		w.overlay.Delete(w.buf)
	case w.recent == nil:
		w.overlay.Put(w.buf, value)
	case w.overlay.Add(w.buf, value): // each has a sequence of its own
		w.recent.Add(k, value, earliest)
	}
	return true
}

// Time returns the store's time, or math.MinInt64 when nothing was put into it.
func (w *WindowStore) Time() int64 { return w.clock.now }

// Latest returns a time after which no window of the store begins, math.MinInt64 for an empty
// one. It is later than Time after the restore of a record from far ahead.
func (w *WindowStore) Latest() int64 { return w.clock.last() }

// CommitTo implements [stores.Attachment].
func (w *WindowStore) CommitTo(b *stores.Batch, prefix []byte) {
	w.clock.write(b, prefix)
	w.dropped.write(b, prefix, w.clock.now)
}

// Clear implements [stores.Attachment].
func (w *WindowStore) Clear(committed bool) {
	if !committed {
		w.clock.back()
		if w.recent != nil {
			w.recent.Forget(w.clock.last())
		}
		return
	}
	w.clock.keep()
	w.dropped.keep(w.clock.now)
	if w.recent != nil {
		w.recent.Settle()
	}
}
