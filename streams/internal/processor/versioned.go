package processor

import (
	"time"

	"github.com/suiro/suiro/stores/kinds"
	"github.com/suiro/suiro/streams/topology"
)

// Version is a value that a key had for some time.
type Version[V any] struct {
	// Value is the value.
	Value V
	// From is the timestamp that it was put with.
	From time.Time
	// To is the timestamp from which on it was replaced or deleted; the zero time if it is
	// the latest.
	To time.Time
}

// Versioned is a versioned store of one task: what each key had over time. Timestamps have
// milliseconds. It belongs to the task's goroutine.
type Versioned[K, V any] struct {
	task  topology.Context
	store *kinds.VersionedStore
	coded[K, V]
}

// OpenVersioned returns the named store of a task.
func OpenVersioned[K, V any](task topology.Context, name string, key Serde[K], value Serde[V]) *Versioned[K, V] {
	return &Versioned[K, V]{task, task.Stores().Versioned(name), coded[K, V]{name, key, value}}
}

// Get returns the latest version of a key, and whether there is one; not when the key was
// deleted.
func (s *Versioned[K, V]) Get(key K) (v Version[V], ok bool, err error) {
	raw, err := s.raw(key)
	if err != nil {
		return v, false, err
	}
	found, err := s.store.Get(raw)
	return s.version(found, err)
}

// GetAsOf returns the version of a key that was valid at a time, and whether there was one.
// What ended before the store's time less its history is forgotten, and nothing is found
// then; the latest version is found at any time since it began.
func (s *Versioned[K, V]) GetAsOf(key K, when time.Time) (v Version[V], ok bool, err error) {
	raw, err := s.raw(key)
	if err != nil {
		return v, false, err
	}
	found, err := s.store.GetAsOf(raw, when.UnixMilli())
	return s.version(found, err)
}

// Versions returns the versions of a key that were valid at some time between two, both
// included, as far as they are kept, the oldest first.
func (s *Versioned[K, V]) Versions(key K, from, to time.Time) (all []Version[V], err error) {
	raw, err := s.raw(key)
	if err != nil {
		return nil, err
	}
	found, err := s.store.Versions(raw, from.UnixMilli(), to.UnixMilli())
	for i := 0; err == nil && i < len(found); i++ {
		var v Version[V]
		if v, _, err = s.version(&found[i], nil); err == nil {
			all = append(all, v)
		}
	}
	return all, s.wrong("read", err)
}

// Put adds a version of a key, which is valid from a time on, or replaces the one that
// began then. It returns false, and counts a dropped record, when the time is further behind
// the store's than its history: then nothing is changed. The store's time is the latest that
// was put into it.
func (s *Versioned[K, V]) Put(key K, value V, from time.Time) (kept bool, err error) {
	data, err := s.encoded(value)
	if err != nil {
		return false, err
	}
	return s.put(key, data, from)
}

// Delete deletes a key from a time on: versions before stay. It returns what [Versioned.Put]
// does.
func (s *Versioned[K, V]) Delete(key K, from time.Time) (kept bool, err error) {
	return s.put(key, nil, from)
}

func (s *Versioned[K, V]) put(key K, data []byte, from time.Time) (kept bool, err error) {
	raw, err := s.raw(key)
	if err != nil {
		return false, err
	}
	_, kept, err = s.store.Put(raw, data, from.UnixMilli())
	if err == nil && !kept {
		s.task.Drop()
	}
	return kept, s.wrong("write", err)
}

func (s *Versioned[K, V]) version(found *kinds.Version, err error) (v Version[V], ok bool, _ error) {
	if err != nil || found == nil {
		return v, false, s.wrong("read", err)
	}
	v.From = at(found.From)
	if found.To != kinds.Current {
		v.To = at(found.To)
	}
	v.Value, ok, err = s.found(found.Value, nil)
	return v, ok, err
}
