// Package timers keeps the schedules of a task's punctuations, which follow stream time or
// the clock.
package timers

import (
	"math"
	"slices"
	"sync/atomic"
	"time"

	"github.com/suiro/suiro/streams/topology"
)

// Never is when nothing is due.
const Never = math.MaxInt64

// Timers are what the nodes of a task have scheduled. They belong to the task's goroutine,
// but for [Timers.Wall]. [New] makes them.
type Timers struct {
	all    []*Timer
	stream int64        // when the next one is due by stream time
	wall   atomic.Int64 // and by the clock
}

// Timer is one schedule. Times are in milliseconds since 1970.
type Timer struct {
	// Punctuate is what is called.
	Punctuate func(now time.Time) error

	kind            topology.PunctuationType
	interval        int64
	next, committed int64 // when it is due, now and as of the last commit
}

// New returns Timers without a schedule.
func New() *Timers {
	s := &Timers{}
	s.due()
	return s
}

// Stream returns when something is due by stream time, and [Timers.Wall] by the clock, which
// any goroutine may ask for.
func (s *Timers) Stream() int64 { return s.stream }

// Wall returns when something is due by the clock.
func (s *Timers) Wall() int64 { return s.wall.Load() }

// Add adds a schedule, which is due at a time first. cancel takes it out.
func (s *Timers) Add(kind topology.PunctuationType, first, interval int64,
	punctuate func(time.Time) error) (cancel func()) {
	t := &Timer{kind: kind, interval: interval, next: first, committed: first, Punctuate: punctuate}
	s.all = append(s.all, t)
	s.due()
	return func() {
		s.all = slices.DeleteFunc(s.all, func(o *Timer) bool { return o == t })
		s.due()
	}
}

// Next returns the timer that is due first of those that are due, nil when none is. It is
// due again at its next time after now: one that has missed some of its times is called once.
func (s *Timers) Next(kind topology.PunctuationType, now int64) (first *Timer) {
	for _, t := range s.all {
		if t.kind == kind && t.next <= now && (first == nil || t.next < first.next) {
			first = t
		}
	}
	if first == nil {
		return nil
	}
	first.next += ((now-first.next)/first.interval + 1) * first.interval
	s.due()
	return first
}

// Keep notes that the schedules are committed, or sets them back: what the punctuators of
// an aborted epoch have made is lost, and they are due again.
func (s *Timers) Keep(committed bool) {
	for _, t := range s.all {
		if committed {
			t.committed = t.next
		} else {
			t.next = t.committed
		}
	}
	s.due()
}

// due finds when the next timers are due.
func (s *Timers) due() {
	stream, wall := int64(Never), int64(Never)
	for _, t := range s.all {
		if t.kind == topology.StreamTime {
			stream = min(stream, t.next)
		} else {
			wall = min(wall, t.next)
		}
	}
	s.stream = stream
	s.wall.Store(wall)
}
