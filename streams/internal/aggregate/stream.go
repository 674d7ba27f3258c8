package aggregate

import (
	"bytes"
	"fmt"

	"github.com/suiro/suiro/streams/internal/cached"
	"github.com/suiro/suiro/streams/internal/node"
	"github.com/suiro/suiro/streams/topology"
)

// Stream aggregates the records of a stream by key, in one task. Records without a key or
// value are left out and counted as dropped.
type Stream[K, V, A any] struct {
	// Context is the task.
	Context topology.Context
	// Store has the aggregates.
	Store *cached.Store[K, A]
	// Key turns a key into that of the store.
	Key func(K) ([]byte, error)
	// First makes the aggregate of the first record of a key.
	First func(K, V) (A, error)
	// Add returns the aggregate with one more record. It may change the one that it gets.
	Add func(K, V, A) (A, error)
}

// Process adds a record to the aggregate of its key.
func (n *Stream[K, V, A]) Process(r *node.Record[K, V]) error {
	if r.KeyIsNull() || r.ValueIsNull() {
		n.Context.Drop()
		return nil
	}
	raw, err := RawKey(n.Key, r.Key)
	if err != nil {
		return err
	}
	e, err := n.Store.Find(raw, 0)
	if err != nil {
		return err
	}
	var value A
	at := r.Timestamp.UnixMilli()
	if e.Has {
		at = max(at, e.Timestamp)
		value, err = n.Add(r.Key, r.Value, e.Value)
	} else {
		value, err = n.First(r.Key, r.Value)
	}
	if err != nil {
		return err
	}
	return n.Store.Set(e, func() K { return Owned(r.Key) }, value, !node.IsNil(value), at, r.Timestamp, r.Headers)
}

// RawKey is the key in a store; one that cannot be encoded is the fault of its record.
func RawKey[K any](serialize func(K) ([]byte, error), key K) ([]byte, error) {
	raw, err := serialize(key)
	if err != nil {
		return nil, &topology.Rejection{Stage: topology.Processing, Err: fmt.Errorf("key: %w", err)}
	}
	return raw, nil
}

// Owned returns a key or value that may be kept: bytes refer to the batch that they came
// in, which is far larger.
func Owned[T any](v T) T {
	if b, ok := any(v).([]byte); ok {
		return any(bytes.Clone(b)).(T)
	}
	return v
}
