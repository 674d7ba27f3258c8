package streams

import (
	"fmt"
	"math"
	"time"

	"github.com/suiro/suiro/stores/kinds"
	"github.com/suiro/suiro/streams/internal/aggregate"
	"github.com/suiro/suiro/streams/internal/cached"
	"github.com/suiro/suiro/streams/internal/node"
	"github.com/suiro/suiro/streams/internal/table"
	"github.com/suiro/suiro/streams/topology"
)

// TimeWindows cuts event time into windows of one size, of which one starts every
// Advance: tumbling windows when Advance is the size, hopping windows when it is
// smaller. Windows are aligned to 1970-01-01 UTC, as in Kafka Streams.
type TimeWindows struct {
	// Size is how long a window is, at least a millisecond.
	Size time.Duration
	// Advance is the time between two starts. Default: Size.
	Advance time.Duration
	// Grace is how long after its end, by stream time, a window still takes
	// records. Later ones are dropped and counted. Default: 0.
	Grace time.Duration
	// Retention is how long after its start a window is kept for queries, at
	// least Size + Grace. Default: the larger of that and 24 hours.
	Retention time.Duration
}

// Windowed is a key within a window.
type Windowed[K any] = node.Windowed[K]

// TimeWindowedKStream is a grouped stream cut into windows.
type TimeWindowedKStream[K, V any] struct {
	g *KGroupedStream[K, V]
	w TimeWindows
}

// WindowedBy cuts a grouped stream into windows.
func (g *KGroupedStream[K, V]) WindowedBy(w TimeWindows) *TimeWindowedKStream[K, V] {
	if w.Advance == 0 {
		w.Advance = w.Size
	}
	if w.Size < time.Millisecond || w.Advance < time.Millisecond || w.Advance > w.Size || w.Grace < 0 {
		g.stream.b.errs = append(g.stream.b.errs, fmt.Errorf(
			"time windows of %v that advance by %v with grace %v: size and advance must be at least 1ms, "+
				"advance at most size, and grace not negative", w.Size, w.Advance, w.Grace))
	}
	if w.Retention < w.Size+w.Grace {
		w.Retention = max(w.Size+w.Grace, 24*time.Hour)
	}
	return &TimeWindowedKStream[K, V]{g, w}
}

// AggregateWindows is [Aggregate] for each key and window. The store keeps a
// window for its retention. A record that comes after the grace of a window is late for
// it: it is not added, and counted. It takes the options of [Aggregate].
func AggregateWindows[K, V, A any](s *TimeWindowedKStream[K, V], store string, initial func() A,
	add func(key K, value V, aggregate A) (A, error), serde Serde[A], opts ...Option) *KTable[Windowed[K], A] {
	b := s.g.stream.b
	o := b.options("AggregateWindows", opts, ofStore...)
	store = b.store(store, "KSTREAM-AGGREGATE")
	name := b.name(o, "KSTREAM-AGGREGATE")
	t := &KTable[Windowed[K], A]{value: serde, stored: true}
	t.kept = &table.Kept[Windowed[K], A]{Store: topology.Store{
		Spec: kinds.Spec{Name: store, Kind: kinds.TimestampedWindow, Retention: s.w.Retention}, Size: s.w.Size,
		NoChangelog: o.withoutLogging,
	}, Value: serde, Direct: o.withoutCaching}
	t.changes = attach(s.g.partitioned(store), name, []topology.Store{t.kept.Store},
		func(ctx topology.Context, next handler[Windowed[K], node.Change[A]]) handler[K, V] {
			return newWindowNode(ctx, s.g.key, s.w, ownWindows(t, ctx, next, initial), initial, add).process
		})
	return t
}

// ownWindows opens the store of a table of windows.
func ownWindows[K, V any](t *KTable[K, V], ctx topology.Context, next handler[K, node.Change[V]],
	initial func() V) *cached.Store[K, V] {
	s := t.kept.OpenWindows(ctx)
	s.Own(next, t.sendsOld, initial)
	return s
}

// CountWindows counts the records of each key and window. It takes the options of
// [Aggregate].
func CountWindows[K, V any](s *TimeWindowedKStream[K, V], store string, opts ...Option) *KTable[Windowed[K], int64] {
	return AggregateWindows(s, store, func() int64 { return 0 },
		func(_ K, _ V, n int64) (int64, error) { return n + 1, nil }, Int64(), opts...)
}

// windowNode is one task's windowed aggregate.
type windowNode[K, V, A any] struct {
	ctx                             topology.Context
	key                             Serde[K]
	initial                         func() A
	add                             func(K, V, A) (A, error)
	store                           *cached.Store[Windowed[K], A]
	size, advance, grace, retention int64 // milliseconds
	expired                         int64 // windows that start before are gone
}

func newWindowNode[K, V, A any](ctx topology.Context, key Serde[K], w TimeWindows, store *cached.Store[Windowed[K], A],
	initial func() A, add func(K, V, A) (A, error)) *windowNode[K, V, A] {
	n := &windowNode[K, V, A]{
		ctx: ctx, key: key, initial: initial, add: add, store: store,
		size: w.Size.Milliseconds(), advance: w.Advance.Milliseconds(),
		grace: w.Grace.Milliseconds(), retention: w.Retention.Milliseconds(), expired: math.MinInt64,
	}
	store.AfterCommit(n.commit, n.abort)
	return n
}

// process adds a record to each window it falls in that still takes records.
func (n *windowNode[K, V, A]) process(r *Record[K, V]) error {
	if r.KeyIsNull() || r.ValueIsNull() {
		n.ctx.Drop()
		return nil
	}
	raw, err := aggregate.RawKey(n.key.Serialize, r.Key)
	if err != nil {
		return err
	}
	at, now := r.Timestamp.UnixMilli(), n.ctx.StreamTime().UnixMilli()
	last := at - mod(at, n.advance)
	for start := last - (n.size-1)/n.advance*n.advance; start <= last; start += n.advance {
		switch {
		case start+n.size <= at:
		case start+n.size+n.grace <= now:
			n.ctx.Late()
		default:
			if err := n.update(raw, start, r); err != nil {
				return err
			}
		}
	}
	return nil
}

// update adds a record to one window.
func (n *windowNode[K, V, A]) update(raw []byte, start int64, r *Record[K, V]) error {
	e, err := n.store.Find(raw, start)
	if err != nil {
		return err
	}
	value, at := e.Value, r.Timestamp.UnixMilli()
	if e.Has {
		at = max(at, e.Timestamp)
	} else {
		value = n.initial()
	}
	if value, err = n.add(r.Key, r.Value, value); err != nil {
		return err
	}
	windowed := func() Windowed[K] {
		return Windowed[K]{Key: aggregate.Owned(r.Key), Start: time.UnixMilli(start).UTC(),
			End: time.UnixMilli(start + n.size).UTC()}
	}
	return n.store.Set(e, windowed, value, !node.IsNil(value), at, r.Timestamp, r.Headers)
}

// commit forgets the windows whose retention has passed, after the cache has
// written and forwarded the epoch's: what was counted is seen downstream also
// when an epoch is longer than a retention. It does so only when another
// window has expired.
func (n *windowNode[K, V, A]) commit() error {
	before := n.ctx.StreamTime().UnixMilli() - n.retention
	before -= mod(before, n.advance)
	if before > n.expired {
		n.expired = before
		n.store.Evict(before)
	}
	return nil
}

func (n *windowNode[K, V, A]) abort() { n.expired = math.MinInt64 }

// mod is a modulo b, not negative for times before 1970.
func mod(a, b int64) int64 { return ((a % b) + b) % b }
