package streams

import (
	"time"

	"github.com/suiro/suiro/stores/kinds"
	"github.com/suiro/suiro/streams/internal/processor"
	"github.com/suiro/suiro/streams/topology"
)

// Store is a store that a processor may use; see [WithStores].
type Store interface {
	// declared returns the store; ok is false for one of which a mistake is noted already.
	declared(b *Builder) (store topology.Store, ok bool)
}

// WithStores names the stores that a processor opens.
func WithStores(stores ...Store) Option {
	return Option{isStores, func(o *options) { o.stores = append(o.stores, stores...) }}
}

// declared are stores as the graph has them.
func declared(b *Builder, stores []Store) (all []topology.Store) {
	for _, s := range stores {
		if d, ok := s.declared(b); ok {
			all = append(all, d)
		}
	}
	return all
}

// task is a [Context] of any type.
type task interface{ Task() topology.Context }

// StateStore is a store of processors, of which each task has one: an H. Processors that
// name the same store share it, within a task. An abort undoes what they wrote since the last
// commit.
type StateStore[H any] struct {
	maker string
	store topology.Store
	opts  []Option
	open  func(task topology.Context) H
	given []any // its Serdes
}

func (s *StateStore[H]) declared(b *Builder) (topology.Store, bool) {
	o := b.need(s.given...).options(s.maker, s.opts, isWithoutLogging, isWithLogging, isInMemory, isOnDisk)
	o.place = max(o.place, topology.OnDisk) // default.dsl.store is not about these
	if s.store.Kind == kinds.Window && (s.store.Size < time.Millisecond || s.store.Size > s.store.Retention) {
		b.fail("%s: store %s has windows of %v and a retention of %v: windows must be at least 1ms long, and kept as long",
			s.maker, s.store.Name, s.store.Size, s.store.Retention)
	}
	return o.kept(s.store), true
}

// Open returns the store in the task of ctx. It panics if [WithStores] does not name it.
func (s *StateStore[H]) Open(ctx task) H { return s.open(ctx.Task()) }

// The stores of processors, in one task and as they are declared.
type (
	// KeyValue is a [KeyValueStore] in one task.
	KeyValue[K, V any] = processor.KeyValue[K, V]
	// KeyValueStore has a value for each key.
	KeyValueStore[K, V any] = StateStore[*KeyValue[K, V]]
	// VersionedKeyValue is a [VersionedKeyValueStore] in one task.
	VersionedKeyValue[K, V any] = processor.Versioned[K, V]
	// VersionedKeyValueStore has what each key had over time.
	VersionedKeyValueStore[K, V any] = StateStore[*VersionedKeyValue[K, V]]
	// Version is a value in a [VersionedKeyValue].
	Version[V any] = processor.Version[V]
	// WindowValues is a [WindowStore] in one task.
	WindowValues[K, V any] = processor.Windows[K, V]
	// WindowStore has a value for each key and start of a window.
	WindowStore[K, V any] = StateStore[*WindowValues[K, V]]
	// SessionValues is a [SessionStore] in one task.
	SessionValues[K, V any] = processor.Sessions[K, V]
	// SessionStore has a value for each key, start and end.
	SessionStore[K, V any] = StateStore[*SessionValues[K, V]]
)

// NewKeyValueStore declares a key-value store. It takes [WithLogging], [WithoutLogging] and
// [InMemory].
func NewKeyValueStore[K, V any](name string, key Serde[K], value Serde[V], opts ...Option) *KeyValueStore[K, V] {
	open := func(task topology.Context) *KeyValue[K, V] { return processor.OpenKeyValue(task, name, key, value) }
	return &KeyValueStore[K, V]{"NewKeyValueStore", topology.Store{Spec: kinds.Spec{Name: name}}, opts, open,
		[]any{key, value}}
}

// NewVersionedKeyValueStore declares a versioned store, which keeps versions for history
// after they were replaced or deleted. It takes the options of [NewKeyValueStore].
func NewVersionedKeyValueStore[K, V any](name string, history time.Duration, key Serde[K], value Serde[V],
	opts ...Option) *VersionedKeyValueStore[K, V] {
	open := func(task topology.Context) *VersionedKeyValue[K, V] {
		return processor.OpenVersioned(task, name, key, value)
	}
	return &VersionedKeyValueStore[K, V]{"NewVersionedKeyValueStore",
		topology.Store{Spec: kinds.Spec{Name: name, Kind: kinds.Versioned, Retention: history}}, opts, open,
		[]any{key, value}}
}

// NewWindowStore declares a store of windows of a size, which are kept for the retention
// after their start. It takes the options of [NewKeyValueStore].
func NewWindowStore[K, V any](name string, retention, size time.Duration, key Serde[K], value Serde[V],
	opts ...Option) *WindowStore[K, V] {
	open := func(task topology.Context) *WindowValues[K, V] { return processor.OpenWindows(task, name, key, value) }
	return &WindowStore[K, V]{"NewWindowStore",
		topology.Store{Spec: kinds.Spec{Name: name, Kind: kinds.Window, Retention: retention}, Size: size}, opts, open,
		[]any{key, value}}
}

// NewSessionStore declares a store of sessions, which are kept for the retention after their
// end. It takes the options of [NewKeyValueStore].
func NewSessionStore[K, V any](name string, retention time.Duration, key Serde[K], value Serde[V],
	opts ...Option) *SessionStore[K, V] {
	open := func(task topology.Context) *SessionValues[K, V] {
		return processor.OpenSessions(task, name, key, value)
	}
	return &SessionStore[K, V]{"NewSessionStore",
		topology.Store{Spec: kinds.Spec{Name: name, Kind: kinds.Session, Retention: retention}}, opts, open,
		[]any{key, value}}
}

// TableRows is the store of a table in one task; see [StoreOf].
type TableRows[K, V any] = processor.Rows[K, V]

// TableStore is the store of a table, for processors to read.
type TableStore[K, V any] struct{ t *KTable[K, V] }

// StoreOf returns the store of a table, for processors to read: they see what the table is
// so far, also what is not committed. The table gets a store if it could do without one; one
// that is made of another table row by row must have been given a name.
func StoreOf[K, V any](t *KTable[K, V]) *TableStore[K, V] {
	if t.kept == nil {
		t.changes.b.fail("node %s: a processor needs the store of the table, which has none: pass StoreName", t.changes.node)
		return &TableStore[K, V]{t}
	}
	t.stored = true
	return &TableStore[K, V]{t}
}

func (s *TableStore[K, V]) declared(*Builder) (topology.Store, bool) {
	if s.t.kept == nil {
		return topology.Store{}, false
	}
	return s.t.kept.Store, true
}

// Open returns the table's rows in the task of ctx. It panics if [WithStores] does not name
// the store.
func (s *TableStore[K, V]) Open(ctx task) *TableRows[K, V] {
	return processor.NewRows(s.t.getter(ctx.Task()), s.t.asOf(ctx.Task()))
}
