package streams

import (
	"time"

	"github.com/suiro/suiro/streams/internal/node"
	"github.com/suiro/suiro/streams/internal/spans"
	"github.com/suiro/suiro/streams/internal/window"
	"github.com/suiro/suiro/streams/topology"
)

// TimeWindows cuts event time into windows of one size, of which one starts every
// Advance: tumbling windows when Advance is the size, hopping windows when it is
// smaller. Windows are aligned to 1970-01-01 UTC, as in Kafka Streams, and none begins
// before it unless a record is from before it.
type TimeWindows struct {
	// Size is how long a window is, at least a millisecond.
	Size time.Duration
	// Advance is the time between two starts. Default: Size.
	Advance time.Duration
	// Grace is how long after its end a window still takes records, by the largest
	// timestamp that has come to the aggregate. Later ones are late. Default: 0.
	Grace time.Duration
	// Retention is how long after its start a window is kept for queries, at
	// least Size + Grace. Default: the larger of that and 24 hours.
	Retention time.Duration
}

// UnlimitedWindows is a single window without an end, which no record is late for.
type UnlimitedWindows struct {
	// Start is when the window begins; records before are left out. Default: 1970-01-01 UTC.
	Start time.Time
}

// Windowed is a key within a window.
type Windowed[K any] = node.Windowed[K]

// Windows are [TimeWindows], [SlidingWindows] or [UnlimitedWindows].
type Windows interface {
	// kept checks the windows and returns how they are kept. onClose says that they are
	// forwarded when they have closed.
	kept(onClose bool) (spans.Spans, error)
}

func (w TimeWindows) kept(onClose bool) (spans.Spans, error) {
	return spans.Times(w.Size, w.Advance, w.Grace, w.Retention, onClose)
}

func (w UnlimitedWindows) kept(onClose bool) (spans.Spans, error) {
	return spans.Unlimited(w.Start, onClose)
}

// TimeWindowedKStream is a grouped stream cut into windows.
type TimeWindowedKStream[K, V any] struct {
	g *KGroupedStream[K, V]
	w Windows
}

// WindowedBy cuts a grouped stream into windows.
func (g *KGroupedStream[K, V]) WindowedBy(w Windows) *TimeWindowedKStream[K, V] {
	return &TimeWindowedKStream[K, V]{g, checkedWindows(g.stream.b, w, noWindows)}
}

// SessionWindowedBy cuts a grouped stream into sessions.
func (g *KGroupedStream[K, V]) SessionWindowedBy(w SessionWindows) *SessionWindowedKStream[K, V] {
	return &SessionWindowedKStream[K, V]{g, checkedWindows(g.stream.b, w, noSessions)}
}

// AggregateWindows is [Aggregate] for each key and window. The store keeps a
// window for its retention. A record that comes after the grace of a window is late for
// it: it is not added, and counted. Records with a null value are added, but not to
// sliding windows, which leave them out as all leave out records without a key.
//
// It takes [Named], [WithLogging], [WithoutLogging], [WithCaching], [WithoutCaching],
// [InMemory], [OnDisk], [EmitOnWindowClose] and [RejectLate].
func AggregateWindows[K, V, A any](s *TimeWindowedKStream[K, V], store string, initial func() A,
	add func(key K, value V, aggregate A) (A, error), serde Serde[A], opts ...Option) *KTable[Windowed[K], A] {
	n := of{"AggregateWindows", "KSTREAM-AGGREGATE", store, opts, []any{initial, add, serde}}
	return windowed(s, n, window.Fold(initial, add, nil), serde)
}

// CountWindows counts the records of each key and window. It takes the options of
// [AggregateWindows].
func CountWindows[K, V any](s *TimeWindowedKStream[K, V], store string, opts ...Option) *KTable[Windowed[K], int64] {
	return windowed(s, of{"CountWindows", "KSTREAM-AGGREGATE", store, opts, nil}, window.Count[K, V](), Int64())
}

// ReduceWindows is [Reduce] for each key and window. It takes the options of
// [AggregateWindows].
func ReduceWindows[K, V any](s *TimeWindowedKStream[K, V], store string, f func(value, next V) (V, error),
	serde Serde[V], opts ...Option) *KTable[Windowed[K], V] {
	return windowed(s, of{"ReduceWindows", "KSTREAM-REDUCE", store, opts, []any{f, serde}}, window.Reduce[K](f), serde)
}

func windowed[K, V, A any](s *TimeWindowedKStream[K, V], n of, a window.Aggregator[K, V, A],
	serde Serde[A]) *KTable[Windowed[K], A] {
	return inWindows(s.g, newWindowTable(s.g.stream.b, n, s.w, s.g.key, serde, a.Initial), n, a)
}

// inWindows adds the node of an aggregate in windows of any kind.
func inWindows[K, V, A any](g *KGroupedStream[K, V], t *windowTable[K, A], n of,
	a window.Aggregator[K, V, A]) *KTable[Windowed[K], A] {
	b := g.stream.b
	name := b.name(t.options, n.kind)
	t.table.changes = attach(g.partitioned(t.store.Name), name, []topology.Store{t.store},
		func(ctx topology.Context, next handler[Windowed[K], node.Change[A]]) handler[K, V] {
			return aggregateWindows(t, ctx, name, t.open(ctx, next), a)
		})
	b.graces[name] = t.windows.ClosesAfter()
	return t.table
}

// EmitOnWindowClose makes a windowed aggregate forward each window once, when it has
// closed: when a record has come whose timestamp is behind its end by the grace.
// Forwarding waits for a second of the clock since the last time, as in Kafka Streams, and
// for the end of the epoch. Default: each update is forwarded.
func EmitOnWindowClose() Option {
	return Option{isEmitOnWindowClose, func(o *options) { o.onClose = true }}
}

// RejectLate makes a record that comes too late for each of its windows a dead letter,
// which writes nothing anywhere. Default: it is left out and counted.
func RejectLate() Option {
	return Option{isRejectLate, func(o *options) { o.rejectLate = true }}
}
