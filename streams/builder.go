package streams

import (
	"errors"
	"fmt"

	"github.com/suiro/suiro/streams/internal/naming"
	"github.com/suiro/suiro/streams/serdes"
	"github.com/suiro/suiro/streams/topology"
)

// Builder collects the nodes of a topology. It is used by one goroutine. Build
// reports all mistakes together.
type Builder struct {
	graph topology.Graph
	names naming.Names
	// tables are the stores of aggregates.
	tables map[string]bool
	errs   []error
}

// NewBuilder returns an empty Builder.
func NewBuilder() *Builder { return &Builder{tables: map[string]bool{}} }

// Build checks the topology and returns it.
func (b *Builder) Build() (*topology.Topology, error) {
	if len(b.errs) > 0 {
		return nil, fmt.Errorf("build topology: %w", errors.Join(b.errs...))
	}
	return b.graph.Build()
}

// KStream is a stream of records. Each operator returns a new stream. A stream may
// have any number of operators and sinks below it, and each of them sees every
// record.
type KStream[K, V any] struct {
	b        *Builder
	node     string
	rekeyed  string // the node that may have changed the key since the last topic, if any
	children []func(topology.Context) handler[K, V]
}

// Stream reads a topic. Records that the serdes cannot decode are rejected.
func Stream[K, V any](b *Builder, topic string, key Serde[K], value Serde[V]) *KStream[K, V] {
	return source(b, topology.Source{Name: b.names.Next("KSTREAM-SOURCE"), Topic: topic}, key, value)
}

func source[K, V any](b *Builder, from topology.Source, key Serde[K], value Serde[V]) *KStream[K, V] {
	s := &KStream[K, V]{b: b, node: from.Name}
	from.New = func(ctx topology.Context) topology.Handler { return decode(s.instantiate(ctx), key, value) }
	b.graph.AddSource(from)
	return s
}

// decode returns the handler of a source.
func decode[K, V any](next handler[K, V], key Serde[K], value Serde[V]) topology.Handler {
	var out Record[K, V]
	readKey, readValue := serdes.Reader(key), serdes.Reader(value)
	return func(r *topology.Record) (err error) {
		if out.Key, err = readKey(r.Topic, r.Headers, r.Key); err != nil {
			return &topology.Rejection{Stage: topology.Deserialization, Err: fmt.Errorf("key: %w", err)}
		}
		if out.Value, err = readValue(r.Topic, r.Headers, r.Value); err != nil {
			return &topology.Rejection{Stage: topology.Deserialization, Err: fmt.Errorf("value: %w", err)}
		}
		out.Timestamp, out.Headers = r.Timestamp, r.Headers
		return next(&out)
	}
}

// instantiate makes what is below s for one task.
func (s *KStream[K, V]) instantiate(ctx topology.Context) handler[K, V] {
	handlers := make([]handler[K, V], len(s.children))
	for i, child := range s.children {
		handlers[i] = child(ctx)
	}
	switch len(handlers) {
	case 0:
		return func(*Record[K, V]) error { return nil }
	case 1:
		return handlers[0]
	}
	return func(r *Record[K, V]) error {
		for _, h := range handlers {
			if err := h(r); err != nil {
				return err
			}
		}
		return nil
	}
}

// attachRekeying is attach for a node that may change the key.
func attachRekeying[K, V, K2, V2 any](s *KStream[K, V], node string, stores []topology.Store,
	build func(ctx topology.Context, next handler[K2, V2]) handler[K, V]) *KStream[K2, V2] {
	out := attach(s, node, stores, build)
	out.rekeyed = out.node
	return out
}

// attach adds the named node below s. build returns the handler of the node in one task,
// given the handler of what is below the node.
func attach[K, V, K2, V2 any](s *KStream[K, V], node string, stores []topology.Store,
	build func(ctx topology.Context, next handler[K2, V2]) handler[K, V]) *KStream[K2, V2] {
	out := &KStream[K2, V2]{b: s.b, node: node, rekeyed: s.rekeyed}
	s.b.graph.AddProcessor(topology.Processor{Name: out.node, Stores: stores}, s.node)
	s.children = append(s.children, func(ctx topology.Context) handler[K, V] {
		return build(ctx, out.instantiate(ctx))
	})
	return out
}
