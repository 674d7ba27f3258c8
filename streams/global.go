package streams

import (
	"github.com/suiro/suiro/stores/kinds"
	"github.com/suiro/suiro/streams/internal/codec"
	"github.com/suiro/suiro/streams/internal/join"
	"github.com/suiro/suiro/streams/internal/node"
	"github.com/suiro/suiro/streams/internal/processor"
	"github.com/suiro/suiro/streams/internal/table"
	"github.com/suiro/suiro/streams/topology"
)

// GlobalKTable is a table that each instance has as a whole, whatever partitions it
// processes: a stream may be joined with it by any key, without being partitioned in the
// same way, and every processor may read it. It follows its topic on its own, and so is not
// in step with the streams that are joined with it: a record meets the row that the table
// has when the record is processed, whatever their timestamps are.
type GlobalKTable[K, V any] struct {
	b     *Builder
	store string
	key   Serde[K]
	value Serde[V]
}

// GlobalTable reads all partitions of a topic as a table, in each instance. The app reads
// the topic to its end before it processes its first record. Records without a key are left
// out and counted as dropped; those that the Serdes cannot decode are rejected by each
// instance that reads them, with a dead letter from each. The topic is the table's changelog:
// there is no other, and auto.offset.reset has no effect on it. As in Kafka Streams nothing
// extracts timestamps: a row has the timestamp of its record.
//
// It takes [Named] and [StoreName]. [WithLogging], [WithoutLogging], [WithCaching] and
// [WithoutCaching] change nothing, as a global table has no changelog of its own and no cache.
func GlobalTable[K, V any](b *Builder, topic string, key Serde[K], value Serde[V], opts ...Option) *GlobalKTable[K, V] {
	o := b.need(key, value).options("GlobalTable", opts, isNamed, isStoreName, isWithLogging, isWithoutLogging,
		isWithCaching, isWithoutCaching)
	t := &GlobalKTable[K, V]{b: b, store: b.rowStore(o, topic), key: key, value: value}
	addGlobal(b, o, topology.Store{Spec: kinds.Spec{Name: t.store, Kind: kinds.Timestamped}}, topic,
		func(ctx topology.Context) topology.Handler {
			n := &table.Global[K, V]{Context: ctx, Store: ctx.Stores().KeyValue(t.store), Key: key, Value: value}
			return codec.Decode(n.Process, key, value)
		})
	return t
}

// addGlobal adds a global store to the topology.
func addGlobal(b *Builder, o options, store topology.Store, topic string,
	build func(ctx topology.Context) topology.Handler) {
	source := topology.Source{Name: b.suffixed(o.name, "-source", "KSTREAM-SOURCE"), Topic: topic, New: build}
	b.graph.AddGlobal(topology.GlobalStore{Source: source,
		Processor: topology.Processor{Name: b.name(o, "KTABLE-SOURCE"), Stores: []topology.Store{store}}})
}

// QueryableStoreName returns the name of the table's store, for queries: see package app.
func (t *GlobalKTable[K, V]) QueryableStoreName() string { return t.store }

// GlobalRows is a global table as a processor reads it; see [GlobalKTable.Open].
type GlobalRows[K, V any] = processor.GlobalRows[K, V]

// Open returns the rows of the table, for the processor of ctx to read. Every processor may,
// and [WithStores] does not name the table. It panics in a topology of another Builder.
func (t *GlobalKTable[K, V]) Open(ctx task) *GlobalRows[K, V] {
	return processor.OpenGlobal(ctx.Task(), t.store, t.key, t.value)
}

// JoinGlobal joins each record of a stream with the row that a global table has for the key
// that choose returns, when the record comes; later changes of the table make no records. A
// result has the key of the record. Records for which the table has no row are left out. So
// are those without a value, for which choose is not called, and those for which it returns
// nil; they count as dropped.
//
// It takes [Named].
func JoinGlobal[K, L, GK, R, O any](s *KStream[K, L], t *GlobalKTable[GK, R], choose func(key K, left L) (GK, error),
	joiner func(left L, right R) (O, error), opts ...Option) *KStream[K, O] {
	return joinGlobal(s, t, choose, join.Inner(joiner), false, opts)
}

// LeftJoinGlobal is [JoinGlobal] that keeps the records for which the table has no row, or
// choose returns nil: joiner gets nil for the row.
func LeftJoinGlobal[K, L, GK, R, O any](s *KStream[K, L], t *GlobalKTable[GK, R],
	choose func(key K, left L) (GK, error), joiner func(left L, right *R) (O, error), opts ...Option) *KStream[K, O] {
	return joinGlobal(s, t, choose, join.Left(joiner), true, opts)
}

func joinGlobal[K, L, GK, R, O any](s *KStream[K, L], t *GlobalKTable[GK, R], choose func(K, L) (GK, error),
	joiner join.Joiner[L, R, O], left bool, opts []Option) *KStream[K, O] {
	b := s.b
	operator := "JoinGlobal"
	if left {
		operator = "LeftJoinGlobal"
		relaxAll(s.relax)
	}
	o := b.need(choose, joiner).options(operator, opts, isNamed)
	name := b.name(o, "KSTREAM-LEFTJOIN") // also of inner ones, in Kafka Streams
	if t.b != b {
		b.fail("node %s joins a stream with a global table of another Builder: make both with the same", name)
	}
	out := attach(s, name, nil, func(ctx topology.Context, next handler[K, O]) handler[K, L] {
		rows := t.Open(opener{ctx})
		l := &join.Lookup[K, L, R, O]{Context: ctx, Left: left, Join: joiner, Next: next,
			Find: func(r *Record[K, L]) (found join.Found[R], err error) {
				key, err := choose(r.Key, r.Value)
				if err != nil || node.IsNil(key) {
					return join.Found[R]{Keyless: true}, err
				}
				found.Value, _, found.OK, err = rows.Get(key)
				return found, err
			}}
		return l.Process
	})
	out.key = s.key
	return out
}

// opener is a [task] of a topology.Context.
type opener struct{ ctx topology.Context }

func (o opener) Task() topology.Context { return o.ctx }

// GlobalContext is what a processor of [AddGlobalStore] sees.
type GlobalContext = processor.GlobalContext

// AddGlobalStore adds a key-value store that each instance has as a whole, and that a
// processor of yours makes of all partitions of a topic; [GlobalTable] is enough where a row
// is a record. build is called when the app starts, and when the topic has to be read again,
// with an empty store then; it opens the store, which nobody else may write. Other processors
// open it too, without naming it in [WithStores], and read it. After a restart the processor
// goes on behind the records that it has processed, and so it must keep in the store what it
// needs of those before. An error of it stops the app, unless [Reject] made it.
//
// It takes [Named].
func AddGlobalStore[K, V, K2, V2 any](b *Builder, store *KeyValueStore[K2, V2], topic string, key Serde[K],
	value Serde[V], build func(ctx *GlobalContext) Processor[K, V], opts ...Option) {
	o := b.need(key, value, build).options("AddGlobalStore", opts, isNamed)
	own, _ := store.declared(b)
	addGlobal(b, o, own, topic, func(ctx topology.Context) topology.Handler {
		p := build(processor.NewGlobal(ctx))
		ctx.OnClose(p.Close)
		return codec.Decode(p.Process, key, value)
	})
}
