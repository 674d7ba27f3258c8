package streams

import (
	"cmp"
	"time"

	"github.com/suiro/suiro/stores/kinds"
	"github.com/suiro/suiro/streams/internal/join"
	"github.com/suiro/suiro/streams/internal/naming"
	"github.com/suiro/suiro/streams/internal/spans"
	"github.com/suiro/suiro/streams/topology"
)

// JoinWindows say which records of two streams belong together: those of equal keys whose
// timestamps are close enough. [TimeDifference] makes those that look as far ahead as back.
type JoinWindows struct {
	// Before is how much earlier than the left record the right one may be. Default: not
	// at all.
	Before time.Duration
	// After is how much later than the left record the right one may be. Default: not at
	// all.
	After time.Duration
	// Grace is how much later than the end of its window a record may come and still join.
	// Records that have met no other come when it is over. Default: not at all.
	Grace time.Duration
}

// TimeDifference returns the JoinWindows of records that are at most a difference apart, in
// either direction, as Kafka Streams' ofTimeDifferenceAndGrace.
func TimeDifference(difference, grace time.Duration) JoinWindows {
	return JoinWindows{Before: difference, After: difference, Grace: grace}
}

func (w JoinWindows) millis() (join.Windows, error) { return spans.Join(w.Before, w.After, w.Grace) }

// streamJoin is a join of two streams that is being added.
type streamJoin[K, L, R, O any] struct {
	left    *KStream[K, L]
	right   *KStream[K, R]
	windows JoinWindows
	outerL  bool // left records that have met no other are emitted
	outerR  bool // and right ones
	join    join.Joiner[L, R, O]
	key     Serde[K]
	lefts   Serde[L]
	rights  Serde[R]
	options
}

// add adds the join.
func (j *streamJoin[K, L, R, O]) add(operator string, opts []Option) *KStream[K, O] {
	b := j.left.b
	j.options = b.need(j.join, j.key, j.lefts, j.rights).options(operator, opts, isNamed, isStoreName,
		isWithoutLogging, isWithLogging, isInMemory, isOnDisk)
	if _, err := j.windows.millis(); err != nil {
		b.mistakes.Add(err)
		j.windows = TimeDifference(time.Second, 0)
	}
	j.left = partitionedFor(j.left, j.name, "-left", j.key, j.lefts)
	j.right = partitionedFor(j.right, j.name, "-right", j.key, j.rights)
	copartition(b, j.left.node, j.right.node)
	n := b.names.StreamJoin(j.name, j.store, j.outerL, j.outerR)
	o := j.made(n)
	leftSpec, rightSpec, waiting := o.Specs()
	store := func(specs ...kinds.Spec) (out []topology.Store) {
		for _, s := range specs {
			out = append(out, j.kept(topology.Store{Spec: s, Size: j.windows.Before + j.windows.After}))
		}
		return out
	}
	b.graph.AddProcessor(topology.Processor{Name: n.LeftWindowed, Stores: store(leftSpec)}, j.left.node)
	b.graph.AddProcessor(topology.Processor{Name: n.RightWindowed, Stores: store(rightSpec)}, j.right.node)
	b.graph.AddProcessor(topology.Processor{Name: n.Left, Stores: store(append([]kinds.Spec{rightSpec}, waiting...)...)},
		n.LeftWindowed)
	b.graph.AddProcessor(topology.Processor{Name: n.Right, Stores: store(append([]kinds.Spec{leftSpec}, waiting...)...)},
		n.RightWindowed)
	b.graph.AddProcessor(topology.Processor{Name: n.Merge}, n.Left, n.Right)

	left, right := j.left.relax, j.right.relax
	out := &KStream[K, O]{b: b, node: n.Merge, key: j.key, relax: func() { relaxAll(left, right) }}
	if j.outerL {
		out.relax()
	}
	once := func(ctx topology.Context) *join.Streams[K, L, R, O] {
		made := ctx.Once(n.Merge, func() any { return join.NewStreams(ctx, o, out.instantiate(ctx)) })
		return made.(*join.Streams[K, L, R, O])
	}
	j.left.child(func(ctx topology.Context) handler[K, L] { return once(ctx).Left })
	j.right.child(func(ctx topology.Context) handler[K, R] { return once(ctx).Right })
	return out
}

func (j *streamJoin[K, L, R, O]) made(n naming.StreamJoin) join.StreamOptions[K, L, R, O] {
	windows, _ := j.windows.millis() // whose error was noted before
	return join.StreamOptions[K, L, R, O]{Windows: windows, OuterLeft: j.outerL, OuterRight: j.outerR,
		LeftStore: n.LeftStore, RightStore: n.RightStore, Waiting: n.Waiting,
		Key: j.key, Left: j.lefts, Right: j.rights, Join: j.join}
}

// partitionedFor returns a stream whose equal keys are in one partition: s, or s through a
// repartition topic.
func partitionedFor[K, V any](s *KStream[K, V], name, suffix string, key Serde[K], value Serde[V]) *KStream[K, V] {
	if s.rekeyed == "" {
		return s
	}
	if key == nil || value == nil {
		s.b.fail("join below %s: %s may have changed the keys, so that the stream goes through a repartition topic, and the "+
			"Serde of its keys or values is not known: pass KeySerde and ValueSerde, or if the keys did not change, call "+
			"MarkAsPartitioned", s.node, s.rekeyed)
		key, value = unknown[K](), unknown[V]()
	}
	if name != "" {
		name += suffix
	}
	return through(s, s.b.names.Repartition(cmp.Or(name, s.node)), key, value)
}

// Join joins two streams: each two records of one key whose timestamps are as close as
// windows says make a record, with the larger of their timestamps. Records without a key
// or value are dropped. Both topics must be partitioned in the same way; a stream whose
// keys may have changed goes through a repartition topic first.
//
// Each side keeps its records in a store for as long as the window and the grace, so that
// what comes within the grace still joins. It takes [Named], [StoreName], [WithLogging],
// [WithoutLogging], [InMemory] and [OnDisk].
func Join[K, L, R, O any](left *KStream[K, L], right *KStream[K, R], windows JoinWindows,
	joiner func(left L, right R) (O, error), key Serde[K], lefts Serde[L], rights Serde[R], opts ...Option,
) *KStream[K, O] {
	j := streamJoin[K, L, R, O]{left: left, right: right, windows: windows, join: join.Inner(joiner),
		key: key, lefts: lefts, rights: rights}
	return j.add("Join", opts)
}

// LeftJoin is [Join] that keeps the records of the left stream which meet no other: they
// come with nil for the right one, when a later record of either stream has moved the time
// past their window and the grace. A left record without a key is joined with nil at once.
func LeftJoin[K, L, R, O any](left *KStream[K, L], right *KStream[K, R], windows JoinWindows,
	joiner func(left L, right *R) (O, error), key Serde[K], lefts Serde[L], rights Serde[R], opts ...Option,
) *KStream[K, O] {
	j := streamJoin[K, L, R, O]{left: left, right: right, windows: windows, join: join.Left(joiner), outerL: true,
		key: key, lefts: lefts, rights: rights}
	return j.add("LeftJoin", opts)
}

// OuterJoin is [LeftJoin] that keeps the records of both streams: joiner gets nil for the
// one that is missing.
func OuterJoin[K, L, R, O any](left *KStream[K, L], right *KStream[K, R], windows JoinWindows,
	joiner func(left *L, right *R) (O, error), key Serde[K], lefts Serde[L], rights Serde[R], opts ...Option,
) *KStream[K, O] {
	j := streamJoin[K, L, R, O]{left: left, right: right, windows: windows, join: join.Outer(joiner), outerL: true,
		outerR: true, key: key, lefts: lefts, rights: rights}
	return j.add("OuterJoin", opts)
}
