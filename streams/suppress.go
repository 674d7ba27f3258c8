package streams

import (
	"math"
	"time"

	"github.com/suiro/suiro/stores/kinds"
	"github.com/suiro/suiro/streams/internal/join"
	"github.com/suiro/suiro/streams/internal/node"
	"github.com/suiro/suiro/streams/internal/window"
	"github.com/suiro/suiro/streams/topology"
)

// Suppressed says which updates of a table [KTable.Suppress] holds back.
type Suppressed struct {
	closes bool
	wait   time.Duration
	buffer BufferConfig
}

// BufferConfig is how much a suppression holds. The zero BufferConfig has no bound.
type BufferConfig struct {
	// MaxRecords is how many keys are held. Default 0: no bound.
	MaxRecords int64
	// MaxBytes is how many bytes are held, as Kafka Streams counts them. Default 0: no
	// bound.
	MaxBytes int64
	// ShutDownWhenFull ends the app when there is more. Default: the earliest updates are
	// forwarded early.
	ShutDownWhenFull bool
}

// UntilWindowCloses holds the updates of a window back until no record can change it any
// more, and then forwards the last one. The table must be made of windows. What came early
// would not be the last, so a bound needs ShutDownWhenFull.
func UntilWindowCloses(b BufferConfig) Suppressed { return Suppressed{closes: true, buffer: b} }

// UntilTimeLimit holds the updates of a key back until the largest timestamp that has come
// has passed that of the first of them by wait, and then forwards the last one.
func UntilTimeLimit(wait time.Duration, b BufferConfig) Suppressed {
	return Suppressed{wait: wait, buffer: b}
}

// Suppress holds updates back, so that only the last one of each key comes after a while;
// time moves only with records. What is held is kept in a store with a changelog in Kafka
// Streams' bytes, and its keys in memory.
//
// It takes [Named], [WithLogging], [WithoutLogging], [KeySerde] and [ValueSerde]. The Serdes are needed
// where those of the table are not known.
func (t *KTable[K, V]) Suppress(s Suppressed, opts ...Option) *KTable[K, V] {
	b := t.changes.b
	o := b.options("Suppress", opts, isNamed, isWithoutLogging, isWithLogging, isKeySerde, isValueSerde)
	name, store := o.name, o.name+"-store"
	if name == "" {
		name, store = b.names.Next("KTABLE-SUPPRESS"), b.names.Next("KTABLE-SUPPRESS-STATE-STORE")
	}
	h := window.Hold[K, V]{Name: name, Store: store, Wait: s.wait.Milliseconds(), MaxRecords: s.buffer.MaxRecords,
		MaxBytes: s.buffer.MaxBytes, FailWhenFull: s.buffer.ShutDownWhenFull,
		Key:   serdeOf(b, "Suppress", o.key, t.key),
		Value: serdeOf(b, "Suppress", o.value, t.value)}
	s.check(b, h.Key == nil || h.Value == nil)
	if t.versioned() {
		b.fail("Suppress below %s: the table is versioned, and of such a table each version is forwarded: suppress a table "+
			"that is not", t.changes.node)
	}
	if s.closes {
		h.Wait, h.DropTombstones, h.TimeOf = graceAbove(b, t.changes.node), true, closesAt[K]
	}
	t.sendOld(true)
	kept := o.kept(topology.Store{Spec: kinds.Spec{Name: store}, Buffer: true})
	kept.Place = topology.OnDisk
	out := &KTable[K, V]{key: h.Key, value: h.Value, parent: suppressedAbove{t, kept}}
	out.rows = func(ctx topology.Context) join.Getter[K, V] { return window.Held(ctx, &h, t.getter(ctx)) }
	out.changes = attach(t.changes, name, []topology.Store{kept},
		func(ctx topology.Context, next handler[K, node.Change[V]]) handler[K, node.Change[V]] {
			h := h
			h.Next = next
			n, err := window.NewSuppress(ctx, &h)
			return node.Or(err, n.Process)
		})
	return out
}

// check notes what is wrong with a suppression.
func (s Suppressed) check(b *Builder, unknown bool) {
	switch {
	case unknown:
		b.fail("Suppress holds keys and values as bytes, and a Serde of the table is not known: pass KeySerde and ValueSerde")
	case s.wait < 0 || s.buffer.MaxRecords < 0 || s.buffer.MaxBytes < 0:
		b.fail("Suppress for %v with at most %d records and %d bytes: none of them can be negative", s.wait,
			s.buffer.MaxRecords, s.buffer.MaxBytes)
	case s.wait%time.Millisecond != 0:
		b.fail("Suppress for %v: timestamps have whole milliseconds only, so give the time in these", s.wait)
	case s.closes && !s.buffer.ShutDownWhenFull && s.buffer != (BufferConfig{}):
		b.fail("Suppress until a window closes with a bound: what comes early would not be the last update: set " +
			"ShutDownWhenFull, or leave out the bound")
	}
}

// suppressedAbove is the table above a suppression, with the buffer.
type suppressedAbove struct {
	above
	buffer topology.Store
}

func (s suppressedAbove) stores() []topology.Store { return append(s.above.stores(), s.buffer) }

// closesAt is the end of the window of a key.
func closesAt[K any](key K) int64 {
	w, ok := any(key).(interface{ WindowEnd() time.Time })
	if !ok {
		return math.MinInt64
	}
	return w.WindowEnd().UnixMilli()
}

// graceAbove is how long after their end the windows above a node take records: the longest
// of them.
func graceAbove(b *Builder, name string) int64 {
	if grace, ok := b.graces[name]; ok {
		return grace.Milliseconds()
	}
	parents := b.graph.Parents(name)
	longest := int64(-1)
	for _, p := range parents {
		longest = max(longest, graceAbove(b, p))
	}
	if len(parents) == 0 {
		b.fail("Suppress until a window closes: the table is not made of windows: use UntilTimeLimit")
	}
	return longest
}
