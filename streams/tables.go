package streams

import (
	"cmp"
	"slices"

	"github.com/suiro/suiro/streams/internal/codec"
	"github.com/suiro/suiro/streams/internal/join"
	"github.com/suiro/suiro/streams/internal/naming"
	"github.com/suiro/suiro/streams/internal/node"
	"github.com/suiro/suiro/streams/internal/processor"
	"github.com/suiro/suiro/streams/internal/table"
	"github.com/suiro/suiro/streams/topology"
)

// Table reads a topic as a table. Its rows are kept in a store if it has a name, or where
// an operator needs them; the topic must be partitioned by the keys. Records without a key
// are left out and counted as dropped.
//
// It takes [Named], [WithTimestamps], [WithOffsetReset], [StoreName], and the options about
// the store: [WithLogging], [WithoutLogging], [WithCaching], [WithoutCaching], [InMemory],
// [OnDisk], [Versioned] and [WithTTL].
func Table[K, V any](b *Builder, topic string, key Serde[K], value Serde[V], opts ...Option) *KTable[K, V] {
	o := b.need(key, value).options("Table", opts, append(slices.Clone(ofRows), isStoreName, isExtractor, isReset)...)
	store := b.rowStore(o, topic)
	from := topology.Source{Name: b.suffixed(o.name, "-source", "KSTREAM-SOURCE"), Topic: topic, Reset: o.reset,
		Timestamp: timestampsOf(b, "Table", o, key, value)}
	return rowsOf(source(b, from, key, value), b.name(o, "KTABLE-SOURCE"), store, o)
}

// ToTable makes a table of a stream: the latest record of a key is its value. Where keys
// may have changed, the stream goes through a repartition topic first.
//
// It takes [Named], [StoreName], [KeySerde], [ValueSerde], and the options about the store
// (see [Table]).
func ToTable[K, V any](s *KStream[K, V], opts ...Option) *KTable[K, V] {
	b := s.b
	o := b.options("ToTable", opts, ofTable...)
	name := b.name(o, "KSTREAM-TOTABLE")
	store := b.rowStore(o, "KSTREAM-TOTABLE")
	from := *s
	from.key, from.value = serdeOf(b, "ToTable", o.key, s.key), serdeOf(b, "ToTable", o.value, s.value)
	if s.rekeyed == "" {
		t := rowsOf(s, name, store, o)
		t.key, t.value = from.key, from.value
		t.kept.Key, t.kept.Value = t.key, t.value
		return t
	}
	names := b.names.Repartition(name)
	if from.key == nil || from.value == nil {
		b.fail("make a table below %s: %s may have changed the keys, so that the stream goes through a repartition topic, "+
			"and the Serde of its keys or values is not known: pass KeySerde and ValueSerde", s.node, s.rekeyed)
		from.key, from.value = unknown[K](), unknown[V]()
	}
	return rowsOf(through(s, names, from.key, from.value), name, store, o)
}

// unknown stands for a Serde that is missing, in a topology that cannot be built.
func unknown[T any]() Serde[T] {
	return NewSerde(func(T) ([]byte, error) { return nil, nil }, func([]byte) (v T, err error) { return v, nil })
}

// rowsOf makes a table of the records of a stream.
func rowsOf[K, V any](s *KStream[K, V], name, store string, o options) *KTable[K, V] {
	t := &KTable[K, V]{key: s.key, value: s.value, stored: o.store != ""}
	t.changes = attach(s, name, nil, func(ctx topology.Context, next handler[K, node.Change[V]]) handler[K, V] {
		n := &table.Source[K, V]{Context: ctx, Store: t.own(ctx, next, nil), Next: next}
		if t.key != nil {
			n.Key = t.key.Serialize
		}
		return n.Process
	})
	t.keep(s.b, store, o)
	return t
}

// MapTable replaces the value of each row; nil deletes it. f must make the same of the same
// row each time, as it is called again where the value is needed and is in no store.
//
// It takes [Named], [StoreName], [ValueSerde], and the options about the store (see
// [Table]).
func MapTable[K, V, W any](t *KTable[K, V], f func(key K, value V) (W, error), opts ...Option) *KTable[K, W] {
	m := mapped[K, V, W]{
		operator: "MapTable", kind: "KTABLE-MAPVALUES", f: f,
		make: func(topology.Context, string) table.Map[K, V, W] {
			return func(key K, value V, _ bool) (out W, has bool, err error) {
				out, err = f(key, value)
				return out, !node.IsNil(out), err
			}
		},
	}
	return m.add(t, opts)
}

// TransformTable replaces the value of each row with a function that build makes for each
// task, and which may use the stores that the option [WithStores] names. The function is
// called for rows that are deleted too, with nil, and may give them a value. build is called
// once for the node, and once for each node that reads the table, unless the table has a
// store of its own: then the function is called whenever such a node looks for a row. With a
// store it is called once for each change of the table above.
//
// It takes [Named], [StoreName], [ValueSerde], [WithStores], and the options about the store
// (see [Table]).
func TransformTable[K, V, W any](t *KTable[K, V], build func(ctx *NodeContext) func(key K, value *V) (W, error),
	opts ...Option) *KTable[K, W] {
	m := mapped[K, V, W]{
		operator: "TransformTable", kind: "KTABLE-TRANSFORMVALUES", f: build, nulls: true,
		make: func(ctx topology.Context, node string) table.Map[K, V, W] {
			return table.Transform(build(processor.NewNode(ctx, node)))
		},
	}
	return m.add(t, opts)
}

// mapped is a table that is made of another one, row by row.
type mapped[K, V, W any] struct {
	operator, kind string
	f              any // what make calls
	value          Serde[W]
	make           func(ctx topology.Context, node string) table.Map[K, V, W]
	nulls, drops   bool
}

func (m mapped[K, V, W]) add(of *KTable[K, V], opts []Option) *KTable[K, W] {
	b := of.changes.b
	takes := ofTable
	if m.nulls {
		takes = append(slices.Clone(ofTable), isStores)
	}
	o := b.need(m.f).options(m.operator, opts, takes...)
	store := o.store
	if store != "" {
		b.store(store, "")
	} else if o.aboutStore() && !m.nulls {
		b.names.Next(m.kind + "-STATE-STORE") // Kafka Streams takes it, and makes no store
	}
	t := &KTable[K, W]{key: serdeOf(b, m.operator, o.key, of.key), value: serdeOf(b, m.operator, o.value, m.value),
		stored: store != "", parent: of}
	if m.drops {
		t.sendsOld = of.sendOld(false)
	}
	t.rows = func(ctx topology.Context) join.Getter[K, W] {
		return table.MappedRows(of.getter(ctx), m.make(ctx, t.changes.node), m.nulls)
	}
	t.past = func(ctx topology.Context) join.AsOf[K, W] {
		return table.MappedAsOf(of.asOf(ctx), m.make(ctx, t.changes.node), m.nulls)
	}
	t.uses = declared(b, o.stores)
	t.changes = attach(of.changes, b.name(o, m.kind), t.uses,
		func(ctx topology.Context, next handler[K, node.Change[W]]) handler[K, node.Change[V]] {
			n := &table.Mapped[K, V, W]{Map: m.make(ctx, t.changes.node), Nulls: m.nulls, SendOld: t.sendsOld,
				Drops: m.drops && !of.versioned(), Store: t.own(ctx, next, nil), Next: next}
			if t.stored {
				n.Key = t.key.Serialize
			}
			return n.Process
		})
	if store != "" {
		t.keep(b, store, o)
	}
	return t
}

// KGroupedTable is a table whose rows are aggregated by another key.
type KGroupedTable[K, V any] struct {
	changes *KStream[K, node.Change[V]]
	key     Serde[K]
	value   Serde[V]
	name    string // of a common repartition topic
	common  *KStream[K, node.Change[V]]
}

// GroupTable groups the rows of a table by a new key, with a new value: a nil key or value
// leaves a row out. The rows go through a repartition topic, of which each aggregate has
// its own, named for its store, or with [Named] all have one. The table is kept in a store,
// because what a row was is taken out of its aggregate.
//
// It takes [Named].
func GroupTable[K, V, K2, V2 any](t *KTable[K, V], f func(key K, value V) (K2, V2, error),
	key Serde[K2], value Serde[V2], opts ...Option) *KGroupedTable[K2, V2] {
	b := t.changes.b
	o := b.need(f, key, value).options("GroupTable", opts, isNamed)
	g := &KGroupedTable[K2, V2]{key: key, value: value, name: o.name}
	g.changes = attach(t.changes, b.name(o, "KTABLE-SELECT"), nil,
		func(_ topology.Context, next handler[K2, node.Change[V2]]) handler[K, node.Change[V]] {
			n := &table.Grouped[K, V, K2, V2]{Map: f, Key: key.Serialize, Versioned: t.versioned(), Next: next}
			return n.Process
		})
	t.sendOld(true)
	return g
}

// partitioned returns the changes by their new key. It takes the numbers that Kafka Streams
// does.
func (g *KGroupedTable[K, V]) partitioned(store string, o options) *KStream[K, node.Change[V]] {
	b := g.changes.b
	sink := b.suffixed(o.name, "-sink", "KSTREAM-SINK")
	from := b.suffixed(o.name, "-source", "KSTREAM-SOURCE")
	if g.common != nil {
		return g.common
	}
	topic := cmp.Or(g.name, store) + naming.RepartitionSuffix
	changes := NewSerde(
		func(c node.Change[V]) ([]byte, error) { return table.AppendChange(c, g.value.Serialize) },
		func(data []byte) (node.Change[V], error) { return table.ParseChange(data, g.value.Deserialize) })
	g.changes.sink(topology.Sink{Name: sink, Topic: topic, Internal: true},
		codec.Output[K, node.Change[V]]{Key: g.key, Value: changes})
	out := source(b, topology.Source{Name: from, Topic: topic, Internal: true}, g.key, changes)
	if g.name != "" {
		g.common = out
	}
	return out
}
