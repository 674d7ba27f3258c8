package streams

import (
	"github.com/suiro/suiro/streams/internal/processor"
	"github.com/suiro/suiro/streams/topology"
)

// Context is what a task offers a processor, which forwards records of K and V. It belongs
// to the task's goroutine.
type Context[K, V any] = processor.Context[K, V]

// NodeContext is what a task offers the function of a [TransformTable]: what a [Context] has,
// but for forwarding. It belongs to the task's goroutine.
type NodeContext = processor.Node

// PunctuationType says which time [Context.Schedule] follows.
type PunctuationType = topology.PunctuationType

// The types of punctuation.
const (
	// StreamTime is the largest timestamp of the task's records.
	StreamTime = topology.StreamTime
	// WallClockTime is the time of the clock.
	WallClockTime = topology.WallClockTime
)

// Processor is a node that the user writes, in one task. It is called from the task's
// goroutine only.
type Processor[K, V any] interface {
	// Process takes a record. An error stops the app, unless [Reject] made it.
	Process(r *Record[K, V]) error
	// Close is called when the task ends, after the last record.
	Close()
}

// ProcessorFunc is a Processor that has nothing to close.
type ProcessorFunc[K, V any] func(r *Record[K, V]) error

// Process calls f.
func (f ProcessorFunc[K, V]) Process(r *Record[K, V]) error { return f(r) }

// Close does nothing.
func (f ProcessorFunc[K, V]) Close() {}

// Process adds a node that the user writes. build is called once for each task, so that
// each task has variables of its own; it opens the stores that the option [WithStores]
// names. State outside the stores is lost when a task moves, and it is not rolled back when
// an epoch is aborted. The node may change keys, so that what depends on the key below it
// is repartitioned first, unless [KStream.MarkAsPartitioned] says otherwise.
//
// It takes [Named] and [WithStores].
func Process[K, V, K2, V2 any](s *KStream[K, V], build func(ctx *Context[K2, V2]) Processor[K, V],
	opts ...Option) *KStream[K2, V2] {
	out := process(s, "Process", "KSTREAM-PROCESSOR", build, opts, func(c *Context[K2, V2]) handler[K, V] {
		p := build(c)
		c.OnClose(p.Close)
		return p.Process
	})
	out.rekeyed = out.node
	return out
}

// ProcessValues is [Process] for a node that leaves keys alone: what it forwards has the
// key of the record in process, whatever it says. So nothing is repartitioned below it.
func ProcessValues[K, V, V2 any](s *KStream[K, V], build func(ctx *Context[K, V2]) Processor[K, V],
	opts ...Option) *KStream[K, V2] {
	out := process(s, "ProcessValues", "KSTREAM-PROCESSVALUES", build, opts, func(c *Context[K, V2]) handler[K, V] {
		p := build(c)
		c.OnClose(p.Close)
		var key K
		var null bool
		c.Fix(func(r *Record[K, V2]) { r.Key, r.NullKey = key, null })
		return func(r *Record[K, V]) error {
			key, null = r.Key, r.NullKey
			return p.Process(r)
		}
	})
	out.key, out.rekeyed = s.key, s.rekeyed
	return out
}

func process[K, V, K2, V2 any](s *KStream[K, V], operator, kind string, given any, opts []Option,
	build func(c *Context[K2, V2]) handler[K, V]) *KStream[K2, V2] {
	b := s.b
	o := b.need(given).options(operator, opts, isNamed, isStores)
	name := o.name
	if name == "" {
		name = b.names.Next(kind) // in Kafka Streams a processor with a name takes no number
	}
	out := &KStream[K2, V2]{b: b, node: name}
	b.graph.AddProcessor(topology.Processor{Name: out.node, Stores: declared(b, o.stores)}, s.node)
	s.child(func(ctx topology.Context) handler[K, V] {
		next, below := out.below(ctx)
		return build(processor.New(ctx, out.node, next, below))
	})
	return out
}
