package streams

import (
	"cmp"
	"fmt"

	"github.com/suiro/suiro/streams/internal/stateless"
	"github.com/suiro/suiro/streams/topology"
)

// BranchedKStream divides a stream into branches.
type BranchedKStream[K, V any] struct {
	from  *KStream[K, V]
	name  string
	tests []func(K, V) bool
	outs  []*KStream[K, V]
	rest  *KStream[K, V]
}

// Branch returns the stream of the records that pass the test and none before it. It takes
// [Named].
func (b *BranchedKStream[K, V]) Branch(test func(key K, value V) bool, opts ...Option) *KStream[K, V] {
	out := b.child("Branch", len(b.tests)+1, test, opts)
	b.tests, b.outs = append(b.tests, test), append(b.outs, out)
	return out
}

// Default returns the stream of the records that pass no test; it may be called once. It
// takes [Named].
func (b *BranchedKStream[K, V]) Default(opts ...Option) *KStream[K, V] {
	if b.rest != nil {
		b.from.b.fail("node %s has two default branches: ask for it once", b.name)
	}
	b.rest = b.child("Default", 0, not[K, V], opts)
	return b.rest
}

// child adds the node of a branch. Kafka Streams takes a number for it and does not use it.
func (b *BranchedKStream[K, V]) child(operator string, i int, test any, opts []Option) *KStream[K, V] {
	s := b.from
	o := s.b.need(test).options(operator, opts, isNamed)
	s.b.names.Next(operator)
	name := b.name + cmp.Or(o.name, fmt.Sprint(i))
	s.b.graph.AddProcessor(topology.Processor{Name: name}, b.name)
	return &KStream[K, V]{b: s.b, node: name, rekeyed: s.rekeyed, key: s.key, value: s.value}
}

// instantiate makes the splitter and the branches for one task.
func (b *BranchedKStream[K, V]) instantiate(ctx topology.Context) handler[K, V] {
	next := make([]handler[K, V], len(b.outs))
	for i, out := range b.outs {
		next[i] = out.instantiate(ctx)
	}
	rest := func(*Record[K, V]) error { return nil }
	if b.rest != nil {
		rest = b.rest.instantiate(ctx)
	}
	return stateless.Branch(b.tests, next, rest)
}
