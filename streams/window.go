package streams

import (
	"fmt"
	"math"
	"time"

	"github.com/suiro/suiro/stores/kinds"
	"github.com/suiro/suiro/streams/internal/aggregate"
	"github.com/suiro/suiro/streams/internal/node"
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
// window for its retention.
func AggregateWindows[K, V, A any](s *TimeWindowedKStream[K, V], store string, initial func() A,
	add func(key K, value V, aggregate A) (A, error), serde Serde[A]) *KTable[Windowed[K], A] {
	store = s.g.stream.b.store(store)
	name := s.g.stream.b.names.Next("KSTREAM-AGGREGATE")
	stores := []topology.Store{{
		Spec: kinds.Spec{Name: store, Kind: kinds.TimestampedWindow, Retention: s.w.Retention}, Size: s.w.Size,
	}}
	out := attach(s.g.partitioned(store), name, stores,
		func(ctx topology.Context, next handler[Windowed[K], A]) handler[K, V] {
			n := newWindowNode(ctx, s.w, store, next, serde)
			return func(r *Record[K, V]) error {
				raw, err := s.g.key.Serialize(r.Key)
				if err != nil {
					return &topology.Rejection{Stage: topology.Processing, Err: fmt.Errorf("key: %w", err)}
				}
				return n.update(raw, r.Key, r.Timestamp, initial, func(a A) (A, error) { return add(r.Key, r.Value, a) })
			}
		})
	return &KTable[Windowed[K], A]{updates: out, Store: store}
}

// CountWindows counts the records of each key and window.
func CountWindows[K, V any](s *TimeWindowedKStream[K, V], store string) *KTable[Windowed[K], int64] {
	return AggregateWindows(s, store, func() int64 { return 0 },
		func(_ K, _ V, n int64) (int64, error) { return n + 1, nil }, Int64())
}

// windowNode is one task's windowed aggregate.
type windowNode[K, A any] struct {
	ctx                             topology.Context
	cache                           *aggregate.Cache[Windowed[K], A]
	size, advance, grace, retention int64 // milliseconds
	expired                         int64 // windows that start before are gone
}

func newWindowNode[K, A any](ctx topology.Context, w TimeWindows, store string,
	next handler[Windowed[K], A], serde Serde[A]) *windowNode[K, A] {
	windows := ctx.Stores().Window(store)
	n := &windowNode[K, A]{
		ctx: ctx, size: w.Size.Milliseconds(), advance: w.Advance.Milliseconds(),
		grace: w.Grace.Milliseconds(), retention: w.Retention.Milliseconds(),
		expired: math.MinInt64,
	}
	ctx.OnCommit(n.commit, n.abort) // registered before the cache, called after it
	n.cache = aggregate.New(aggregate.Options[Windowed[K], A]{
		Context: ctx, Store: store, Load: windows.Fetch,
		Save:      func(key []byte, start int64, value []byte) { windows.Put(key, start, value) },
		Serialize: serde.Serialize, Deserialize: serde.Deserialize, Forward: forward(next),
	})
	return n
}

// update adds a record to each window it falls in that still takes records.
func (n *windowNode[K, A]) update(raw []byte, key K, ts time.Time, initial func() A, change func(A) (A, error)) error {
	at, now := ts.UnixMilli(), n.ctx.StreamTime().UnixMilli()
	last := at - mod(at, n.advance)
	taken := false
	for start := last - (n.size-1)/n.advance*n.advance; start <= last; start += n.advance {
		if start+n.size <= at || start+n.size+n.grace <= now {
			continue
		}
		taken = true
		windowed := func() Windowed[K] {
			return Windowed[K]{Key: owned(key), Start: time.UnixMilli(start).UTC(), End: time.UnixMilli(start + n.size).UTC()}
		}
		if err := n.cache.Update(raw, start, windowed, ts, initial, change); err != nil {
			return err
		}
	}
	if !taken {
		n.ctx.Late()
	}
	return nil
}

// commit forgets the windows whose retention has passed, after the cache has
// written and forwarded the epoch's: what was counted is seen downstream also
// when an epoch is longer than a retention. It does so only when another
// window has expired.
func (n *windowNode[K, A]) commit() error {
	before := n.ctx.StreamTime().UnixMilli() - n.retention
	before -= mod(before, n.advance)
	if before > n.expired {
		n.expired = before
		n.cache.Evict(before)
	}
	return nil
}

func (n *windowNode[K, A]) abort() { n.expired = math.MinInt64 }

// mod is a modulo b, not negative for times before 1970.
func mod(a, b int64) int64 { return ((a % b) + b) % b }
