package streams

import (
	"cmp"
	"io"

	"github.com/suiro/suiro/streams/internal/codec"
	"github.com/suiro/suiro/streams/internal/naming"
	"github.com/suiro/suiro/streams/internal/stateless"
	"github.com/suiro/suiro/streams/topology"
)

// Filter keeps the records for which keep returns true. It takes [Named].
func (s *KStream[K, V]) Filter(keep func(key K, value V) bool, opts ...Option) *KStream[K, V] {
	return s.same("Filter", "KSTREAM-FILTER", keep, opts, func(next handler[K, V]) handler[K, V] {
		return stateless.Filter(keep, next)
	})
}

// FilterNot keeps the records for which drop returns false. It takes [Named].
func (s *KStream[K, V]) FilterNot(drop func(key K, value V) bool, opts ...Option) *KStream[K, V] {
	return s.Filter(not(drop), opts...)
}

// not returns the opposite of a test, nil for nil.
func not[K, V any](test func(K, V) bool) func(K, V) bool {
	if test == nil {
		return nil
	}
	return func(key K, value V) bool { return !test(key, value) }
}

// Peek calls see with each record and passes it on. It takes [Named].
func (s *KStream[K, V]) Peek(see func(key K, value V), opts ...Option) *KStream[K, V] {
	return s.same("Peek", "KSTREAM-PEEK", see, opts, func(next handler[K, V]) handler[K, V] {
		return stateless.Peek(see, next)
	})
}

// same adds a node that passes records on as they are, and that calls f.
func (s *KStream[K, V]) same(operator, kind string, f any, opts []Option,
	build func(next handler[K, V]) handler[K, V]) *KStream[K, V] {
	o := s.b.need(f).options(operator, opts, isNamed)
	out := attach(s, s.b.name(o, kind), nil,
		func(_ topology.Context, next handler[K, V]) handler[K, V] { return build(next) })
	out.key, out.value = s.key, s.value
	return out
}

// Split begins to divide a stream: each record goes to the first branch whose test it
// passes, or else to the default branch, if there is one. It takes [Named], with which the
// names of the branches' nodes begin.
func (s *KStream[K, V]) Split(opts ...Option) *BranchedKStream[K, V] {
	b := &BranchedKStream[K, V]{from: s, name: s.b.name(s.b.options("Split", opts, isNamed), "KSTREAM-BRANCH")}
	s.b.graph.AddProcessor(topology.Processor{Name: b.name}, s.node)
	s.child(b.instantiate)
	return b
}

// Foreach calls f with each record; nothing comes out of it. It takes [Named].
func (s *KStream[K, V]) Foreach(f func(key K, value V), opts ...Option) {
	s.end("Foreach", "KSTREAM-FOREACH", f, opts, func(_ string, r *Record[K, V]) error {
		f(r.Key, r.Value)
		return nil
	})
}

// Print writes each record to w as a line "[node]: key, value", in the format %v. Tasks
// take turns. An error of w stops the app. It takes [Named].
func (s *KStream[K, V]) Print(w io.Writer, opts ...Option) {
	s.end("Print", "KSTREAM-PRINTER", w, opts, stateless.Print[K, V](w))
}

// end adds a node with nothing below, which uses what it is given.
func (s *KStream[K, V]) end(operator, kind string, given any, opts []Option,
	f func(node string, r *Record[K, V]) error) {
	name := s.b.name(s.b.need(given).options(operator, opts, isNamed), kind)
	above := s.node
	s.b.graph.AddProcessor(topology.Processor{Name: name}, above)
	s.child(func(topology.Context) handler[K, V] {
		return func(r *Record[K, V]) error { return f(above, r) }
	})
}

// Merge returns a stream of the records of both streams. It takes [Named].
func (s *KStream[K, V]) Merge(other *KStream[K, V], opts ...Option) *KStream[K, V] {
	o := s.b.options("Merge", opts, isNamed)
	out := &KStream[K, V]{b: s.b, node: s.b.name(o, "KSTREAM-MERGE"), rekeyed: cmp.Or(s.rekeyed, other.rekeyed),
		key: s.key, value: s.value, relax: func() { relaxAll(s.relax, other.relax) }}
	s.b.graph.AddProcessor(topology.Processor{Name: out.node}, s.node, other.node)
	once := func(ctx topology.Context) handler[K, V] {
		return ctx.Once(out.node, func() any { return out.instantiate(ctx) }).(handler[K, V])
	}
	s.child(once)
	other.child(once)
	return out
}

// MapValues replaces each value; f gets the zero value for null. The key stays, so the
// stream need not be repartitioned afterwards. An error of f stops the app, unless
// [Reject] made it. It takes [Named].
func MapValues[K, V, V2 any](s *KStream[K, V], f func(V) (V2, error), opts ...Option) *KStream[K, V2] {
	return MapValuesWithKey(s, valueOnly[K](f), opts...)
}

// MapValuesWithKey is [MapValues] whose function gets the key too, which it must not
// change. It takes [Named].
func MapValuesWithKey[K, V, V2 any](s *KStream[K, V], f func(K, V) (V2, error), opts ...Option) *KStream[K, V2] {
	name := s.b.name(s.b.need(f).options("MapValues", opts, isNamed), "KSTREAM-MAPVALUES")
	out := attach(s, name, nil, func(_ topology.Context, next handler[K, V2]) handler[K, V] {
		return stateless.MapValues(f, next)
	})
	out.key = s.key
	return out
}

// valueOnly returns f for keys and values, nil for nil.
func valueOnly[K, V, V2 any](f func(V) (V2, error)) func(K, V) (V2, error) {
	if f == nil {
		return nil
	}
	return func(_ K, v V) (V2, error) { return f(v) }
}

// MarkAsPartitioned says that the keys of the stream are still those that its topic
// is partitioned by, although a node such as [Map] or [Process] could have changed
// them. [GroupByKey] then takes it without [Repartition]. If it is not so, records
// of one key are counted in several places.
func (s *KStream[K, V]) MarkAsPartitioned() *KStream[K, V] {
	s.rekeyed = ""
	return s
}

// Map replaces the key and value of each record. What depends on the key below it is
// repartitioned first. It takes [Named].
func Map[K, V, K2, V2 any](s *KStream[K, V], f func(K, V) (K2, V2, error), opts ...Option) *KStream[K2, V2] {
	name := s.b.name(s.b.need(f).options("Map", opts, isNamed), "KSTREAM-MAP")
	return attachRekeying(s, name, nil, func(_ topology.Context, next handler[K2, V2]) handler[K, V] {
		return stateless.Map(f, next)
	})
}

// SelectKey replaces each key. What depends on the key below it is repartitioned first. It
// takes [Named].
func SelectKey[K, V, K2 any](s *KStream[K, V], f func(K, V) (K2, error), opts ...Option) *KStream[K2, V] {
	return selectKey(s, s.b.name(s.b.need(f).options("SelectKey", opts, isNamed), "KSTREAM-KEY-SELECT"), f)
}

func selectKey[K, V, K2 any](s *KStream[K, V], name string, f func(K, V) (K2, error)) *KStream[K2, V] {
	out := attachRekeying(s, name, nil, func(_ topology.Context, next handler[K2, V]) handler[K, V] {
		return stateless.SelectKey(f, next)
	})
	out.value = s.value
	return out
}

// FlatMap calls f with each record; f emits any number of records. What depends on the key
// below it is repartitioned first. It takes [Named].
func FlatMap[K, V, K2, V2 any](
	s *KStream[K, V], f func(key K, value V, emit func(K2, V2) error) error, opts ...Option,
) *KStream[K2, V2] {
	name := s.b.name(s.b.need(f).options("FlatMap", opts, isNamed), "KSTREAM-FLATMAP")
	return attachRekeying(s, name, nil, func(_ topology.Context, next handler[K2, V2]) handler[K, V] {
		return stateless.FlatMap(f, next)
	})
}

// FlatMapValues calls f with each value; f emits any number of values, all with the
// record's key. It takes [Named].
func FlatMapValues[K, V, V2 any](s *KStream[K, V], f func(value V, emit func(V2) error) error,
	opts ...Option) *KStream[K, V2] {
	var withKey func(K, V, func(V2) error) error
	if f != nil {
		withKey = func(_ K, v V, emit func(V2) error) error { return f(v, emit) }
	}
	return FlatMapValuesWithKey(s, withKey, opts...)
}

// FlatMapValuesWithKey is [FlatMapValues] whose function gets the key too, which it must
// not change. It takes [Named].
func FlatMapValuesWithKey[K, V, V2 any](s *KStream[K, V], f func(key K, value V, emit func(V2) error) error,
	opts ...Option) *KStream[K, V2] {
	name := s.b.name(s.b.need(f).options("FlatMapValues", opts, isNamed), "KSTREAM-FLATMAPVALUES")
	out := attach(s, name, nil, func(_ topology.Context, next handler[K, V2]) handler[K, V] {
		return stateless.FlatMapValues(f, next)
	})
	out.key = s.key
	return out
}

// To writes the stream to a topic, which must exist. Java's murmur2 of the key
// chooses the partition, so that the topic is co-partitioned with topics that
// Java writes. It takes [Named] and [WithPartitioner].
func To[K, V any](s *KStream[K, V], topic string, key Serde[K], value Serde[V], opts ...Option) {
	o := s.b.need(key, value).options("To", opts, isNamed, isPartitioner)
	name := s.b.name(o, "KSTREAM-SINK")
	if topic == "" {
		s.b.fail("node %s writes a topic that cannot exist: the name is empty", name)
	}
	out := codec.Output[K, V]{Key: key, Value: value, Partition: partitionerOf[K, V](s.b, "To", o)}
	s.sink(topology.Sink{Name: name, Topic: topic}, out)
}

// ToChosen writes each record to the topic that choose returns; from says where the record
// in process was read. A name that Kafka does not allow makes the record a rejected one.
// While a topic does not exist the records are tried again, unless there is a handler of
// production: it is asked about each of them. It takes [Named] and [WithPartitioner].
func ToChosen[K, V any](s *KStream[K, V], choose func(r *Record[K, V], from Position) (topic string, err error),
	key Serde[K], value Serde[V], opts ...Option) {
	o := s.b.need(choose, key, value).options("ToChosen", opts, isNamed, isPartitioner)
	out := codec.Output[K, V]{Key: key, Value: value, Partition: partitionerOf[K, V](s.b, "ToChosen", o), Choose: choose}
	s.sink(topology.Sink{Name: s.b.name(o, "KSTREAM-SINK")}, out)
}

func (s *KStream[K, V]) sink(sink topology.Sink, out codec.Output[K, V]) {
	out.Topic = sink.Topic
	s.b.graph.AddSink(sink, s.node)
	s.child(func(ctx topology.Context) handler[K, V] {
		return out.Open(ctx)
	})
}

// Repartition sends the stream through an internal topic,
// <application.id>-<name>-repartition, so that records with the same key meet
// in one task. The app makes the topic, with as many partitions as this part
// of the topology has, and deletes what was processed. Without a name the topic gets a
// number, which changes with the nodes before it: name what must survive a change of code.
// Records without a key are left out. It takes [WithPartitions] and [WithPartitioner].
func Repartition[K, V any](s *KStream[K, V], name string, key Serde[K], value Serde[V],
	opts ...Option) *KStream[K, V] {
	o := s.b.need(key, value).options("Repartition", opts, isPartitions, isPartitioner)
	if name == "" {
		name = s.b.names.Next("KSTREAM-REPARTITION")
	}
	out := codec.Output[K, V]{Key: key, Value: value, Partition: partitionerOf[K, V](s.b, "Repartition", o)}
	return repartition(s, s.b.names.Repartition(name), out, o.partitions)
}

// through sends s through a repartition topic.
func through[K, V any](s *KStream[K, V], r naming.Repartition, key Serde[K], value Serde[V]) *KStream[K, V] {
	return repartition(s, r, codec.Output[K, V]{Key: key, Value: value}, 0)
}

// repartition sends s through a repartition topic. Records without a key are left out, as
// in Kafka Streams, and not counted.
func repartition[K, V any](s *KStream[K, V], r naming.Repartition, out codec.Output[K, V],
	partitions int32) *KStream[K, V] {
	relaxed := false
	all := attach(s, r.Filter, nil, func(_ topology.Context, next handler[K, V]) handler[K, V] {
		if relaxed {
			return next
		}
		return stateless.Keyed(next)
	})
	topic := r.Topic + naming.RepartitionSuffix
	all.sink(topology.Sink{Name: r.Sink, Topic: topic, Internal: true, Partitions: partitions}, out)
	read := source(s.b, topology.Source{Name: r.Source, Topic: topic, Internal: true}, out.Key, out.Value)
	read.relax = func() {
		relaxed = true
		relaxAll(s.relax)
	}
	return read
}

// relaxAll calls those of the functions that there are.
func relaxAll(relax ...func()) {
	for _, f := range relax {
		if f != nil {
			f()
		}
	}
}
