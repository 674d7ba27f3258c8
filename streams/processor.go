package streams

import (
	"github.com/suiro/suiro/stores/kinds"
	"github.com/suiro/suiro/streams/internal/processor"
	"github.com/suiro/suiro/streams/topology"
)

// Context is what a task offers a processor, which forwards records of K and V. It belongs
// to the task's goroutine.
type Context[K, V any] = processor.Context[K, V]

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
	out := process(s, "Process", "KSTREAM-PROCESSOR", opts, func(c *Context[K2, V2]) handler[K, V] {
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
	out := process(s, "ProcessValues", "KSTREAM-PROCESSVALUES", opts, func(c *Context[K, V2]) handler[K, V] {
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

func process[K, V, K2, V2 any](s *KStream[K, V], operator, kind string, opts []Option,
	build func(c *Context[K2, V2]) handler[K, V]) *KStream[K2, V2] {
	b := s.b
	o := b.options(operator, opts, isNamed, isStores)
	name := o.name
	if name == "" {
		name = b.names.Next(kind) // in Kafka Streams a processor with a name takes no number
	}
	out := &KStream[K2, V2]{b: b, node: name}
	var own []topology.Store
	for _, store := range o.stores {
		own = append(own, store.declared(b))
	}
	b.graph.AddProcessor(topology.Processor{Name: out.node, Stores: own}, s.node)
	s.children = append(s.children, func(ctx topology.Context) handler[K, V] {
		next, below := out.below(ctx)
		return build(processor.New(ctx, out.node, next, below))
	})
	return out
}

// Store is a store that a processor may use; see [WithStores].
type Store interface {
	declared(b *Builder) topology.Store
}

// WithStores names the stores that a processor opens.
func WithStores(stores ...Store) Option {
	return Option{isStores, func(o *options) { o.stores = append(o.stores, stores...) }}
}

// task is a [Context] of any type.
type task interface{ Task() topology.Context }

// KeyValueStore is a key-value store of processors. Processors that name the same store
// share it, within a task. An abort undoes what they wrote since the last commit.
type KeyValueStore[K, V any] struct {
	name  string
	key   Serde[K]
	value Serde[V]
	opts  []Option
}

// KeyValue is a [KeyValueStore] in one task.
type KeyValue[K, V any] = processor.KeyValue[K, V]

// NewKeyValueStore declares a key-value store. It takes [WithoutLogging].
func NewKeyValueStore[K, V any](name string, key Serde[K], value Serde[V], opts ...Option) *KeyValueStore[K, V] {
	return &KeyValueStore[K, V]{name, key, value, opts}
}

func (s *KeyValueStore[K, V]) declared(b *Builder) topology.Store {
	o := b.options("NewKeyValueStore", s.opts, isWithoutLogging)
	return topology.Store{Spec: kinds.Spec{Name: s.name, Kind: kinds.KeyValue}, NoChangelog: o.withoutLogging}
}

// Open returns the store in the task of ctx. It panics if [WithStores] does not name it.
func (s *KeyValueStore[K, V]) Open(ctx task) *KeyValue[K, V] {
	return processor.OpenKeyValue(ctx.Task(), s.name, s.key, s.value)
}

// TableRows is the store of a table in one task; see [StoreOf].
type TableRows[K, V any] = processor.Rows[K, V]

// TableStore is the store of a table, for processors to read.
type TableStore[K, V any] struct{ t *KTable[K, V] }

// StoreOf returns the store of a table, for processors to read: they see what the table is
// so far, also what is not committed. The table gets a store if it could do without one; one
// that is made of another table row by row must have been given a name.
func StoreOf[K, V any](t *KTable[K, V]) *TableStore[K, V] {
	if t.kept == nil || t.kept.Store.Kind != kinds.Timestamped {
		t.changes.b.fail("node %s: a processor needs the store of the table, which has none by key: pass StoreName",
			t.changes.node)
		return &TableStore[K, V]{t}
	}
	t.stored = true
	return &TableStore[K, V]{t}
}

func (s *TableStore[K, V]) declared(*Builder) topology.Store {
	if s.t.kept == nil {
		return topology.Store{}
	}
	return s.t.kept.Store
}

// Open returns the table's rows in the task of ctx. It panics if [WithStores] does not name
// the store.
func (s *TableStore[K, V]) Open(ctx task) *TableRows[K, V] {
	return processor.NewRows(s.t.kept.Open(ctx.Task()), s.t.key)
}
