package processor

import (
	"errors"
	"time"

	"github.com/suiro/suiro/stores/format"
	"github.com/suiro/suiro/stores/kinds"
	"github.com/suiro/suiro/streams/internal/node"
	"github.com/suiro/suiro/streams/topology"
)

// Sessions is a session store of one task: values by key, start and end. What ends before
// the store's time, the latest end that was put, less the retention has expired: it is not
// found any more. Times have milliseconds. It belongs to the task's goroutine.
type Sessions[K, V any] struct {
	task  topology.Context
	store *kinds.SessionStore
	coded[K, V]
}

// OpenSessions returns the named store of a task.
func OpenSessions[K, V any](task topology.Context, name string, key Serde[K], value Serde[V]) *Sessions[K, V] {
	return &Sessions[K, V]{task, task.Stores().Session(name), coded[K, V]{name, key, value}}
}

// Fetch returns the value of a session, and whether there is one.
func (s *Sessions[K, V]) Fetch(session node.Windowed[K]) (value V, ok bool, err error) {
	key, err := s.slot(session)
	if err != nil {
		return value, false, err
	}
	data, err := s.store.Fetch(key)
	return s.found(data, err)
}

// Put sets the value of a session. It returns false, and counts a dropped record, when the
// session has expired.
func (s *Sessions[K, V]) Put(session node.Windowed[K], value V) (kept bool, err error) {
	data, err := s.encoded(value)
	if err != nil {
		return false, err
	}
	key, err := s.slot(session)
	if err != nil {
		return false, err
	}
	if kept = s.store.Put(key, data); !kept {
		s.task.Drop()
	}
	return kept, nil
}

// Remove removes a session. It is not an error when there is none.
func (s *Sessions[K, V]) Remove(session node.Windowed[K]) error {
	key, err := s.slot(session)
	if err == nil {
		s.store.Remove(key)
	}
	return err
}

// Find calls yield with the sessions of a key that end at a time or later and start at
// another one or earlier, in the order of their ends, until it returns false or an error:
// with a record's timestamp less and plus the inactivity gap, those that the record belongs
// to. It may write to the store, and does not see that.
func (s *Sessions[K, V]) Find(key K, earliestEnd, latestStart time.Time,
	yield func(session node.Windowed[K], value V) (bool, error)) error {
	raw, err := owned(s.raw(key))
	if err != nil {
		return err
	}
	it, err := s.store.Find(raw, earliestEnd.UnixMilli(), latestStart.UnixMilli(), false)
	if err != nil {
		return s.wrong("read", err)
	}
	more := true
	for more && err == nil && it.Next() {
		var value V
		if value, err = s.entryValue(it.Value()); err == nil {
			k := it.Key()
			more, err = yield(node.Windowed[K]{Key: key, Start: at(k.Start), End: at(k.End)}, value)
		}
	}
	return errors.Join(err, it.Close())
}

func (s *Sessions[K, V]) slot(session node.Windowed[K]) (format.SessionKey, error) {
	raw, err := s.raw(session.Key)
	return format.SessionKey{Key: raw, Start: session.Start.UnixMilli(), End: session.End.UnixMilli()}, err
}
