package join

import (
	"github.com/suiro/suiro/streams/internal/node"
	"github.com/suiro/suiro/streams/topology"
)

// Found is what a table has for a record of a stream.
type Found[W any] struct {
	// Value is the value; the zero value when there is none.
	Value W
	// OK says that there is a value.
	OK bool
	// Keyless says that the record has no key to look for.
	Keyless bool
}

// Lookup joins a stream with a table, in one task: each record with what the table has
// for it. V are the values of the stream, W those of the table.
type Lookup[K, V, W, O any] struct {
	// Context is the task.
	Context Context
	// Left keeps records for which the table has nothing. Default: they are left out.
	Left bool
	// Find reads the table, which for a versioned one is as of the record's timestamp.
	Find func(*node.Record[K, V]) (Found[W], error)
	// Join makes the results.
	Join Joiner[V, W, O]
	// Buffer holds records back until the stream time has passed them by a grace.
	// Default nil: they are joined at once.
	Buffer *Buffer[K, V]
	// Next takes the results.
	Next node.Handler[K, O]

	out node.Record[K, O]
}

// FindIn returns the Find of a Lookup that looks for the key of a record: in the versions of
// a table, unless they are nil, as of the record's timestamp, otherwise in what it has now.
func FindIn[V, K, W any](now Getter[K, W], versions AsOf[K, W]) func(*node.Record[K, V]) (Found[W], error) {
	return func(r *node.Record[K, V]) (found Found[W], err error) {
		if r.KeyIsNull() {
			return Found[W]{Keyless: true}, nil
		}
		var row Row[W]
		if versions != nil {
			row, err = versions(r.Key, r.Timestamp.UnixMilli())
		} else {
			row, err = now(r.Key)
		}
		return Found[W]{Value: row.Value, OK: row.Found}, err
	}
}

// Process takes a record of the stream.
func (l *Lookup[K, V, W, O]) Process(r *node.Record[K, V]) error {
	if r.ValueIsNull() {
		l.Context.Drop()
		return nil
	}
	if l.Buffer == nil || r.KeyIsNull() {
		return l.emit(r)
	}
	kept, err := l.Buffer.put(r, l.Context.Position())
	if err != nil {
		return err
	}
	if !kept {
		return l.emit(r)
	}
	return l.Buffer.evict(func(held *node.Record[K, V], u topology.Update) error {
		return forward(l.Context, u, func() error { return l.emit(held) })
	})
}

// emit joins a record with what the table has now.
func (l *Lookup[K, V, W, O]) emit(r *node.Record[K, V]) error {
	found, err := l.Find(r)
	if err != nil {
		return err
	}
	if !found.OK && !l.Left {
		if found.Keyless {
			l.Context.Drop()
		}
		return nil
	}
	value, err := l.Join(r.Value, found.Value, true, found.OK)
	if err != nil {
		return err
	}
	l.out = node.Record[K, O]{Key: r.Key, NullKey: r.NullKey, Value: value, Timestamp: r.Timestamp, Headers: r.Headers}
	return l.Next(&l.out)
}
