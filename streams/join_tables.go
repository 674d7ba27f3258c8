package streams

import (
	"slices"

	"github.com/suiro/suiro/stores/kinds"
	"github.com/suiro/suiro/streams/internal/join"
	"github.com/suiro/suiro/streams/internal/node"
	"github.com/suiro/suiro/streams/internal/table"
	"github.com/suiro/suiro/streams/topology"
)

// JoinTables joins two tables by their keys: the result has a row for each key that both
// have, and changes with each of them. Its timestamp is the larger one of both rows. Both
// topics must be partitioned in the same way. The result is in a store of its own only
// with options that are about a store; otherwise it is made of both tables when somebody
// reads it.
//
// It takes [Named], [StoreName], [KeySerde], [ValueSerde], and the options about the store
// (see [Table]).
func JoinTables[K, L, R, O any](left *KTable[K, L], right *KTable[K, R], joiner func(left L, right R) (O, error),
	opts ...Option) *KTable[K, O] {
	return joinTables(left, right, join.Inner(joiner), tableJoin{"JoinTables", join.Both, join.Both}, opts)
}

// LeftJoinTables is [JoinTables] that has a row for each key of the left table: joiner gets
// nil where the right one has none.
func LeftJoinTables[K, L, R, O any](left *KTable[K, L], right *KTable[K, R], joiner func(left L, right *R) (O, error),
	opts ...Option) *KTable[K, O] {
	return joinTables(left, right, join.Left(joiner), tableJoin{"LeftJoinTables", join.This, join.Other}, opts)
}

// OuterJoinTables is [JoinTables] that has a row for each key of both tables: joiner gets
// nil for the one that has none.
func OuterJoinTables[K, L, R, O any](left *KTable[K, L], right *KTable[K, R], joiner func(left *L, right *R) (O, error),
	opts ...Option) *KTable[K, O] {
	return joinTables(left, right, join.Outer(joiner), tableJoin{"OuterJoinTables", join.Either, join.Either}, opts)
}

// tableJoin is what a join of tables is called, and what its sides need.
type tableJoin struct {
	operator    string
	left, right join.Kind
}

// joinedTables are the tables that a join is made of.
type joinedTables struct {
	left, right above
	sends       bool
}

// sendOld implements above.
func (j *joinedTables) sendOld(bool) bool {
	j.left.sendOld(true)
	j.right.sendOld(true)
	j.sends = true
	return true
}

// versions implements above: as in Kafka Streams the result of a join has none of its own.
func (j *joinedTables) versions() (kinds.Spec, bool) { return kinds.Spec{}, false }

// stores implements above.
func (j *joinedTables) stores() []topology.Store {
	all := j.left.stores()
	for _, s := range j.right.stores() {
		if !slices.ContainsFunc(all, s.Equal) {
			all = append(all, s)
		}
	}
	return all
}

func joinTables[K, L, R, O any](left *KTable[K, L], right *KTable[K, R], joiner join.Joiner[L, R, O], as tableJoin,
	opts []Option) *KTable[K, O] {
	b := left.changes.b
	o := b.need(joiner).options(as.operator, opts, ofTable...)
	store := o.store
	if store == "" && o.aboutStore() {
		store = b.names.Next("KTABLE-MERGE-STATE-STORE")
	}
	merge := b.name(o, "KTABLE-MERGE")
	copartition(b, left.changes.node, right.changes.node)
	if as.left != join.Both {
		left.sendOld(true)
	}
	if as.right == join.Either {
		right.sendOld(true)
	}
	this := b.suffixed(o.name, "-join-this", "KTABLE-JOINTHIS")
	other := b.suffixed(o.name, "-join-other", "KTABLE-JOINOTHER")
	b.graph.AddProcessor(topology.Processor{Name: this, Stores: right.stores()}, left.changes.node)
	b.graph.AddProcessor(topology.Processor{Name: other, Stores: left.stores()}, right.changes.node)
	b.graph.AddProcessor(topology.Processor{Name: merge}, this, other)
	of := &joinedTables{left: left, right: right}
	t := &KTable[K, O]{changes: &KStream[K, node.Change[O]]{b: b, node: merge}, parent: of,
		key: serdeOf(b, as.operator, o.key, left.key), value: serdeOf[O](b, as.operator, o.value, nil)}
	t.rows = func(ctx topology.Context) join.Getter[K, O] {
		return join.JoinedTables(as.left, left.getter(ctx), right.getter(ctx), joiner)
	}
	if store != "" {
		t.stored = true
		t.keep(b, b.store(store, ""), o)
	}
	knows := func(ctx topology.Context) bool { return t.stored && ctx.Cached() && !o.withoutCaching && !o.versioned }
	merged := mergedTables(t)
	left.changes.child(func(ctx topology.Context) handler[K, node.Change[L]] {
		side := &join.TableSide[K, L, R, O]{Context: ctx, Kind: as.left, Get: right.getter(ctx), Join: joiner,
			SendOld: of.sends, Stored: knows(ctx),
			Versioned: left.versioned(), Next: merged(ctx)}
		return side.Process
	})
	right.changes.child(func(ctx topology.Context) handler[K, node.Change[R]] {
		side := &join.TableSide[K, R, L, O]{Context: ctx, Kind: as.right, Get: left.getter(ctx),
			Join: join.Reversed(joiner), SendOld: of.sends, Stored: knows(ctx),
			Versioned: right.versioned(), Next: merged(ctx)}
		return side.Process
	})
	return t
}

// mergedTables returns the node that both sides of a join of tables come to.
func mergedTables[K, O any](t *KTable[K, O]) func(topology.Context) handler[K, node.Change[O]] {
	return func(ctx topology.Context) handler[K, node.Change[O]] {
		return ctx.Once(t.changes.node, func() any {
			next := t.changes.instantiate(ctx)
			same := &table.Mapped[K, O, O]{Map: func(_ K, v O, has bool) (O, bool, error) { return v, has, nil },
				SendOld: t.sendsOld, Store: t.own(ctx, next, nil), Next: next}
			if t.key != nil {
				same.Key = t.key.Serialize
			}
			return handler[K, node.Change[O]](same.Process)
		}).(handler[K, node.Change[O]])
	}
}
