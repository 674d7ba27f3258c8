package aggregate

import (
	"errors"

	"github.com/suiro/suiro/streams/internal/cached"
	"github.com/suiro/suiro/streams/internal/node"
	"github.com/suiro/suiro/streams/topology"
)

var errNoKey = errors.New("a row to be aggregated has no key")

// Table aggregates the rows of a table by another key, in one task: what a change
// replaces is taken out before its new value is added.
type Table[K, V, A any] struct {
	// Context is the task.
	Context topology.Context
	// Store has the aggregates.
	Store *cached.Store[K, A]
	// Key turns a key into that of the store.
	Key func(K) ([]byte, error)
	// First makes the aggregate of the first row of a key.
	First func(K, V) (A, error)
	// Add and Subtract return the aggregate with one more row, and without one. They may
	// change the one that they get.
	Add, Subtract func(K, V, A) (A, error)
	// Reduces says that the time of a first row is its own, as that of a reduction in
	// Kafka Streams; that of an aggregate is not before that of the row it replaces.
	Reduces bool
}

// Process takes a change.
func (n *Table[K, V, A]) Process(r *node.Record[K, node.Change[V]]) error {
	if r.KeyIsNull() {
		return &topology.Rejection{Stage: topology.Processing, Err: errNoKey}
	}
	raw, err := RawKey(n.Key, r.Key)
	if err != nil {
		return err
	}
	e, err := n.Store.Find(raw, 0)
	if err != nil {
		return err
	}
	had, was := e.Has, e.Timestamp
	value, has, at := e.Value, e.Has, r.Timestamp.UnixMilli()
	if r.Value.HasOld && had {
		if value, err = n.Subtract(r.Key, r.Value.Old, value); err != nil {
			return err
		}
		has, at = !node.IsNil(value), max(at, was)
	}
	if r.Value.HasNew {
		if has {
			value, err = n.Add(r.Key, r.Value.New, value)
		} else {
			value, err = n.First(r.Key, r.Value.New)
		}
		if err != nil {
			return err
		}
		if had && (has || !n.Reduces) {
			at = max(at, was)
		}
		has = !node.IsNil(value)
	}
	return n.Store.Set(e, func() K { return Owned(r.Key) }, value, has, at, r.Timestamp, r.Headers)
}
