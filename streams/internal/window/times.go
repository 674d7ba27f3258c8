package window

import (
	"math"

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
}

// NewTimes returns the node of one task. Its store is a timestamped window store.
func NewTimes[K, V, A any](ctx Context, o *Options[K, V, A], fixed Fixed) (*Times[K, V, A], error) {
	w, err := newWindows(ctx, o)
	if err != nil {
		return nil, err
	}
	return &Times[K, V, A]{windows: w, fixed: fixed}, nil
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
	at, closeTime := r.Timestamp.UnixMilli(), t.closeTime(r.Timestamp, t.fixed.Grace)
	first, last := t.fixed.starts(at)
	taken := first > last
	for start := first; start <= last; start += t.fixed.Advance {
		end := t.fixed.end(start)
		if end <= closeTime {
			t.ctx.Late()
		} else if err := t.add(r, place{raw, start, end}); err != nil {
			return err
		} else {
			taken = true
		}
		if t.fixed.Size == 0 {
			break
		}
	}
	if !taken && t.o.RejectLate {
		return late(at, closeTime)
	}
	return t.closing(r, closeTime)
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
		aggregate, at = t.o.Aggregator.Initial(), r.Timestamp.UnixMilli()
		if old, err = t.initial(p.key, aggregate); err != nil {
			return err
		}
	}
	if aggregate, err = t.o.Aggregator.Add(r, aggregate); err != nil {
		return err
	}
	value, err := t.encode(p.key, aggregate)
	if err != nil {
		return err
	}
	return t.put(r, p, before, old, stamped{value, at})
}

// closing forwards the windows that have closed since the last time.
func (t *Times[K, V, A]) closing(r *node.Record[K, V], closeTime int64) error {
	if !t.o.OnClose || !t.clock.due(closeTime, t.o.Now()) {
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
	t.clock.closed = closeTime
	return t.emit(r, lower, upper, t.fixed.Size)
}
