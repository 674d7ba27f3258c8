package window

import (
	"time"

	"github.com/suiro/suiro/stores"
	"github.com/suiro/suiro/stores/kinds"
	"github.com/suiro/suiro/streams/internal/node"
	"github.com/suiro/suiro/streams/topology"
)

// Context is what a node needs of its task; topology.Context has it.
type Context interface {
	// Stores are the task's stores.
	Stores() *kinds.Stores
	// Overlay has the writes of the open epoch.
	Overlay() *stores.Overlay
	// Drop counts a record that is left out.
	Drop()
	// Late counts a record that is left out of a window because it came too late.
	Late()
	// OnCommit registers what to do at the end of an epoch.
	OnCommit(commit func() error, abort func())
	// Grow tells how many bytes more a node keeps in memory until then.
	Grow(bytes int64)
	// Position names the record in process.
	Position() topology.Position
	// Fits returns a rejection when a value is too large for the changelog.
	Fits(store string, key, value []byte) error
	// ProcessorMetadata returns a time that was kept with the committed offsets.
	ProcessorMetadata(key string) (at int64, ok bool)
	// SetProcessorMetadata keeps a time with them.
	SetProcessorMetadata(key string, at int64)
	node.Holder
}

// Serde turns values into bytes and back. It never sees null.
type Serde[T any] interface {
	// Serialize returns the bytes of a value.
	Serialize(v T) ([]byte, error)
	// Deserialize returns the value of bytes, whose memory it may share.
	Deserialize(data []byte) (T, error)
}

// Maybe is a value, or none where one may be missing: null.
type Maybe[A any] struct {
	// Value is the value, the zero value when there is none.
	Value A
	// OK says that there is one.
	OK bool
}

// Some is a value that is null when it is nil.
func Some[A any](v A) Maybe[A] { return Maybe[A]{v, !node.IsNil(v)} }

// Aggregator makes an aggregate of records.
type Aggregator[K, V, A any] struct {
	// Initial is where an aggregate begins.
	Initial func() Maybe[A]
	// Add adds a record to an aggregate, which it may change.
	Add func(r *node.Record[K, V], aggregate Maybe[A]) (Maybe[A], error)
	// Merge makes one session of two. Only sessions need it.
	Merge func(key K, one, two Maybe[A]) (Maybe[A], error)
}

// Count counts records.
func Count[K, V any]() Aggregator[K, V, int64] {
	return Aggregator[K, V, int64]{
		Initial: func() Maybe[int64] { return Maybe[int64]{0, true} },
		Add: func(_ *node.Record[K, V], n Maybe[int64]) (Maybe[int64], error) {
			return Maybe[int64]{n.Value + 1, true}, nil
		},
		Merge: func(_ K, one, two Maybe[int64]) (Maybe[int64], error) {
			return Maybe[int64]{one.Value + two.Value, true}, nil
		},
	}
}

// Reduce makes one value of two.
func Reduce[K, V any](f func(aggregate, value V) (V, error)) Aggregator[K, V, V] {
	add := func(aggregate, value Maybe[V]) (Maybe[V], error) {
		if !aggregate.OK {
			return value, nil
		}
		v, err := f(aggregate.Value, value.Value)
		return Some(v), err
	}
	return Aggregator[K, V, V]{
		Initial: func() (none Maybe[V]) { return none },
		Add: func(r *node.Record[K, V], aggregate Maybe[V]) (Maybe[V], error) {
			return add(aggregate, Maybe[V]{r.Value, !r.ValueIsNull()})
		},
		Merge: func(_ K, one, two Maybe[V]) (Maybe[V], error) { return add(one, two) },
	}
}

// Fold makes an aggregate by functions of a user. merge is nil without sessions.
func Fold[K, V, A any](
	initial func() A, add func(K, V, A) (A, error), merge func(K, A, A) (A, error),
) Aggregator[K, V, A] {
	a := Aggregator[K, V, A]{
		Initial: func() Maybe[A] { return Some(initial()) },
		Add: func(r *node.Record[K, V], aggregate Maybe[A]) (Maybe[A], error) {
			v, err := add(r.Key, r.Value, aggregate.Value)
			return Some(v), err
		},
	}
	if merge != nil {
		a.Merge = func(key K, one, two Maybe[A]) (Maybe[A], error) {
			v, err := merge(key, one.Value, two.Value)
			return Some(v), err
		}
	}
	return a
}

// Options say what a node does.
type Options[K, V, A any] struct {
	// Name is the name of the node.
	Name string
	// Aggregator makes the aggregates.
	Aggregator Aggregator[K, V, A]
	// RejectLate makes a record that no window takes any more a dead letter.
	RejectLate bool
	// Now is the clock, and Interval how much of it there is at least between two looks for
	// windows that have closed.
	Now      func() time.Time
	Interval time.Duration
	// Updates takes what has changed. Nodes that share a store share it.
	Updates *Updates[K, A]
}

// atMilli is a time of Kafka.
func atMilli(ms int64) time.Time { return time.UnixMilli(ms).UTC() }
