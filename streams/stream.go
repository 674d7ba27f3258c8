package streams

import (
	"cmp"
	"fmt"

	"github.com/suiro/suiro/streams/internal/naming"
	"github.com/suiro/suiro/streams/serdes"
	"github.com/suiro/suiro/streams/topology"
)

// Filter keeps the records for which keep returns true.
func (s *KStream[K, V]) Filter(keep func(key K, value V) bool) *KStream[K, V] {
	return attach(s, s.b.names.Next("KSTREAM-FILTER"), nil, func(_ topology.Context, next handler[K, V]) handler[K, V] {
		return func(r *Record[K, V]) error {
			if !keep(r.Key, r.Value) {
				return nil
			}
			return next(r)
		}
	})
}

// FilterNot keeps the records for which drop returns false.
func (s *KStream[K, V]) FilterNot(drop func(key K, value V) bool) *KStream[K, V] {
	return s.Filter(func(key K, value V) bool { return !drop(key, value) })
}

// Peek calls see with each record and passes it on.
func (s *KStream[K, V]) Peek(see func(key K, value V)) *KStream[K, V] {
	return attach(s, s.b.names.Next("KSTREAM-PEEK"), nil, func(_ topology.Context, next handler[K, V]) handler[K, V] {
		return func(r *Record[K, V]) error {
			see(r.Key, r.Value)
			return next(r)
		}
	})
}

// Merge returns a stream of the records of both streams. Both must come from the
// same source topic, as a subtopology reads one topic.
func (s *KStream[K, V]) Merge(other *KStream[K, V]) *KStream[K, V] {
	out := &KStream[K, V]{b: s.b, node: s.b.names.Next("KSTREAM-MERGE"), rekeyed: cmp.Or(s.rekeyed, other.rekeyed)}
	s.b.graph.AddProcessor(topology.Processor{Name: out.node}, s.node, other.node)
	once := func(ctx topology.Context) handler[K, V] {
		return ctx.Once(out.node, func() any { return out.instantiate(ctx) }).(handler[K, V])
	}
	s.children = append(s.children, once)
	other.children = append(other.children, once)
	return out
}

// MapValues replaces each value. The key stays, so the stream need not be
// repartitioned afterwards. An error of f stops the app, unless [Reject] made it.
func MapValues[K, V, V2 any](s *KStream[K, V], f func(V) (V2, error)) *KStream[K, V2] {
	node := s.b.names.Next("KSTREAM-MAPVALUES")
	return attach(s, node, nil, func(_ topology.Context, next handler[K, V2]) handler[K, V] {
		var out Record[K, V2]
		return func(r *Record[K, V]) (err error) {
			if out.Value, err = f(r.Value); err != nil {
				return err
			}
			out.Key, out.Timestamp, out.Headers = r.Key, r.Timestamp, r.Headers
			return next(&out)
		}
	})
}

// MarkAsPartitioned says that the keys of the stream are still those that its topic
// is partitioned by, although a node such as [Map] or [Process] could have changed
// them. [GroupByKey] then takes it without [Repartition]. If it is not so, records
// of one key are counted in several places.
func (s *KStream[K, V]) MarkAsPartitioned() *KStream[K, V] {
	s.rekeyed = ""
	return s
}

// Map replaces the key and value of each record. Group the result with [GroupBy],
// or repartition it, before anything that depends on the key.
func Map[K, V, K2, V2 any](s *KStream[K, V], f func(K, V) (K2, V2, error)) *KStream[K2, V2] {
	return rekey(s, s.b.names.Next("KSTREAM-MAP"), f)
}

// SelectKey replaces each key. The result must be repartitioned as that of [Map].
func SelectKey[K, V, K2 any](s *KStream[K, V], f func(K, V) (K2, error)) *KStream[K2, V] {
	return selectKey(s, s.b.names.Next("KSTREAM-KEY-SELECT"), f)
}

func selectKey[K, V, K2 any](s *KStream[K, V], node string, f func(K, V) (K2, error)) *KStream[K2, V] {
	return rekey(s, node, func(key K, value V) (K2, V, error) {
		k, err := f(key, value)
		return k, value, err
	})
}

// rekey adds a node that replaces the key and value of each record.
func rekey[K, V, K2, V2 any](s *KStream[K, V], node string, f func(K, V) (K2, V2, error)) *KStream[K2, V2] {
	return attachRekeying(s, node, nil, func(_ topology.Context, next handler[K2, V2]) handler[K, V] {
		var out Record[K2, V2]
		return func(r *Record[K, V]) (err error) {
			if out.Key, out.Value, err = f(r.Key, r.Value); err != nil {
				return err
			}
			out.Timestamp, out.Headers = r.Timestamp, r.Headers
			return next(&out)
		}
	})
}

// FlatMap calls f with each record; f emits any number of records.
func FlatMap[K, V, K2, V2 any](
	s *KStream[K, V], f func(key K, value V, emit func(K2, V2) error) error,
) *KStream[K2, V2] {
	node := s.b.names.Next("KSTREAM-FLATMAP")
	return attachRekeying(s, node, nil, func(_ topology.Context, next handler[K2, V2]) handler[K, V] {
		var out Record[K2, V2]
		emit := func(key K2, value V2) error {
			out.Key, out.Value = key, value
			return next(&out)
		}
		return func(r *Record[K, V]) error {
			out.Timestamp, out.Headers = r.Timestamp, r.Headers
			return f(r.Key, r.Value, emit)
		}
	})
}

// FlatMapValues calls f with each value; f emits any number of values, all
// with the record's key.
func FlatMapValues[K, V, V2 any](s *KStream[K, V], f func(value V, emit func(V2) error) error) *KStream[K, V2] {
	node := s.b.names.Next("KSTREAM-FLATMAPVALUES")
	return attach(s, node, nil, func(_ topology.Context, next handler[K, V2]) handler[K, V] {
		var out Record[K, V2]
		emit := func(value V2) error {
			out.Value = value
			return next(&out)
		}
		return func(r *Record[K, V]) error {
			out.Key, out.Timestamp, out.Headers = r.Key, r.Timestamp, r.Headers
			return f(r.Value, emit)
		}
	})
}

// Processor is a node that the user writes: it gets each record and forwards any
// number of records.
type Processor[K, V, K2, V2 any] func(r *Record[K, V], forward func(*Record[K2, V2]) error) error

// Process adds a node that the user writes. build is called once for each task,
// so that each task has variables of its own. It may use the named stores through
// ctx.Overlay; a store that is not named here is an error. State outside the stores
// is lost when a task moves, and it is not rolled back when an epoch is aborted. The
// node may change keys, so the result must be repartitioned as that of [Map], or
// see [KStream.MarkAsPartitioned].
func Process[K, V, K2, V2 any](s *KStream[K, V], stores []string,
	build func(ctx topology.Context) Processor[K, V, K2, V2]) *KStream[K2, V2] {
	node := s.b.names.Next("KSTREAM-PROCESSOR")
	own := make([]topology.Store, len(stores))
	for i, name := range stores {
		own[i].Name = name // as another node declares it, or a key-value store
	}
	return attachRekeying(s, node, own, func(ctx topology.Context, next handler[K2, V2]) handler[K, V] {
		process := build(ctx)
		return func(r *Record[K, V]) error { return process(r, next) }
	})
}

// To writes the stream to a topic, which must exist. Java's murmur2 of the key
// chooses the partition, so that the topic is co-partitioned with topics that
// Java writes.
func To[K, V any](s *KStream[K, V], topic string, key Serde[K], value Serde[V]) {
	s.sink(topology.Sink{Name: s.b.names.Next("KSTREAM-SINK"), Topic: topic}, key, value)
}

func (s *KStream[K, V]) sink(sink topology.Sink, key Serde[K], value Serde[V]) {
	s.b.graph.AddSink(sink, s.node)
	s.children = append(s.children, func(ctx topology.Context) handler[K, V] {
		writeKey, writeValue := serdes.Writer(key), serdes.Writer(value)
		return func(r *Record[K, V]) error {
			k, headers, err := writeKey(sink.Topic, r.Headers, r.Key)
			if err != nil {
				return &topology.Rejection{Stage: topology.Production, Err: fmt.Errorf("key: %w", err)}
			}
			v, headers, err := writeValue(sink.Topic, headers, r.Value)
			if err != nil {
				return &topology.Rejection{Stage: topology.Production, Err: fmt.Errorf("value: %w", err)}
			}
			return ctx.Emit(sink.Topic, k, v, r.Timestamp, headers)
		}
	})
}

// Repartition sends the stream through an internal topic,
// <application.id>-<name>-repartition, so that records with the same key meet
// in one task. The app makes the topic, with as many partitions as this part
// of the topology has, and deletes what was processed. Without a name the topic gets a
// number, which changes with the nodes before it: name what must survive a change of code.
func Repartition[K, V any](s *KStream[K, V], name string, key Serde[K], value Serde[V]) *KStream[K, V] {
	if name == "" {
		name = s.b.names.Next("KSTREAM-REPARTITION")
	}
	return through(s, s.b.names.Repartition(name), key, value)
}

// through sends s through a repartition topic. The filter is a node of Kafka Streams,
// which lets all records pass.
func through[K, V any](s *KStream[K, V], r naming.Repartition, key Serde[K], value Serde[V]) *KStream[K, V] {
	all := attach(s, r.Filter, nil, pass[K, V])
	all.sink(topology.Sink{Name: r.Sink, Topic: r.Topic, Internal: true}, key, value)
	return source(s.b, topology.Source{Name: r.Source, Topic: r.Topic, Internal: true}, key, value)
}

// pass makes a node that lets all records pass.
func pass[K, V any](_ topology.Context, next handler[K, V]) handler[K, V] { return next }
