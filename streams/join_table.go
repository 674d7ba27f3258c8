package streams

import (
	"github.com/suiro/suiro/streams/internal/join"
	"github.com/suiro/suiro/streams/topology"
)

// JoinTable joins each record of a stream with the row that a table has for its key when
// the record comes; later changes of the table make no records. Records for which the
// table has no row are left out, as are those without a key or value, which count as
// dropped. Both topics must be partitioned in the same way; a stream whose keys may have
// changed goes through a repartition topic first, for which the Serdes are needed.
//
// It takes [Named], [KeySerde] and [ValueSerde].
func JoinTable[K, L, R, O any](s *KStream[K, L], t *KTable[K, R], joiner func(left L, right R) (O, error),
	opts ...Option) *KStream[K, O] {
	return joinTable(s, t, join.Inner(joiner), tableLookup{"JoinTable", "KSTREAM-JOIN", false}, opts)
}

// LeftJoinTable is [JoinTable] that keeps the records for which the table has no row, also
// those without a key: joiner gets nil for it.
func LeftJoinTable[K, L, R, O any](s *KStream[K, L], t *KTable[K, R], joiner func(left L, right *R) (O, error),
	opts ...Option) *KStream[K, O] {
	return joinTable(s, t, join.Left(joiner), tableLookup{"LeftJoinTable", "KSTREAM-LEFTJOIN", true}, opts)
}

// tableLookup is what a join of a stream with a table is called.
type tableLookup struct {
	operator, kind string
	left           bool
}

func joinTable[K, L, R, O any](s *KStream[K, L], t *KTable[K, R], joiner join.Joiner[L, R, O], as tableLookup,
	opts []Option) *KStream[K, O] {
	b := s.b
	o := b.options(as.operator, opts, isNamed, isKeySerde, isValueSerde)
	key := serdeOf(b, as.operator, o.key, s.key)
	s = partitionedFor(s, o.name, "", key, serdeOf(b, as.operator, o.value, s.value))
	copartition(b, s.node, t.changes.node)
	if as.left {
		relaxAll(s.relax)
	}
	name := b.name(o, as.kind)
	out := attach(s, name, t.stores(), func(ctx topology.Context, next handler[K, O]) handler[K, L] {
		rows := t.getter(ctx)
		l := &join.Lookup[K, L, R, O]{Context: ctx, Left: as.left, Join: joiner, Next: next,
			Find: func(r *Record[K, L]) (found join.Found[R], err error) {
				if r.KeyIsNull() {
					return join.Found[R]{Keyless: true}, nil
				}
				row, err := rows(r.Key)
				return join.Found[R]{Value: row.Value, OK: row.Found}, err
			}}
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
