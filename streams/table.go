package streams

import (
	"bytes"
	"cmp"
	"fmt"
	"time"

	"github.com/suiro/suiro/stores/kinds"
	"github.com/suiro/suiro/streams/internal/aggregate"
	"github.com/suiro/suiro/streams/topology"
)

// KGroupedStream is a stream whose equal keys are in one partition.
type KGroupedStream[K, V any] struct {
	stream *KStream[K, V]
	key    Serde[K]

	// value is set when the stream goes through a repartition topic before it is
	// aggregated, one for each aggregate, or a common one with a name.
	value  Serde[V]
	name   string
	common *KStream[K, V]
}

// partitioned returns the stream to aggregate in a store. Aggregates call it when they have
// their own names: the order decides the numbers.
func (g *KGroupedStream[K, V]) partitioned(store string) *KStream[K, V] {
	if g.value == nil {
		return g.stream
	}
	names := g.stream.b.names.Repartition(cmp.Or(g.name, store))
	if g.common != nil {
		return g.common
	}
	out := through(g.stream, names, g.key, g.value)
	if g.name != "" {
		g.common = out
	}
	return out
}

// GroupByKey groups a stream by the key it has. The topic it comes from must be
// partitioned by that key. After a node that may have changed it, such as [Map],
// [SelectKey], [FlatMap] or [Process], it is a mistake that [Builder.Build] reports:
// equal keys would be counted in several partitions. Use [GroupBy] or [Repartition]
// there.
func GroupByKey[K, V any](s *KStream[K, V], key Serde[K]) *KGroupedStream[K, V] {
	if s.rekeyed != "" {
		s.b.errs = append(s.b.errs, fmt.Errorf("group by key below %s: %s may have changed the keys, and the topic is "+
			"partitioned by the old ones, so that equal keys would be in several partitions: use GroupBy, or Repartition "+
			"before GroupByKey; if the keys did not change, call MarkAsPartitioned", s.node, s.rekeyed))
	}
	return &KGroupedStream[K, V]{stream: s, key: key}
}

// GroupBy groups a stream by a new key, through a repartition topic,
// <application.id>-<name>-repartition, which all aggregates of the group share. Without
// a name each of them has a topic of its own, named for its store.
func GroupBy[K, V, K2 any](s *KStream[K, V], name string, f func(K, V) (K2, error),
	key Serde[K2], value Serde[V]) *KGroupedStream[K2, V] {
	node := cmp.Or(name, s.b.names.Next("KSTREAM-KEY-SELECT"))
	return &KGroupedStream[K2, V]{stream: selectKey(s, node, f), key: key, value: value, name: name}
}

// KTable is a stream of updates: the latest record of a key is its value.
type KTable[K, V any] struct {
	updates *KStream[K, V]
	// Store is the name of its store, for queries: see App.Store of package app.
	Store string
}

// ToStream returns the updates: for each key that changed in an epoch, the value
// at the end of the epoch with the timestamp of the latest record.
func (t *KTable[K, V]) ToStream() *KStream[K, V] {
	return attach(t.updates, t.updates.b.names.Next("KTABLE-TOSTREAM"), nil, pass[K, V])
}

// Aggregate keeps one value for each key in the named store: initial makes it,
// and add returns it with the value of a record added. add may change and return
// the aggregate that it is given. A store without a name gets a number, which changes
// with the nodes before it, and its values are then lost: name what must survive a change
// of code.
func Aggregate[K, V, A any](g *KGroupedStream[K, V], store string, initial func() A,
	add func(key K, value V, aggregate A) (A, error), serde Serde[A]) *KTable[K, A] {
	store = g.stream.b.store(store)
	node := g.stream.b.names.Next("KSTREAM-AGGREGATE")
	stores := []topology.Store{{Spec: kinds.Spec{Name: store, Kind: kinds.Timestamped}}}
	out := attach(g.partitioned(store), node, stores,
		func(ctx topology.Context, next handler[K, A]) handler[K, V] {
			kv := ctx.Stores().KeyValue(store)
			c := aggregate.New(aggregate.Options[K, A]{
				Context: ctx, Store: store,
				Load:      func(key []byte, _ int64) ([]byte, error) { return kv.Get(key) },
				Save:      func(key []byte, _ int64, value []byte) { kv.Put(key, value) },
				Serialize: serde.Serialize, Deserialize: serde.Deserialize, Forward: forward(next),
			})
			return func(r *Record[K, V]) error {
				raw, err := g.key.Serialize(r.Key)
				if err != nil {
					return &topology.Rejection{Stage: topology.Processing, Err: fmt.Errorf("key: %w", err)}
				}
				return c.Update(raw, 0, func() K { return owned(r.Key) }, r.Timestamp, initial,
					func(a A) (A, error) { return add(r.Key, r.Value, a) })
			}
		})
	return &KTable[K, A]{updates: out, Store: store}
}

// owned returns a key that may be kept: bytes refer to the batch that they came in, which
// is far larger.
func owned[K any](key K) K {
	if b, ok := any(key).([]byte); ok {
		return any(bytes.Clone(b)).(K)
	}
	return key
}

// forward returns how a cache passes aggregates to the node below.
func forward[K, A any](next handler[K, A]) func(K, A, time.Time) error {
	var out Record[K, A]
	return func(key K, value A, timestamp time.Time) error {
		out.Key, out.Value, out.Timestamp = key, value, timestamp
		return next(&out)
	}
}

// Count counts the records of each key.
func Count[K, V any](g *KGroupedStream[K, V], store string) *KTable[K, int64] {
	return Aggregate(g, store, func() int64 { return 0 },
		func(_ K, _ V, n int64) (int64, error) { return n + 1, nil }, Int64())
}

// store checks the name of an aggregate's store, or makes one, which changes with the
// nodes before it. Another aggregate in the store would overwrite this one.
func (b *Builder) store(name string) string {
	if name == "" {
		name = b.names.Next("KSTREAM-AGGREGATE-STATE-STORE")
	}
	if b.tables[name] {
		b.errs = append(b.errs, fmt.Errorf("two aggregates keep their values in store %q: give each its own", name))
	}
	b.tables[name] = true
	return name
}
