// Package spans knows how long windows are, how long after their ends they take records, and how
// long they are kept, and says which of that cannot be.
package spans

import (
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/suiro/suiro/streams/internal/cached"
	"github.com/suiro/suiro/streams/internal/node"
	"github.com/suiro/suiro/streams/internal/window"
)

// Spans are those of the windows of an aggregate. The zero Spans cannot be.
type Spans struct {
	// Size is how long a window is, 0 for one without an end.
	Size time.Duration
	// Grace is how long after that a window takes records.
	Grace time.Duration
	// Retention is how long windows are kept.
	Retention time.Duration
	// Fixed are windows of one size, unless they are Around records, or sessions with a Gap.
	Fixed  window.Fixed
	Around *window.Around
	Gap    *window.Gap
}

// day is how long windows are kept at least, unless it is said.
const day = 24 * time.Hour

// Times returns those of tumbling and hopping windows; an advance of 0 is the size. onClose says
// that windows are forwarded when they have closed.
func Times(size, advance, grace, retention time.Duration, onClose bool) (Spans, error) {
	if advance == 0 {
		advance = size
	}
	if size < time.Millisecond || advance < time.Millisecond || advance > size || grace < 0 {
		return Spans{}, fmt.Errorf("time windows of %v that advance by %v with grace %v: size and advance must be at "+
			"least 1ms, advance at most size, and grace not negative", size, advance, grace)
	}
	if err := whole("time windows", size, advance, grace, retention); err != nil {
		return Spans{}, err
	}
	retention, err := kept("Size + Grace", sum(size, grace), retention, onClose)
	return Spans{Size: size, Grace: grace, Retention: retention, Fixed: window.Fixed{
		Size: size.Milliseconds(), Advance: advance.Milliseconds(), Grace: grace.Milliseconds(),
	}}, err
}

// Unlimited returns those of a window without an end, which begins at start, the zero time for 1970.
func Unlimited(start time.Time, onClose bool) (Spans, error) {
	s := Spans{Retention: math.MaxInt64}
	if !start.IsZero() {
		s.Fixed.Start = start.UnixMilli()
	}
	if s.Fixed.Start < 0 {
		return s, fmt.Errorf("unlimited windows that begin at %v: the earliest is 1970-01-01 UTC", start)
	}
	if onClose {
		return s, errors.New("unlimited windows with EmitOnWindowClose: they have no end, so nothing would come")
	}
	return s, nil
}

// Sliding returns those of windows around records.
func Sliding(difference, grace, retention time.Duration, onClose bool) (Spans, error) {
	if difference < time.Millisecond || grace < 0 {
		return Spans{}, fmt.Errorf("sliding windows with a time difference of %v and grace %v: the difference must be "+
			"at least 1ms, and grace not negative", difference, grace)
	}
	if err := whole("sliding windows", difference, grace, retention); err != nil {
		return Spans{}, err
	}
	retention, err := kept("2 * TimeDifference + Grace", sum(difference, difference, grace), retention, onClose)
	return Spans{Size: difference, Grace: grace, Retention: retention, Around: &window.Around{
		Difference: difference.Milliseconds(), Grace: grace.Milliseconds(),
	}}, err
}

// Sessions returns those of windows that grow.
func Sessions(inactivity, grace, retention time.Duration, onClose bool) (Spans, error) {
	if inactivity < time.Millisecond || grace < 0 {
		return Spans{}, fmt.Errorf("session windows with an inactivity gap of %v and grace %v: the gap must be at "+
			"least 1ms, and grace not negative", inactivity, grace)
	}
	if err := whole("session windows", inactivity, grace, retention); err != nil {
		return Spans{}, err
	}
	retention, err := kept("InactivityGap + Grace", sum(inactivity, grace), retention, onClose)
	return Spans{Size: inactivity, Grace: grace, Retention: retention, Gap: &window.Gap{
		Inactivity: inactivity.Milliseconds(), Grace: grace.Milliseconds(),
	}}, err
}

// kept returns how long windows are kept, of which least is a must.
func kept(what string, least, given time.Duration, onClose bool) (time.Duration, error) {
	if onClose {
		what, least = "2 * ("+what+") with EmitOnWindowClose", sum(least, least)
	}
	switch {
	case given == 0:
		return max(least, day), nil
	case given < least:
		return given, fmt.Errorf("windows with a retention of %v: it must be at least %s, %v", given, what, least)
	}
	return given, nil
}

// whole returns an error if one of the times that windows are made of is not in whole
// milliseconds, as timestamps are.
func whole(windows string, times ...time.Duration) error {
	for _, d := range times {
		if d%time.Millisecond != 0 {
			return fmt.Errorf("%s with %v: timestamps have whole milliseconds only, so give it in these", windows, d)
		}
	}
	return nil
}

// sum adds times, none of which is negative. What is too long to be told is forever.
func sum(times ...time.Duration) (sum time.Duration) {
	for _, d := range times {
		if sum > math.MaxInt64-d {
			return math.MaxInt64
		}
		sum += d
	}
	return sum
}

// Slack is how far time may pass the close of windows before they must be looked at, in milliseconds.
func (s Spans) Slack() int64 { return max(s.Retention-sum(s.Size, s.Grace), 0).Milliseconds() / 2 }

// ClosesAfter is how long after the end of a window its last update may come.
func (s Spans) ClosesAfter() time.Duration {
	if s.Gap != nil {
		return s.Size + s.Grace
	}
	return s.Grace
}

// Aggregate makes the node that aggregates a stream in such windows, in one task. cache is that of
// [window.NewTimes].
func Aggregate[K, V, A any](s Spans, ctx window.Context, o *window.Options[K, V, A],
	cache *cached.Store[node.Windowed[K], A]) node.Handler[K, V] {
	switch {
	case s.Gap != nil:
		n, err := window.NewSessions(ctx, o, *s.Gap)
		return node.Or(err, n.Process)
	case s.Around != nil:
		n, err := window.NewSliding(ctx, o, *s.Around)
		return node.Or(err, n.Process)
	}
	n, err := window.NewTimes(ctx, o, s.Fixed, cache)
	return node.Or(err, n.Process)
}
