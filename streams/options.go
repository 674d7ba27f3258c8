package streams

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/suiro/suiro/streams/topology"
)

// Option changes how an operator is made. An operator says in its docs which options it
// takes; another one is a mistake that [Builder.Build] reports.
type Option struct {
	is  optionKind
	set func(*options)
}

// options are what the options of an operator say.
type options struct {
	name, store string
	key, value  any // Serdes
	onClose     bool
	rejectLate  bool
	partitions  int32
	partitioner any // func(string, K, V, int) int32
	extractor   any // func(*Record[K, V], time.Time) time.Time
	reset       string
	stores      []Store
	grace       *time.Duration
	wrong       error
	storeOptions
}

// optionKind is the function that makes an option.
type optionKind string

const (
	isNamed          optionKind = "Named"
	isStoreName      optionKind = "StoreName"
	isWithoutLogging optionKind = "WithoutLogging"
	isWithoutCaching optionKind = "WithoutCaching"
	isKeySerde       optionKind = "KeySerde"
	isValueSerde     optionKind = "ValueSerde"

	isEmitOnWindowClose optionKind = "EmitOnWindowClose"
	isRejectLate        optionKind = "RejectLate"
	isPartitions        optionKind = "WithPartitions"
	isPartitioner       optionKind = "WithPartitioner"
	isExtractor         optionKind = "WithTimestamps"
	isReset             optionKind = "WithOffsetReset"
	isStores            optionKind = "WithStores"
	isGrace             optionKind = "WithGracePeriod"
	isVersioned         optionKind = "Versioned"
	isTTL               optionKind = "WithTTL"
	isInMemory          optionKind = "InMemory"
	isOnDisk            optionKind = "OnDisk"
	isWithLogging       optionKind = "WithLogging"
	isWithCaching       optionKind = "WithCaching"
)

// Named gives the node of an operator a name, so that it does not change with the nodes
// before it. An operator of several nodes, or with topics of its own, begins their names
// with it.
func Named(name string) Option {
	return Option{isNamed, func(o *options) { o.name = name }}
}

// StoreName gives the store of an operator a name, by which its state is found again. An
// operator with several stores begins their names with it. Default: the store has a number,
// which changes with the nodes before it.
func StoreName(name string) Option {
	return Option{isStoreName, func(o *options) { o.store = name }}
}

// KeySerde encodes the keys of an operator's result, in its store and in a repartition
// topic that it needs. Default: that of the stream or table, where it is known.
func KeySerde[K any](s Serde[K]) Option { return Option{isKeySerde, func(o *options) { o.key = s }} }

// ValueSerde encodes the values of an operator's result, in its store and in a repartition
// topic that it needs. Default: that of the stream or table, where it is known.
func ValueSerde[V any](s Serde[V]) Option {
	return Option{isValueSerde, func(o *options) { o.value = s }}
}

// WithPartitions makes a repartition topic have so many partitions. Default: as many as
// the part of the topology that writes it.
func WithPartitions(n int32) Option {
	return Option{isPartitions, func(o *options) {
		if o.partitions = n; n < 1 {
			o.wrong = fmt.Errorf("WithPartitions(%d): a topic has at least one partition", n)
		}
	}}
}

// WithPartitioner chooses the partition of each record, by its topic, key, value and the
// number of partitions of the topic, as Kafka Streams' StreamPartitioner; a negative one
// leaves it to the key. A record for a partition that the topic does not have is rejected.
// Several goroutines may call f. Default: the key chooses.
func WithPartitioner[K, V any](f func(topic string, key K, value V, partitions int) int32) Option {
	return Option{isPartitioner, func(o *options) { o.partitioner = f }}
}

// WithTimestamps gives each record that is read the timestamp that extract returns;
// partition is the latest one of the records before it in its partition, zero for none. A
// record with a timestamp before 1970 is dropped. An error of extract rejects the record.
// Several goroutines may call it. Default: the timestamp that the record has in Kafka.
func WithTimestamps[K, V any](extract func(r *Record[K, V], partition time.Time) (time.Time, error)) Option {
	return Option{isExtractor, func(o *options) { o.extractor = extract }}
}

// WithEventTime is [WithTimestamps] with the time that a record's value names: of returns it,
// or false for a value that names none, whose record keeps the timestamp that it has in
// Kafka. A time that is ahead of that timestamp by more than ahead rejects the record: it
// would make all others late. Several goroutines may call of.
func WithEventTime[K, V any](of func(key K, value V) (time.Time, bool), ahead time.Duration) Option {
	return WithTimestamps(func(r *Record[K, V], _ time.Time) (time.Time, error) {
		at, ok := of(r.Key, r.Value)
		if !ok {
			return r.Timestamp, nil
		}
		if early := at.Sub(r.Timestamp); early > ahead {
			return at, fmt.Errorf("the value's time %s is %v ahead of the record's time: correct the clock that it is from, "+
				"or allow for more than %v", at.Format(time.RFC3339), early.Round(time.Second), ahead)
		}
		return at, nil
	})
}

// WithOffsetReset says where to begin in a partition for which the group has no offset:
// earliest, latest or none, which is an error. Default: auto.offset.reset.
func WithOffsetReset(where string) Option {
	return Option{isReset, func(o *options) { o.reset = where }}
}

// ofStore are the options of an operator that has a store in any case, ofRows those of one
// with a value for each key, and ofTable those of one that has a store if it is given a name.
var (
	ofStore = []optionKind{isNamed, isWithoutLogging, isWithLogging, isWithoutCaching, isWithCaching, isInMemory, isOnDisk}
	ofRows  = append(slices.Clone(ofStore), isVersioned, isTTL)
	ofTable = append(slices.Clone(ofRows), isStoreName, isKeySerde, isValueSerde)
)

// needing is an operator that is being added, and what it cannot do without.
type needing struct {
	b     *Builder
	given []any
}

// need says what an operator cannot do without: its functions and Serdes.
func (b *Builder) need(given ...any) needing { return needing{b, given} }

// options returns what the options of an operator say, and notes mistakes.
func (n needing) options(operator string, given []Option, takes ...optionKind) (o options) {
	b := n.b
	b.mistakes.Need(operator, n.given...)
	for _, g := range given {
		if g.set == nil || !slices.Contains(takes, g.is) {
			b.fail("%s does not take the option %s: it takes %s", operator, cmp.Or(g.is, "that is empty"), list(takes))
			continue
		}
		g.set(&o)
	}
	if slices.Contains(takes, isStoreName) && o.store == "" && o.needsStore() {
		b.fail("%s was given %s or %s, which are about a store, and it has none by itself: pass StoreName", operator,
			isVersioned, isTTL)
	}
	b.mistakes.Add(o.wrong)
	for _, f := range []any{o.extractor, o.partitioner} {
		if f != nil {
			b.mistakes.Need(operator, f)
		}
	}
	for _, name := range []string{o.name, o.store} {
		if err := topology.CheckName(name); name != "" && err != nil {
			b.fail("%s: a name that cannot be: %w", operator, err)
		}
	}
	return o
}

// options is that of an operator that can do without anything.
func (b *Builder) options(operator string, given []Option, takes ...optionKind) options {
	return b.need().options(operator, given, takes...)
}

func list(kinds []optionKind) string {
	if len(kinds) == 0 {
		return "none"
	}
	names := make([]string, len(kinds))
	for i, k := range kinds {
		names[i] = string(k)
	}
	return strings.Join(names, ", ")
}

// aboutStore reports whether an option says something about the store.
func (o options) aboutStore() bool { return o.store != "" || o.said() }

// fail notes a mistake for Build.
func (b *Builder) fail(format string, args ...any) {
	b.mistakes.Add(fmt.Errorf(format, args...))
}

// name returns the name of a node. It takes a number in any case, as in Kafka Streams.
func (b *Builder) name(o options, kind string) string { return cmp.Or(o.name, b.names.Next(kind)) }

// rowStore returns the name of the store of a table's rows.
func (b *Builder) rowStore(o options, kind string) string {
	if o.store != "" {
		return b.store(o.store, "")
	}
	return b.names.Next(kind + "-STATE-STORE")
}

// suffixed returns the name of a node that is one of several of an operator.
func (b *Builder) suffixed(name, suffix, kind string) string {
	generated := b.names.Next(kind)
	if name == "" {
		return generated
	}
	return name + suffix
}

// serdeOf returns the Serde of an option, or what is known of the stream; nil for neither.
func serdeOf[T any](b *Builder, operator string, option any, known Serde[T]) Serde[T] {
	if option == nil {
		return known
	}
	s, ok := option.(Serde[T])
	if !ok {
		b.fail("%s was given a Serde of %T: it needs one of %v", operator, option, reflect.TypeFor[T]())
	}
	return s
}

// partitionerOf returns the function of an option, nil for none.
func partitionerOf[K, V any](b *Builder, operator string, o options) func(string, K, V, int) int32 {
	if o.partitioner == nil {
		return nil
	}
	f, ok := o.partitioner.(func(string, K, V, int) int32)
	if !ok {
		b.fail("%s was given a partitioner %T: its records have keys of %v and values of %v", operator, o.partitioner,
			reflect.TypeFor[K](), reflect.TypeFor[V]())
	}
	return f
}
