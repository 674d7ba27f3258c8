package streams

import (
	"time"

	"github.com/suiro/suiro/streams/internal/join"
	"github.com/suiro/suiro/streams/topology"
)

// JoinTable joins each record of a stream with the row that a table has for its key when
// the record comes; later changes of the table make no records. A table with versions (see
// [Versioned]) is asked for the row that was valid at the record's timestamp. Records for
// which the table has no row are left out, as are those without a key or value, which count
// as dropped. Both topics must be partitioned in the same way; a stream whose keys may have
// changed goes through a repartition topic first, for which the Serdes are needed.
//
// It takes [Named], [KeySerde], [ValueSerde] and [WithGracePeriod].
func JoinTable[K, L, R, O any](s *KStream[K, L], t *KTable[K, R], joiner func(left L, right R) (O, error),
	opts ...Option) *KStream[K, O] {
	return joinTable(s, t, join.Inner(joiner), tableLookup{operator: "JoinTable", kind: "KSTREAM-JOIN"}, opts)
}

// LeftJoinTable is [JoinTable] that keeps the records for which the table has no row, also
// those without a key: joiner gets nil for it.
func LeftJoinTable[K, L, R, O any](s *KStream[K, L], t *KTable[K, R], joiner func(left L, right *R) (O, error),
	opts ...Option) *KStream[K, O] {
	return joinTable(s, t, join.Left(joiner), tableLookup{"LeftJoinTable", "KSTREAM-LEFTJOIN", true}, opts)
}

// WithGracePeriod makes a join of a stream with a table hold each record back until the
// latest timestamp of the stream has passed the record's by grace, so that rows which come
// late are joined too (KIP-923). Records come out in the order of their timestamps; one that
// comes later than the grace is joined at once. They wait in a store with a changelog, for
// which the Serdes of the stream are needed. The table must be [Versioned], with a history
// that is not shorter. Default: each record is joined when it comes.
func WithGracePeriod(grace time.Duration) Option {
	return Option{isGrace, func(o *options) { o.grace = &grace }}
}

// tableLookup is what a join of a stream with a table is called.
type tableLookup struct {
	operator, kind string
	left           bool
}

func joinTable[K, L, R, O any](s *KStream[K, L], t *KTable[K, R], joiner join.Joiner[L, R, O], as tableLookup,
	opts []Option) *KStream[K, O] {
	b := s.b
	o := b.need(joiner).options(as.operator, opts, isNamed, isKeySerde, isValueSerde, isGrace)
	key, value := serdeOf(b, as.operator, o.key, s.key), serdeOf(b, as.operator, o.value, s.value)
	s = partitionedFor(s, o.name, "", key, value)
	copartition(b, s.node, t.changes.node)
	if as.left {
		relaxAll(s.relax)
	}
	name := b.name(o, as.kind)
	stores := t.stores()
	waiting := join.BufferSpec(name + "-Buffer")
	if o.grace != nil {
		spec, ok := t.versions()
		if err := join.CheckGrace(*o.grace, spec, ok, key == nil || value == nil); err != nil {
			b.fail("%s with a grace period of %v: %w", as.operator, *o.grace, err)
		}
		stores = append(stores, topology.Store{Spec: waiting, Place: topology.OnDisk})
	}
	out := attach(s, name, stores, func(ctx topology.Context, next handler[K, O]) handler[K, L] {
		l := &join.Lookup[K, L, R, O]{Context: ctx, Left: as.left, Join: joiner, Next: next,
			Find: join.FindIn[L](t.getter(ctx), t.asOf(ctx))}
		if o.grace != nil {
			l.Buffer = join.NewBuffer(ctx, waiting.Name, o.grace.Milliseconds(), key, value)
		}
		return l.Process
	})
	out.key = key
	return out
}

// copartition notes that the topics which nodes come from must be partitioned in the same
// way.
func copartition(b *Builder, nodes ...string) {
	var sources []string
	for _, n := range nodes {
		sources = append(sources, b.graph.Sources(n)...)
	}
	b.graph.Copartition(sources...)
}
