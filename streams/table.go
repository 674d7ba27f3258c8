package streams

import (
	"github.com/suiro/suiro/stores/kinds"
	"github.com/suiro/suiro/streams/internal/cached"
	"github.com/suiro/suiro/streams/internal/join"
	"github.com/suiro/suiro/streams/internal/node"
	"github.com/suiro/suiro/streams/internal/table"
	"github.com/suiro/suiro/streams/topology"
)

// KTable is a table: the latest record of a key is its value, and one with a null value
// deletes the key. What happens below it are changes. Functions of its operators do not
// get null.
type KTable[K, V any] struct {
	changes *KStream[K, node.Change[V]]
	key     Serde[K] // nil when it is not known
	value   Serde[V] // nil when it is not known

	// kept is the store that the rows are in, or would be in when somebody needs them; nil
	// when the rows are made of those of another table.
	kept *table.Kept[K, V]
	// stored says that there is the store.
	stored bool
	// parent is the table that the rows are made of, if they are.
	parent above
	uses   []topology.Store                             // of the function that the rows are made with
	rows   func(ctx topology.Context) join.Getter[K, V] // nil for those in the store
	past   func(ctx topology.Context) join.AsOf[K, V]   // of a table without a store; nil for none
	// sendsOld says that changes have the values that they replace.
	sendsOld bool
}

// above is a table of any type.
type above interface {
	sendOld(force bool) bool
	stores() []topology.Store
	versions() (kinds.Spec, bool)
}

// QueryableStoreName returns the name of the table's store, for queries: see package app.
// It is empty when the table has none.
func (t *KTable[K, V]) QueryableStoreName() string {
	if !t.stored {
		return ""
	}
	return t.kept.Store.Name
}

// sendOld makes changes have the values that they replace, for which a table that could
// do without a store gets one if force says so. It reports whether they will have them.
func (t *KTable[K, V]) sendOld(force bool) bool {
	switch {
	case t.sendsOld:
	case t.parent != nil && !t.stored:
		t.sendsOld = t.parent.sendOld(force)
	case t.stored || force:
		t.stored, t.sendsOld = true, true
	}
	return t.sendsOld
}

// stores are the stores that a node needs to read the rows.
func (t *KTable[K, V]) stores() []topology.Store {
	if t.kept == nil || t.parent != nil && !t.stored {
		return append(t.parent.stores(), t.uses...)
	}
	t.stored = true
	return []topology.Store{t.kept.Store}
}

// getter reads the rows in one task. The node that calls it was given [KTable.stores].
func (t *KTable[K, V]) getter(ctx topology.Context) join.Getter[K, V] {
	if t.stored {
		return t.kept.Rows(ctx)
	}
	return t.rows(ctx)
}

// versions returns the store that has the table's versions, and false when there are none:
// a table that is made of another one row by row has those of that one.
func (t *KTable[K, V]) versions() (kinds.Spec, bool) {
	switch {
	case t.stored:
		return t.kept.Store.Spec, t.kept.Store.Kind == kinds.Versioned
	case t.past == nil:
		return kinds.Spec{}, false
	}
	return t.parent.versions()
}

// versioned says that changes which a later one has overtaken are no news below.
func (t *KTable[K, V]) versioned() bool {
	_, ok := t.versions()
	return ok
}

// asOf reads the versions in one task, nil when the table has none.
func (t *KTable[K, V]) asOf(ctx topology.Context) join.AsOf[K, V] {
	switch {
	case !t.versioned():
		return nil
	case t.stored:
		return t.kept.AsOf(ctx)
	}
	return t.past(ctx)
}

// own opens the table's store in its node, nil when it has none.
func (t *KTable[K, V]) own(ctx topology.Context, next handler[K, node.Change[V]],
	initial func() V) *cached.Store[K, V] {
	if !t.stored {
		return nil
	}
	s := t.kept.Open(ctx)
	s.Own(next, t.sendsOld, initial)
	return s
}

// keep gives the table a store: with a name now, otherwise when somebody needs it. The
// table is complete then.
func (t *KTable[K, V]) keep(b *Builder, name string, o options) {
	t.kept = &table.Kept[K, V]{Store: o.rowsIn(name), Key: t.key, Value: t.value, Direct: o.withoutCaching}
	b.late = append(b.late, func() {
		if !t.stored {
			return
		}
		if t.key == nil || t.value == nil {
			b.fail("node %s: the table is kept in store %s, and the Serde of its keys or values is not known: pass KeySerde "+
				"and ValueSerde", t.changes.node, name)
			return
		}
		b.graph.AddStores(t.changes.node, t.kept.Store)
	})
}

// ToStream returns the updates of the table as a stream; a deletion has a null value. It
// takes [Named].
func (t *KTable[K, V]) ToStream(opts ...Option) *KStream[K, V] {
	b := t.changes.b
	name := b.name(b.options("ToStream", opts, isNamed), "KTABLE-TOSTREAM")
	out := attach(t.changes, name, nil, func(_ topology.Context, next handler[K, V]) handler[K, node.Change[V]] {
		return table.ToStream(next)
	})
	out.key, out.value = t.key, t.value
	return out
}

// Filter keeps the rows for which keep returns true; the others are deleted. It takes
// [Named], [StoreName], and the options about the store (see [Table]).
func (t *KTable[K, V]) Filter(keep func(key K, value V) bool, opts ...Option) *KTable[K, V] {
	m := mapped[K, V, V]{
		operator: "Filter", kind: "KTABLE-FILTER", f: keep, value: t.value, drops: true,
		make: func(topology.Context, string) table.Map[K, V, V] {
			return func(key K, value V, _ bool) (V, bool, error) { return value, keep(key, value), nil }
		},
	}
	return m.add(t, opts)
}

// FilterNot keeps the rows for which drop returns false. It is otherwise as
// [KTable.Filter].
func (t *KTable[K, V]) FilterNot(drop func(key K, value V) bool, opts ...Option) *KTable[K, V] {
	return t.Filter(not(drop), opts...)
}
