package window

import (
	"bytes"
	"errors"

	"github.com/suiro/suiro/streams/internal/node"
)

// Around are sliding windows, in milliseconds.
type Around struct {
	// Difference is how far apart the records of a window may be.
	Difference int64
	// Grace is how long after its end a window takes records.
	Grace int64
}

// Sliding aggregates in windows that begin or end with a record: for each record at t there
// is a window that ends at t, and one that begins right after t when another record is in
// it. So there is a window for each set of records that are close enough to each other.
type Sliding[K, V, A any] struct {
	*windows[K, V, A]
	around Around
}

// NewSliding returns the node of one task. Its store is a timestamped window store.
func NewSliding[K, V, A any](ctx Context, o *Options[K, V, A], around Around) (*Sliding[K, V, A], error) {
	w, err := newWindows(ctx, o)
	if err != nil {
		return nil, err
	}
	return &Sliding[K, V, A]{windows: w, around: around}, nil
}

// slide is a record on its way through the windows around it.
type slide[K, V any] struct {
	r         *node.Record[K, V]
	key       []byte
	at        int64
	closeTime int64
	starts    map[int64]bool // of the windows there are
	// left is the window before the one that ends with the record, right the aggregate for
	// the window that begins right after it.
	left, right           stamped
	leftThere, rightThere bool // the two windows of the record exist
	// previous is the time of the record before, if there is one close enough.
	previous    int64
	hasPrevious bool
}

// Process adds a record to the windows around it.
func (s *Sliding[K, V, A]) Process(r *node.Record[K, V]) error {
	if r.KeyIsNull() || r.ValueIsNull() {
		s.ctx.Drop()
		return nil
	}
	key, err := s.keyOf(r.Key)
	if err != nil {
		return err
	}
	w := &slide[K, V]{r: r, key: key, at: r.Timestamp.UnixMilli(), starts: map[int64]bool{}}
	w.closeTime = s.closeTime(r.Timestamp, s.around.Grace)
	if w.at+s.around.Difference < w.closeTime {
		s.ctx.Late()
		if s.node.RejectLate {
			return late(w.at, w.closeTime)
		}
		return nil
	}
	if w.at >= 0 && w.at < s.around.Difference {
		return s.early(w)
	}
	from := w.at - 2*s.around.Difference
	if w.at >= 0 {
		from = max(0, from)
	}
	// First, as the store may forget what has closed when it gets a much later window.
	if err := s.closing(r, w.closeTime); err != nil {
		return err
	}
	if err := s.walk(w, from, true, s.meet); err != nil {
		return err
	}
	return s.missing(w)
}

// walk calls each with the windows of the record's key from a time on until right after
// the record, until it returns false.
func (s *Sliding[K, V, A]) walk(w *slide[K, V], from int64, descending bool,
	each func(w *slide[K, V], start int64, found stamped) (more bool, err error)) error {
	it, err := s.store.Range(w.key, from, w.at+1, descending)
	if err != nil {
		return err
	}
	more := true
	for more && err == nil && it.Next() {
		var found stamped
		if found, err = s.parse(bytes.Clone(it.Value())); err == nil {
			w.starts[it.Start()] = true
			more, err = each(w, it.Start(), found)
		}
	}
	return errors.Join(err, it.Err(), it.Close())
}

// meet takes in one window, the latest first.
func (s *Sliding[K, V, A]) meet(w *slide[K, V], start int64, found stamped) (more bool, err error) {
	switch end := start + s.around.Difference; {
	case start == w.at+1:
		w.rightThere = true
	case end > w.at:
		if w.right.value == nil {
			w.right = found
		}
		return true, s.add(w, start, found, true)
	case end == w.at:
		w.leftThere = true
		if found.at < w.at {
			w.previous, w.hasPrevious = found.at, true
		} else {
			w.rightThere, w.right = true, stamped{} // it had a record at this time: nothing is missing
		}
		return found.at < w.at, s.add(w, start, found, true)
	default:
		w.left, w.previous, w.hasPrevious = found, found.at, true
		return false, nil
	}
	return true, nil
}

// missing makes the windows that the record is the first to need.
func (s *Sliding[K, V, A]) missing(w *slide[K, V]) error {
	if next := w.previous + 1; w.hasPrevious && !w.starts[next] && next+s.around.Difference >= w.at {
		if err := s.begin(w, next); err != nil {
			return err
		}
	}
	if !w.leftThere {
		left := stamped{at: w.at}
		if w.hasPrevious && w.at-s.around.Difference <= w.previous {
			left.value = w.left.value
		} else {
			var err error
			if left.value, err = s.encode(w.key, s.node.Aggregator.Initial()); err != nil {
				return err
			}
		}
		if err := s.add(w, w.at-s.around.Difference, left, false); err != nil {
			return err
		}
	}
	return s.after(w)
}

// early takes a record whose window would begin before 1970: all of them share the window
// that begins there.
func (s *Sliding[K, V, A]) early(w *slide[K, V]) error {
	var shared *stamped
	err := s.walk(w, 0, false, func(w *slide[K, V], start int64, found stamped) (bool, error) {
		switch {
		case start == 0:
			shared = &found
			if found.at < w.at {
				w.previous, w.hasPrevious = found.at, true
			}
		case start <= w.at:
			w.right = found
			return true, s.add(w, start, found, true)
		default:
			w.rightThere = true
		}
		return true, nil
	})
	if err != nil {
		return err
	}
	if w.right.value == nil && shared != nil && shared.at > w.at {
		w.right = *shared
	}
	if err := s.after(w); err != nil {
		return err
	}
	if w.hasPrevious && !w.starts[w.previous+1] {
		if err := s.begin(w, w.previous+1); err != nil {
			return err
		}
	}
	if shared == nil {
		return s.begin(w, 0)
	}
	return s.add(w, 0, *shared, true)
}

// after makes the window that begins right after the record, if others are in it.
func (s *Sliding[K, V, A]) after(w *slide[K, V]) error {
	if w.rightThere || w.right.value == nil || w.right.at <= w.at {
		return nil
	}
	start := w.at + 1
	return s.put(w.r, place{w.key, start, start + s.around.Difference}, stamped{}, nil, w.right)
}

// begin makes a window with the record alone.
func (s *Sliding[K, V, A]) begin(w *slide[K, V], start int64) error {
	value, err := s.encode(w.key, s.node.Aggregator.Initial())
	if err != nil {
		return err
	}
	return s.add(w, start, stamped{value, w.at}, false)
}

// add adds the record to a window, unless it has closed. there says that the store has it.
func (s *Sliding[K, V, A]) add(w *slide[K, V], start int64, found stamped, there bool) error {
	p := place{w.key, start, start + s.around.Difference}
	if p.end < w.closeTime {
		s.ctx.Late()
		return nil
	}
	aggregate, err := s.maybe(found.value)
	if err != nil {
		return err
	}
	at := w.at
	if aggregate.OK {
		at = max(at, found.at)
	}
	if aggregate, err = s.node.Aggregator.Add(w.r, aggregate); err != nil {
		return err
	}
	value, err := s.encode(w.key, aggregate)
	if err != nil {
		return err
	}
	before := found
	if !there {
		before = stamped{}
	}
	return s.put(w.r, p, before, found.value, stamped{value, at})
}

// closing takes the windows that have closed since the last time.
func (s *Sliding[K, V, A]) closing(r *node.Record[K, V], closeTime int64) error {
	if !s.o.OnClose || !s.clock.due(closeTime, s.node.Now(), s.node.Interval, s.o.Slack) {
		return nil
	}
	lower, upper := int64(0), closeTime-s.around.Difference-1
	if upper < 0 {
		return nil
	}
	if s.clock.closed != noTime {
		lower = max(0, s.clock.closed-s.around.Difference)
	}
	s.clock.close(closeTime)
	return s.emit(r, lower, upper, s.around.Difference)
}
