package window

import (
	"math"

	"github.com/suiro/suiro/streams/internal/cached"
	"github.com/suiro/suiro/streams/internal/node"
)

// Fixed are windows of one size, in milliseconds.
type Fixed struct {
	// Size is how long a window is; 0 is a single one without an end, which begins at
	// Start.
	Size int64
	// Advance is the time between the starts of two windows.
	Advance int64
	// Grace is how long after its end a window takes records.
	Grace int64
	// Start is when the window without an end begins.
	Start int64
}

// starts returns the starts of the first and the last window of a time. There are none
// when first is larger than last. Windows of times after 1970 begin then or later, as in
// Kafka Streams.
func (f Fixed) starts(at int64) (first, last int64) {
	if f.Size == 0 {
		if at < f.Start {
			return 0, -1
		}
		return f.Start, f.Start
	}
	last = at - mod(at, f.Advance)
	first = last - (f.Size-1)/f.Advance*f.Advance
	for first+f.Size <= at || at >= 0 && first < 0 {
		first += f.Advance
	}
	return first, last
}

// end returns when a window ends.
func (f Fixed) end(start int64) int64 {
	if f.Size == 0 || start > math.MaxInt64-f.Size {
		return math.MaxInt64
	}
	return start + f.Size
}

// mod is a modulo b, not negative for times before 1970.
func mod(a, b int64) int64 { return ((a % b) + b) % b }

// Times aggregates in tumbling, hopping or unlimited windows.
type Times[K, V, A any] struct {
	*windows[K, V, A]
	fixed Fixed
	cache *cached.Store[node.Windowed[K], A] // nil without one
}

// NewTimes returns the node of one task. Its store is a timestamped window store; a cache
// of it takes the updates, unless it is nil.
func NewTimes[K, V, A any](ctx Context, o *Options[K, V, A], fixed Fixed,
	cache *cached.Store[node.Windowed[K], A]) (*Times[K, V, A], error) {
	w, err := newWindows(ctx, o)
	if err != nil {
		return nil, err
	}
	return &Times[K, V, A]{windows: w, fixed: fixed, cache: cache}, nil
}

// Process adds a record to each window that it falls in and that still takes records.
func (t *Times[K, V, A]) Process(r *node.Record[K, V]) error {
	if r.KeyIsNull() {
		t.ctx.Drop()
		return nil
	}
	raw, err := t.keyOf(r.Key)
	if err != nil {
		return err
	}
	closeTime := t.closeTime(r.Timestamp, t.fixed.Grace)
	first, last := t.fixed.starts(r.Timestamp.UnixMilli())
	open := first
	for open <= last && t.fixed.end(open) <= closeTime {
		t.ctx.Late()
		open += t.fixed.Advance
	}
	if t.node.RejectLate && open > last && first <= last {
		return late(r.Timestamp.UnixMilli(), closeTime)
	}
	// First, as the store may forget what has closed when it gets a much later window.
	if err := t.closing(r, closeTime); err != nil {
		return err
	}
	for ; open <= last; open += t.fixed.Advance {
		p := place{raw, open, t.fixed.end(open)}
		if t.cache != nil {
			err = t.change(r, p)
		} else {
			err = t.add(r, p)
		}
		if err != nil || t.fixed.Size == 0 {
			return err
		}
	}
	return nil
}

// change is add with a cache.
func (t *Times[K, V, A]) change(r *node.Record[K, V], p place) error {
	e, err := t.cache.Find(p.key, p.start)
	if err != nil {
		return err
	}
	aggregate, at := Maybe[A]{e.Value, e.Has}, r.Timestamp.UnixMilli()
	if e.Has {
		at = max(at, e.Timestamp)
	} else {
		aggregate = t.node.Aggregator.Initial()
	}
	if aggregate, err = t.node.Aggregator.Add(r, aggregate); err != nil {
		return err
	}
	key := func() node.Windowed[K] { return windowed(owned(r.Key), p.start, p.end) }
	return t.cache.Set(e, key, aggregate.Value, aggregate.OK, at, r.Timestamp, r.Headers)
}

func (t *Times[K, V, A]) add(r *node.Record[K, V], p place) error {
	before, err := t.fetch(p.key, p.start)
	if err != nil {
		return err
	}
	aggregate, err := t.maybe(before.value)
	if err != nil {
		return err
	}
	old, at := before.value, max(before.at, r.Timestamp.UnixMilli())
	if !aggregate.OK {
		aggregate, at = t.node.Aggregator.Initial(), r.Timestamp.UnixMilli()
		if old, err = t.initial(p.key, aggregate); err != nil {
			return err
		}
	}
	if aggregate, err = t.node.Aggregator.Add(r, aggregate); err != nil {
		return err
	}
	value, err := t.encode(p.key, aggregate)
	if err != nil {
		return err
	}
	return t.put(r, p, before, old, stamped{value, at})
}

// closing takes the windows that have closed since the last time.
func (t *Times[K, V, A]) closing(r *node.Record[K, V], closeTime int64) error {
	if !t.o.OnClose || !t.clock.due(closeTime, t.node.Now(), t.node.Interval, t.o.Slack) {
		return nil
	}
	lower, upper := int64(0), closeTime-t.fixed.Size
	if upper < 0 {
		return nil
	}
	if t.clock.closed != noTime {
		lower = max(0, t.clock.closed-t.fixed.Size) + 1
		first, last := t.fixed.starts(upper)
		if f, l := t.fixed.starts(lower - 1); f == first && l == last {
			return nil // no window has closed since
		}
	}
	t.clock.close(closeTime)
	return t.emit(r, lower, upper, t.fixed.Size)
}
