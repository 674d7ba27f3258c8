package streams

import (
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"time"

	"github.com/suiro/suiro/streams/internal/codec"
	"github.com/suiro/suiro/streams/internal/mistakes"
	"github.com/suiro/suiro/streams/internal/naming"
	"github.com/suiro/suiro/streams/internal/node"
	"github.com/suiro/suiro/streams/topology"
)

// Builder collects the nodes of a topology. It is used by one goroutine. Build reports all
// mistakes together, with the file and line of those that one call has made.
type Builder struct {
	graph topology.Graph
	names naming.Names
	// tables are the stores of aggregates.
	tables map[string]bool
	// graces are how long after their end windows take records, by the nodes that have them.
	graces map[string]time.Duration
	// shared are the sources of streams, by their topics.
	shared map[string]*node.Shared
	// late is done when the topology is complete.
	late     []func()
	mistakes mistakes.List
}

// NewBuilder returns an empty Builder.
func NewBuilder() *Builder {
	return &Builder{tables: map[string]bool{}, graces: map[string]time.Duration{}, shared: map[string]*node.Shared{}}
}

// Build checks the topology and returns it.
func (b *Builder) Build() (*topology.Topology, error) {
	b.mistakes.Complete()
	for _, f := range b.late {
		f()
	}
	b.late = nil
	t, err := b.graph.Build()
	if wrong := b.mistakes.Errors(); len(wrong) > 0 {
		return nil, fmt.Errorf("build topology: %w", errors.Join(append(wrong, errors.Unwrap(err))...))
	}
	return t, err
}

// store checks the name of a store, or makes one, which changes with the nodes before it.
// Another table in the store would overwrite this one.
func (b *Builder) store(name, kind string) string {
	if name == "" {
		name = b.names.Next(kind + "-STATE-STORE")
	}
	if b.tables[name] {
		b.fail("two tables keep their values in store %q: give each its own", name)
	}
	b.tables[name] = true
	return name
}

// KStream is a stream of records. Each operator returns a new stream. A stream may
// have any number of operators and sinks below it, and each of them sees every
// record.
type KStream[K, V any] struct {
	b        *Builder
	node     string
	rekeyed  string   // the node that may have changed the key since the last topic, if any
	key      Serde[K] // nil when it is not known
	value    Serde[V] // nil when it is not known
	children []func(topology.Context) handler[K, V]
	shared   *node.Shared // the source, when s is right below it
	number   int          // of s in shared
	relax    func()       // lets records without a key through the repartition topics above; nil when there are none
}

// Stream reads a topic. Records that the serdes cannot decode are rejected. Several streams
// may read the same topics, each with Serdes of its own: they share a source, whose options
// are those of the first one. A record that one of them rejects writes nothing for the others.
//
// It takes [Named], [WithTimestamps] and [WithOffsetReset].
func Stream[K, V any](b *Builder, topic string, key Serde[K], value Serde[V], opts ...Option) *KStream[K, V] {
	return read(b, "Stream", topology.Source{Topic: topic}, key, value, opts)
}

// StreamTopics reads several topics, which must be co-partitioned if that matters below. It
// is otherwise as [Stream], with the same options.
func StreamTopics[K, V any](b *Builder, topics []string, key Serde[K], value Serde[V], opts ...Option) *KStream[K, V] {
	return read(b, "StreamTopics", topology.Source{Topics: topics}, key, value, opts)
}

// StreamPattern reads all topics whose whole names match a pattern, also those that appear
// later. It is otherwise as [Stream], with the same options.
func StreamPattern[K, V any](b *Builder, pattern *regexp.Regexp, key Serde[K], value Serde[V],
	opts ...Option) *KStream[K, V] {
	return read(b, "StreamPattern", topology.Source{Pattern: pattern}, key, value, opts)
}

func read[K, V any](b *Builder, operator string, from topology.Source, key Serde[K], value Serde[V],
	opts []Option) *KStream[K, V] {
	o := b.need(key, value).options(operator, opts, isNamed, isExtractor, isReset)
	from.Name, from.Reset = b.name(o, "KSTREAM-SOURCE"), o.reset
	from.Timestamp = timestampsOf(b, operator, o, key, value)
	topics := fmt.Sprint(from.Reads(), from.Pattern)
	shared := b.shared[topics]
	if shared == nil {
		shared = &node.Shared{Name: from.Name, Reset: from.Reset}
		b.shared[topics] = shared
		from.New = shared.New
		b.graph.AddSource(from)
	} else if from.Timestamp != nil || from.Reset != shared.Reset {
		b.fail("%s reads topics that are read already, with other options: give WithTimestamps and WithOffsetReset where "+
			"they are read first", operator)
	}
	s := &KStream[K, V]{b: b, node: shared.Name, key: key, value: value, shared: shared}
	if s.number = shared.Add(s.member); s.number == 0 {
		shared.One = s.handler
	}
	return s
}

// timestampsOf returns the function of an option, nil for none.
func timestampsOf[K, V any](b *Builder, operator string, o options, key Serde[K],
	value Serde[V]) func(*topology.Record, int64) (int64, error) {
	if o.extractor == nil {
		return nil
	}
	extract, ok := o.extractor.(func(*Record[K, V], time.Time) (time.Time, error))
	if !ok {
		b.fail("%s was given a function of timestamps %T: its records have keys of %v and values of %v", operator,
			o.extractor, reflect.TypeFor[K](), reflect.TypeFor[V]())
		return nil
	}
	return codec.Timestamps(extract, key, value)
}

func source[K, V any](b *Builder, from topology.Source, key Serde[K], value Serde[V]) *KStream[K, V] {
	s := &KStream[K, V]{b: b, node: from.Name, key: key, value: value}
	from.New = s.handler
	b.graph.AddSource(from)
	return s
}

// handler makes the handler of a source in one task.
func (s *KStream[K, V]) handler(ctx topology.Context) topology.Handler {
	return codec.Decode(s.instantiate(ctx), s.key, s.value)
}

// member is the stream in one task when others read its topic too.
func (s *KStream[K, V]) member() node.Member {
	var read Record[K, V]
	return node.Member{
		Read: codec.Decode(func(r *Record[K, V]) error { read = *r; return nil }, s.key, s.value),
		Child: func(ctx topology.Context, i int) func() error {
			h := s.children[i](ctx)
			return func() error {
				one := read
				one.Headers = slices.Clone(read.Headers)
				return h(&one)
			}
		},
	}
}

// child adds what makes a node below s.
func (s *KStream[K, V]) child(make func(topology.Context) handler[K, V]) {
	s.children = append(s.children, make)
	s.shared.Child(s.number)
}

// instantiate makes what is below s for one task. Each child has a record of its own,
// which it may change.
func (s *KStream[K, V]) instantiate(ctx topology.Context) handler[K, V] {
	next, _ := s.below(ctx)
	return next
}

// below makes what is below s for one task, also by the names of the nodes.
func (s *KStream[K, V]) below(ctx topology.Context) (handler[K, V], map[string]node.Handler[K, V]) {
	handlers := make([]handler[K, V], len(s.children))
	named := map[string]node.Handler[K, V]{}
	names := s.b.graph.Children(s.node)
	for i, child := range slices.Backward(s.children) { // see makeNodes of package task
		handlers[i] = child(ctx)
		if len(names) == len(s.children) {
			handlers[i] = inNode(names[i], handlers[i])
			named[names[i]] = handlers[i]
		}
	}
	switch len(handlers) {
	case 0:
		return func(*Record[K, V]) error { return nil }, named
	case 1:
		return handlers[0], named
	}
	return node.Each(handlers), named
}

// inNode puts the name of the node into the errors of its handler.
func inNode[K, V any](name string, next handler[K, V]) handler[K, V] {
	return func(r *Record[K, V]) error {
		if err := next(r); err != nil {
			return topology.In(name, err)
		}
		return nil
	}
}

// attachRekeying is attach for a node that may change the key.
func attachRekeying[K, V, K2, V2 any](s *KStream[K, V], name string, stores []topology.Store,
	build func(ctx topology.Context, next handler[K2, V2]) handler[K, V]) *KStream[K2, V2] {
	out := attach(s, name, stores, build)
	out.rekeyed = out.node
	return out
}

// attach adds the named node below s. build returns the handler of the node in one task,
// given the handler of what is below the node.
func attach[K, V, K2, V2 any](s *KStream[K, V], name string, stores []topology.Store,
	build func(ctx topology.Context, next handler[K2, V2]) handler[K, V]) *KStream[K2, V2] {
	out := &KStream[K2, V2]{b: s.b, node: name, rekeyed: s.rekeyed, relax: s.relax}
	s.b.graph.AddProcessor(topology.Processor{Name: out.node, Stores: stores}, s.node)
	s.child(func(ctx topology.Context) handler[K, V] {
		return build(ctx, out.instantiate(ctx))
	})
	return out
}
