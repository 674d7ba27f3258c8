package streams

import (
	"maps"
	"time"

	"github.com/suiro/suiro/stores/kinds"
	"github.com/suiro/suiro/streams/topology"
)

// storeOptions say what kind of store an operator has; in Kafka Streams they are part of
// Materialized.
type storeOptions struct {
	withoutLogging bool
	withoutCaching bool
	withCaching    bool
	withLogging    bool
	changelog      map[string]string
	versioned      bool
	history        time.Duration
	ttl            time.Duration
	place          topology.Place
}

// WithoutLogging leaves out the changelog of an operator's stores: they are empty when a
// task moves to another instance or its disk is lost. Default: each store has one.
func WithoutLogging() Option {
	return Option{isWithoutLogging, func(o *options) { o.withoutLogging = true }}
}

// WithLogging gives the changelogs of an operator's stores a configuration, by the names of
// Kafka's topic configs, on top of the one that they have anyway; nil is nothing more. It
// takes effect when the app makes a changelog, and not on one that exists.
func WithLogging(topicConfig map[string]string) Option {
	return Option{isWithLogging, func(o *options) { o.withLogging, o.changelog = true, maps.Clone(topicConfig) }}
}

// WithoutCaching makes an operator store and forward each update at once. Default: the
// last one of each key and epoch, unless statestore.cache.max.bytes is 0.
func WithoutCaching() Option {
	return Option{isWithoutCaching, func(o *options) { o.withoutCaching = true }}
}

// WithCaching makes an operator store and forward the last update of each key and epoch. It
// is the default, unless statestore.cache.max.bytes is 0; then it changes nothing. It is
// there for topologies that a Kafka Streams app has with withCachingEnabled, as an operator
// that is told something about its store may take other numbers for generated names.
func WithCaching() Option { return Option{isWithCaching, func(o *options) { o.withCaching = true }} }

// InMemory keeps an operator's stores in the memory of the process, and not on its disk: as
// Kafka Streams' Stores.inMemoryKeyValueStore and its like. They are restored from their
// changelogs whenever a task starts, so that a start takes longer the more they have, and
// nothing bounds them: the app says in its log when they take more than
// statestore.in.memory.bytes. Default: default.dsl.store, which is the disk.
func InMemory() Option { return Option{isInMemory, func(o *options) { o.place = topology.InMemory }} }

// OnDisk keeps an operator's stores on the disk, whatever default.dsl.store says.
func OnDisk() Option { return Option{isOnDisk, func(o *options) { o.place = topology.OnDisk }} }

// Versioned keeps a table in a versioned store, with what each key had over time: as Kafka
// Streams' Stores.persistentVersionedKeyValueStore. A record that is older than others of its
// key becomes a version between them, and the table goes on having the latest one. Joins of
// a stream with the table look up what it had at the timestamp of the stream's record; joins
// of tables, and groups, leave out changes of the table that a later record has overtaken.
//
// A record that is older than the store's time by more than history is left out and counted
// as dropped, and versions that ended so long ago are forgotten; the latest of a key never
// is. Each update is stored and forwarded at once, as nothing of such a store is cached. The
// operator must be given the name of a store.
func Versioned(history time.Duration) Option {
	return Option{isVersioned, func(o *options) { o.versioned, o.history = true, history }}
}

// WithTTL makes the keys of a table expire: when a value is as old as ttl, by the latest
// timestamp that was put into the table's store, it is deleted, in the changelog too. Below
// the table that is a deletion like any other, with the time at which the value expired, at
// the end of the epoch; nobody sees the value in between. A record that is as old when it
// comes deletes its key, and counts as dropped. The time of the table moves only with its
// own records. Each epoch deletes 20,000 keys at most; the rest follows. Kafka Streams has no
// such thing. The operator must be given the name of a store. Default: keys stay until they
// are deleted.
func WithTTL(ttl time.Duration) Option {
	return Option{isTTL, func(o *options) { o.ttl = ttl }}
}

// needsStore reports whether an option asks for what only a store has.
func (o storeOptions) needsStore() bool { return o.versioned || o.ttl != 0 }

// said reports whether an option says something about the store.
func (o storeOptions) said() bool {
	return o.withoutLogging || o.withoutCaching || o.withCaching || o.withLogging || o.place != topology.Anywhere ||
		o.needsStore()
}

// kept is a store with what the options say about its place and its changelog.
func (o storeOptions) kept(s topology.Store) topology.Store {
	s.NoChangelog, s.ChangelogConfig, s.Place = o.withoutLogging, o.changelog, o.place
	return s
}

// rowsIn is the store that has a value for each key.
func (o storeOptions) rowsIn(name string) topology.Store {
	s := topology.Store{Spec: kinds.Spec{Name: name, Kind: kinds.Timestamped, TTL: o.ttl}}
	if o.versioned {
		s.Kind, s.Retention = kinds.Versioned, o.history
		o.place = max(o.place, topology.OnDisk) // default.dsl.store is not about these
	}
	return o.kept(s)
}
