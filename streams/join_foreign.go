package streams

import (
	"slices"
	"time"

	"github.com/suiro/suiro/streams/internal/join"
	"github.com/suiro/suiro/streams/internal/naming"
	"github.com/suiro/suiro/streams/internal/node"
	"github.com/suiro/suiro/streams/topology"
)

// JoinForeignKey joins two tables by a foreign key: each row of the left table with the
// row of the right one whose key foreign returns; nil is none. The result has the keys of
// the left table, and changes with both. The topics may be partitioned in different ways:
// the join has two topics of its own, by which it asks for rows and gets answers. So it is
// behind by as much as they are, and when a row changes twice while an answer is on its
// way, the first result is left out.
//
// The Serdes of both tables must be known. It takes [Named], [StoreName], [ValueSerde], and
// the options about the store (see [Table]).
func JoinForeignKey[K, L, F, R, O any](left *KTable[K, L], right *KTable[F, R],
	foreign func(key K, value L) (*F, error), joiner func(left L, right R) (O, error), opts ...Option) *KTable[K, O] {
	j := foreignJoin[K, L, F, R, O]{left: left, right: right, foreign: foreign, join: join.Inner(joiner)}
	return j.add("JoinForeignKey", opts)
}

// LeftJoinForeignKey is [JoinForeignKey] that has a row for each row of the left table:
// joiner gets nil where there is no row of the right one.
func LeftJoinForeignKey[K, L, F, R, O any](left *KTable[K, L], right *KTable[F, R],
	foreign func(key K, value L) (*F, error), joiner func(left L, right *R) (O, error), opts ...Option) *KTable[K, O] {
	j := foreignJoin[K, L, F, R, O]{left: left, right: right, foreign: foreign, join: join.Left(joiner), leftJoin: true}
	return j.add("LeftJoinForeignKey", opts)
}

// foreignJoin is a join by a foreign key that is being added.
type foreignJoin[K, L, F, R, O any] struct {
	left     *KTable[K, L]
	right    *KTable[F, R]
	foreign  func(K, L) (*F, error)
	join     join.Joiner[L, R, O]
	leftJoin bool
	naming.ForeignJoin
}

func (j *foreignJoin[K, L, F, R, O]) add(operator string, opts []Option) *KTable[K, O] {
	b := j.left.changes.b
	o := b.need(j.foreign, j.join).options(operator, opts, append(slices.Clone(ofRows), isStoreName, isValueSerde)...)
	if j.left.key == nil || j.left.value == nil || j.right.key == nil || j.right.value == nil {
		b.fail("%s: the Serdes of the tables are not known: pass KeySerde and ValueSerde where they are made", operator)
		return &KTable[K, O]{changes: &KStream[K, node.Change[O]]{b: b, node: j.left.changes.node}}
	}
	j.right.sendOld(true)
	j.left.sendOld(true)
	j.ForeignJoin = b.names.ForeignJoin(o.name)
	j.ask()
	j.answerAll()
	return j.resolved(operator, o)
}

// topicOf returns what writes bytes to a topic of the join.
func topicOf(ctx topology.Context, topic string) join.Emit {
	return func(key, value []byte, partition int32, at int64, headers []Header) error {
		return ctx.EmitTo(topic, partition, key, value, time.UnixMilli(at).UTC(), headers)
	}
}

// ask adds what sends subscriptions below the left table.
func (j *foreignJoin[K, L, F, R, O]) ask() {
	left, g := j.left, &j.left.changes.b.graph
	g.AddProcessor(topology.Processor{Name: j.Send}, left.changes.node)
	g.AddSink(topology.Sink{Name: j.SendSink, Topic: j.Subscriptions, Internal: true}, j.Send)
	left.changes.child(func(ctx topology.Context) handler[K, node.Change[L]] {
		return j.subscriber(ctx).Process
	})
}

// subscriber returns what sends the subscriptions of a task.
func (j *foreignJoin[K, L, F, R, O]) subscriber(ctx topology.Context) *join.Subscriber[K, L, F] {
	return ctx.Once(j.Send, func() any {
		left := j.left
		s := &join.Subscriber[K, L, F]{Context: ctx, Left: j.leftJoin, Foreign: j.foreign, Key: left.key,
			Value: left.value, ForeignKey: j.right.key, Versioned: left.versioned(), Get: left.getter(ctx),
			Emit: topicOf(ctx, j.Subscriptions)}
		ctx.OnCommit(s.Commit, s.Abort)
		return s
	}).(*join.Subscriber[K, L, F])
}

// answerAll adds what answers subscriptions, below their topic and below the right table.
func (j *foreignJoin[K, L, F, R, O]) answerAll() {
	right, g := j.right, &j.right.changes.b.graph
	publisher := func(ctx topology.Context) *join.Publisher[F, R] {
		return ctx.Once(j.Receive, func() any {
			return &join.Publisher[F, R]{Context: ctx, Store: j.Store, Get: right.getter(ctx), Key: right.key,
				Value: right.value, Versioned: right.versioned(), Emit: topicOf(ctx, j.Answers)}
		}).(*join.Publisher[F, R])
	}
	g.AddSource(topology.Source{Name: j.SendSource, Topic: j.Subscriptions, Internal: true,
		New: func(ctx topology.Context) topology.Handler { return publisher(ctx).Subscribe }})
	copartition(j.right.changes.b, right.changes.node, j.SendSource)
	store := topology.Store{Spec: join.SubscriptionSpec(j.Store), Place: topology.OnDisk}
	g.AddProcessor(topology.Processor{Name: j.Receive, Stores: []topology.Store{store}}, j.SendSource)
	g.AddProcessor(topology.Processor{Name: j.Answer, Stores: right.stores()}, j.Receive)
	g.AddProcessor(topology.Processor{Name: j.Changed, Stores: []topology.Store{store}}, right.changes.node)
	g.AddSink(topology.Sink{Name: j.AnswerSink, Topic: j.Answers, Internal: true}, j.Answer, j.Changed)
	right.changes.child(func(ctx topology.Context) handler[F, node.Change[R]] {
		return publisher(ctx).Process
	})
}

// resolved adds what joins the answers with the left table.
func (j *foreignJoin[K, L, F, R, O]) resolved(operator string, o options) *KTable[K, O] {
	left, b := j.left, j.left.changes.b
	rows := &KStream[K, O]{b: b, node: j.Resolve, key: left.key, value: serdeOf[O](b, operator, o.value, nil)}
	b.graph.AddSource(topology.Source{Name: j.AnswerSource, Topic: j.Answers, Internal: true,
		New: func(ctx topology.Context) topology.Handler {
			r := &join.Resolver[K, L, R, O]{Context: ctx, Left: j.leftJoin, Get: left.getter(ctx), Key: left.key,
				Value: left.value, Right: j.right.value, Owe: j.subscriber(ctx).Owe, Join: j.join,
				Next: rows.instantiate(ctx)}
			return r.Process
		}})
	copartition(b, left.changes.node, j.AnswerSource)
	b.graph.AddProcessor(topology.Processor{Name: j.Resolve, Stores: left.stores()}, j.AnswerSource)
	return rowsOf(rows, j.Result, b.rowStore(o, "KTABLE-FK-JOIN-OUTPUT"), o)
}
