package streams

import (
	"github.com/suiro/suiro/streams/internal/aggregate"
	"github.com/suiro/suiro/streams/internal/node"
	"github.com/suiro/suiro/streams/topology"
)

// AggregateTable keeps one value for each key of a grouped table in the named store:
// initial makes it, add returns it with the value of a row added, and subtract with that of
// a row taken out. A row that changes is taken out and added. It is otherwise as
// [Aggregate], with the same options.
func AggregateTable[K, V, A any](g *KGroupedTable[K, V], store string, initial func() A,
	add, subtract func(key K, value V, aggregate A) (A, error), serde Serde[A], opts ...Option) *KTable[K, A] {
	first := func(k K, v V) (A, error) { return add(k, v, initial()) }
	return aggregatedTable(g, of{"AggregateTable", "KTABLE-AGGREGATE", store, opts, []any{initial, add, subtract, serde}},
		aggregate.Table[K, V, A]{First: first, Add: add, Subtract: subtract}, serde)
}

// CountTable counts the rows of each key of a grouped table. It takes the options of
// [Aggregate].
func CountTable[K, V any](g *KGroupedTable[K, V], store string, opts ...Option) *KTable[K, int64] {
	return aggregatedTable(g, of{"CountTable", "KTABLE-AGGREGATE", store, opts, nil}, aggregate.Table[K, V, int64]{
		First:    func(K, V) (int64, error) { return 1, nil },
		Add:      func(_ K, _ V, n int64) (int64, error) { return n + 1, nil },
		Subtract: func(_ K, _ V, n int64) (int64, error) { return n - 1, nil },
	}, Int64())
}

// ReduceTable keeps one value for each key of a grouped table in the named store: that of
// the first row, and then what add makes of it and a further one, and subtract of it and
// one that is taken out. It takes the options of [Aggregate].
func ReduceTable[K, V any](g *KGroupedTable[K, V], store string, add, subtract func(value, row V) (V, error),
	opts ...Option) *KTable[K, V] {
	n := of{"ReduceTable", "KTABLE-REDUCE", store, opts, []any{add, subtract}}
	return aggregatedTable(g, n, aggregate.Table[K, V, V]{
		First:    func(_ K, v V) (V, error) { return aggregate.Owned(v), nil },
		Add:      func(_ K, v, value V) (V, error) { return add(value, v) },
		Subtract: func(_ K, v, value V) (V, error) { return subtract(value, v) },
		Reduces:  true,
	}, g.value)
}

func aggregatedTable[K, V, A any](g *KGroupedTable[K, V], n of, how aggregate.Table[K, V, A],
	serde Serde[A]) *KTable[K, A] {
	b := g.changes.b
	o := n.options(b, ofRows...)
	store := b.store(n.store, "KTABLE-AGGREGATE")
	from := g.partitioned(store, o)
	t := &KTable[K, A]{key: g.key, value: serde, stored: true}
	t.changes = attach(from, b.name(o, n.kind), nil,
		func(ctx topology.Context, next handler[K, node.Change[A]]) handler[K, node.Change[V]] {
			one := how
			one.Context, one.Store, one.Key = ctx, t.own(ctx, next, nil), g.key.Serialize
			return one.Process
		})
	t.keep(b, store, o)
	return t
}
