package join

import "github.com/suiro/suiro/streams/internal/node"

// Row is what a table has for a key.
type Row[V any] struct {
	// Value is the value; the zero value when there is none.
	Value V
	// Timestamp is the value's, in milliseconds.
	Timestamp int64
	// Found says that there is a value.
	Found bool
}

// Getter reads a table: the row of a key.
type Getter[K, V any] func(key K) (Row[V], error)

// AsOf reads a table with versions: the row that a key had at a timestamp, in milliseconds.
type AsOf[K, V any] func(key K, at int64) (Row[V], error)

// Kind says what a side of a join of tables needs to make a result.
type Kind int

// The kinds of sides.
const (
	// Both needs both sides: those of an inner join.
	Both Kind = iota
	// This needs a value of its own: the left side of a left join.
	This
	// Other needs a value of the other side: the right side of a left join.
	Other
	// Either needs one of both: those of an outer join.
	Either
)

// has reports whether there is a result of the values that there are.
func (k Kind) has(this, other bool) bool {
	switch k {
	case Both:
		return this && other
	case This:
		return this
	case Other:
		return other
	}
	return this || other
}

// TableSide is one side of a join of two tables by their key, in one task: V are the
// values of its table, W those of the other one.
type TableSide[K, V, W, O any] struct {
	// Context is the task.
	Context Context
	// Kind says when there is a result.
	Kind Kind
	// Get reads the other table.
	Get Getter[K, W]
	// Join makes the results, of a value of this table first.
	Join Joiner[V, W, O]
	// SendOld says that a node below needs what a change replaces.
	SendOld bool
	// Stored says that the result is in a store that leaves out deletions of what is not there.
	Stored bool
	// Versioned leaves out changes of this table that a later one has overtaken.
	Versioned bool
	// Next takes the changes of the result.
	Next node.Handler[K, node.Change[O]]

	out node.Record[K, node.Change[O]]
}

// Process takes a change of the side's table.
func (t *TableSide[K, V, W, O]) Process(r *node.Record[K, node.Change[V]]) error {
	if r.KeyIsNull() || t.Versioned && r.Value.Stale {
		t.Context.Drop()
		return nil
	}
	other, err := t.Get(r.Key)
	if err != nil {
		return err
	}
	was, is := t.Kind.has(r.Value.HasOld, other.Found), t.Kind.has(r.Value.HasNew, other.Found)
	if !t.concerned(r.Value.HasOld, r.Value.HasNew, other.Found) {
		return nil
	}
	at := r.Timestamp
	if other.Found && other.Timestamp > at.UnixMilli() {
		at = millis(other.Timestamp)
	}
	t.out = node.Record[K, node.Change[O]]{Key: r.Key, Timestamp: at, Headers: r.Headers}
	t.out.Value.Stale = r.Value.Stale
	c := &t.out.Value
	if is {
		if c.New, c.HasNew, err = t.value(r.Value.New, other, r.Value.HasNew); err != nil {
			return err
		}
	}
	if was && t.SendOld {
		if c.Old, c.HasOld, err = t.value(r.Value.Old, other, r.Value.HasOld); err != nil {
			return err
		}
	}
	return t.Next(&t.out)
}

// concerned reports whether a change may change the result. A deletion of what was not
// there, as far as the change tells, is passed on when the other side has a value. When that
// has none either, both may have been deleted since the last commit: then neither side sees
// what the other one was, and only a store of the result knows that there was one.
func (t *TableSide[K, V, W, O]) concerned(was, is, other bool) bool {
	if other || !is && t.Stored {
		return true
	}
	return (was || is) && (t.Kind == This || t.Kind == Either)
}

func (t *TableSide[K, V, W, O]) value(v V, other Row[W], has bool) (out O, ok bool, err error) {
	out, err = t.Join(v, other.Value, has, other.Found)
	return out, err == nil && !node.IsNil(out), err
}

// JoinedTables reads the result of a join of tables that is in no store of its own.
func JoinedTables[K, L, R, O any](kind Kind, left Getter[K, L], right Getter[K, R],
	join Joiner[L, R, O]) Getter[K, O] {
	return func(key K) (out Row[O], err error) {
		l, err := left(key)
		if err != nil || !l.Found && kind != Either {
			return out, err
		}
		r, err := right(key)
		if err != nil || !kind.has(l.Found, r.Found) {
			return out, err
		}
		if out.Value, err = join(l.Value, r.Value, l.Found, r.Found); err != nil {
			return out, err
		}
		switch {
		case !l.Found:
			out.Timestamp = r.Timestamp
		case !r.Found:
			out.Timestamp = l.Timestamp
		default:
			out.Timestamp = max(l.Timestamp, r.Timestamp)
		}
		out.Found = !node.IsNil(out.Value)
		return out, nil
	}
}

// Reversed is join with its sides exchanged, for the right side.
func Reversed[L, R, O any](join Joiner[L, R, O]) Joiner[R, L, O] { return join.reversed() }

// Merge passes the changes of both sides of a join of tables on, what they replace only
// if a node below needs it.
func Merge[K, O any](sendOld bool, next node.Handler[K, node.Change[O]]) node.Handler[K, node.Change[O]] {
	if sendOld {
		return next
	}
	return func(r *node.Record[K, node.Change[O]]) error {
		var none O
		r.Value.Old, r.Value.HasOld = none, false
		return next(r)
	}
}
