package processor

import (
	"errors"
	"time"

	"github.com/suiro/suiro/stores/kinds"
	"github.com/suiro/suiro/streams/topology"
)

// Windows is a window store of one task: values by key and start of a window. What starts
// before the store's time, the latest start that was put, less the retention has expired:
// it is not found any more. Times have milliseconds. It belongs to the task's goroutine.
type Windows[K, V any] struct {
	task  topology.Context
	store *kinds.WindowStore
	coded[K, V]
}

// OpenWindows returns the named store of a task.
func OpenWindows[K, V any](task topology.Context, name string, key Serde[K], value Serde[V]) *Windows[K, V] {
	return &Windows[K, V]{task, task.Stores().Window(name), coded[K, V]{name, key, value}}
}

// Fetch returns the value of a key in the window that starts at a time, and whether there is
// one.
func (s *Windows[K, V]) Fetch(key K, start time.Time) (value V, ok bool, err error) {
	raw, err := s.raw(key)
	if err != nil {
		return value, false, err
	}
	data, err := s.store.Fetch(raw, start.UnixMilli())
	return s.found(data, err)
}

// Put sets the value of a key in the window that starts at a time. It returns false, and
// counts a dropped record, when the window has expired.
func (s *Windows[K, V]) Put(key K, value V, start time.Time) (kept bool, err error) {
	data, err := s.encoded(value)
	if err != nil {
		return false, err
	}
	return s.put(key, data, start)
}

// Delete removes the value of a key in a window. It is not an error when there is none.
func (s *Windows[K, V]) Delete(key K, start time.Time) error {
	_, err := s.put(key, nil, start)
	return err
}

func (s *Windows[K, V]) put(key K, data []byte, start time.Time) (kept bool, err error) {
	raw, err := s.raw(key)
	if err != nil {
		return false, err
	}
	if kept = s.store.Put(raw, start.UnixMilli(), data); !kept {
		s.task.Drop()
	}
	return kept, nil
}

// Range calls yield with the windows of a key that start between two times, both included,
// in the order of time, until it returns false or an error. It may write to the store, and
// does not see that.
func (s *Windows[K, V]) Range(key K, from, to time.Time,
	yield func(start time.Time, value V) (bool, error)) error {
	raw, err := owned(s.raw(key))
	if err != nil {
		return err
	}
	it, err := s.store.Range(raw, from.UnixMilli(), to.UnixMilli(), false)
	if err != nil {
		return s.wrong("read", err)
	}
	more := true
	for more && err == nil && it.Next() {
		var value V
		if value, err = s.entryValue(it.Value()); err == nil {
			more, err = yield(at(it.Start()), value)
		}
	}
	return errors.Join(err, it.Close())
}

// All is [Windows.Range] of all keys. The order is that of Kafka Streams: one segment of
// time after the other, in each of them in the order of keys, and then of time.
func (s *Windows[K, V]) All(from, to time.Time,
	yield func(key K, start time.Time, value V) (bool, error)) error {
	it, err := s.store.Keys(nil, nil, from.UnixMilli(), to.UnixMilli(), false)
	if err != nil {
		return s.wrong("read", err)
	}
	more := true
	for more && err == nil && it.Next() {
		var key K
		var value V
		if key, value, err = s.entry(it.Key(), it.Value()); err == nil {
			more, err = yield(key, at(it.Start()), value)
		}
	}
	return errors.Join(err, it.Close())
}
