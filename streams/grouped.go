package streams

import (
	"cmp"
	"strings"

	"github.com/suiro/suiro/streams/internal/aggregate"
	"github.com/suiro/suiro/streams/internal/node"
	"github.com/suiro/suiro/streams/topology"
)

// KGroupedStream is a stream that is aggregated by its keys.
type KGroupedStream[K, V any] struct {
	stream *KStream[K, V]
	key    Serde[K]
	value  Serde[V] // nil when it is not known

	// through says that the stream goes through a repartition topic before it is
	// aggregated, one for each aggregate, or a common one with a name.
	through bool
	name    string
	common  *KStream[K, V]
}

// partitioned returns the stream to aggregate in a store. Aggregates call it when they have
// their own names: the order decides the numbers.
func (g *KGroupedStream[K, V]) partitioned(store string) *KStream[K, V] {
	if !g.through {
		return g.stream
	}
	names := g.stream.b.names.Repartition(cmp.Or(g.name, store))
	if g.common != nil {
		return g.common
	}
	if g.value == nil {
		g.stream.b.fail("group by key below %s: %s may have changed the keys, so that the stream goes through a "+
			"repartition topic, and the Serde of its values is not known: pass ValueSerde, or if the keys did not change, "+
			"call MarkAsPartitioned", g.stream.node, g.stream.rekeyed)
	}
	out := through(g.stream, names, g.key, g.value)
	if g.name != "" {
		g.common = out
	}
	return out
}

// GroupByKey groups a stream by the key it has. After a node that may have changed the
// key, such as [Map], [SelectKey], [FlatMap] or [Process], the stream goes through a
// repartition topic, so that equal keys meet in one task: one topic for each aggregate
// of the group, named for its store, or with [Named] a common one. There the Serde of the
// values is needed, which is known below a source, and below operators that keep values.
//
// It takes [Named] and [ValueSerde].
func GroupByKey[K, V any](s *KStream[K, V], key Serde[K], opts ...Option) *KGroupedStream[K, V] {
	o := s.b.need(key).options("GroupByKey", opts, isNamed, isValueSerde)
	return &KGroupedStream[K, V]{stream: s, key: key, value: serdeOf(s.b, "GroupByKey", o.value, s.value), name: o.name,
		through: s.rekeyed != ""}
}

// GroupBy groups a stream by a new key, through a repartition topic,
// <application.id>-<name>-repartition, which all aggregates of the group share. Without
// a name each of them has a topic of its own, named for its store.
func GroupBy[K, V, K2 any](s *KStream[K, V], name string, f func(K, V) (K2, error),
	key Serde[K2], value Serde[V]) *KGroupedStream[K2, V] {
	s.b.need(f, key, value).options("GroupBy", nil)
	selected := selectKey(s, cmp.Or(name, s.b.names.Next("KSTREAM-KEY-SELECT")), f)
	return &KGroupedStream[K2, V]{stream: selected, key: key, value: value, name: name, through: true}
}

// Aggregate keeps one value for each key in the named store: initial makes it,
// and add returns it with the value of a record added. add may change and return
// the aggregate that it is given; nil deletes the key. Records without a key or a value
// are left out and counted as dropped. A store without a name gets a number, which changes
// with the nodes before it, and its values are then lost: name what must survive a change
// of code.
//
// It takes [Named], and the options about the store (see [Table]).
func Aggregate[K, V, A any](g *KGroupedStream[K, V], store string, initial func() A,
	add func(key K, value V, aggregate A) (A, error), serde Serde[A], opts ...Option) *KTable[K, A] {
	first := func(k K, v V) (A, error) { return add(k, v, initial()) }
	n := of{"Aggregate", "KSTREAM-AGGREGATE", store, opts, []any{initial, add, serde}}
	return aggregated(g, n, initial, first, add, serde)
}

// Count counts the records of each key. It takes the options of [Aggregate].
func Count[K, V any](g *KGroupedStream[K, V], store string, opts ...Option) *KTable[K, int64] {
	return aggregated(g, of{"Count", "KSTREAM-AGGREGATE", store, opts, nil}, func() int64 { return 0 },
		func(K, V) (int64, error) { return 1, nil }, func(_ K, _ V, n int64) (int64, error) { return n + 1, nil }, Int64())
}

// Reduce keeps one value for each key in the named store: that of the first record, and
// then what f makes of it and the value of each further record. It is otherwise as
// [Aggregate], with the same options.
func Reduce[K, V any](g *KGroupedStream[K, V], store string, f func(value, next V) (V, error), serde Serde[V],
	opts ...Option) *KTable[K, V] {
	first := func(_ K, v V) (V, error) { return aggregate.Owned(v), nil }
	add := func(_ K, v, value V) (V, error) { return f(value, v) }
	return aggregated(g, of{"Reduce", "KSTREAM-REDUCE", store, opts, []any{f, serde}}, nil, first, add, serde)
}

// of is what an aggregate is called, its options, and what it cannot do without.
type of struct {
	operator, kind, store string
	opts                  []Option
	given                 []any
}

// options returns what the options say.
func (n of) options(b *Builder, takes ...optionKind) options {
	return b.need(n.given...).options(n.operator, n.opts, takes...)
}

// storeOf is the name of the store of an aggregate.
func storeOf(b *Builder, n of, o options) string {
	if strings.HasPrefix(n.operator, "Count") && n.store == "" && o.aboutStore() {
		b.names.Next(n.kind + "-STATE-STORE") // which Kafka Streams takes
	}
	return b.store(n.store, n.kind)
}

func aggregated[K, V, A any](g *KGroupedStream[K, V], n of, initial func() A, first func(K, V) (A, error),
	add func(K, V, A) (A, error), serde Serde[A]) *KTable[K, A] {
	b := g.stream.b
	o := n.options(b, ofRows...)
	store := storeOf(b, n, o)
	name := b.name(o, n.kind)
	t := &KTable[K, A]{key: g.key, value: serde, stored: true}
	t.changes = attach(g.partitioned(store), name, nil,
		func(ctx topology.Context, next handler[K, node.Change[A]]) handler[K, V] {
			n := &aggregate.Stream[K, V, A]{Context: ctx, Store: t.own(ctx, next, initial), Key: g.key.Serialize,
				First: first, Add: add}
			return n.Process
		})
	t.keep(b, store, o)
	return t
}
