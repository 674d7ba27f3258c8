package sinkkit

import (
	"context"
	"time"

	"github.com/suiro/suiro/internal/backoff"
)

// Retry spaces the tries of one piece of work, such as a request: each wait is
// twice as long as the one before, up to a limit, and partly random. The fields
// are set before the first call. It is used by one goroutine at a time.
//
//	      Again          Again
//	new ─────────▶ failing ─┐
//	 ▲               │  ▲───┘
//	 └───────────────┘
//	       Done
type Retry struct {
	// What names the work in log messages, for instance "write 2000 documents".
	What string
	// First is the longest that the first wait may be. Default and least: a
	// millisecond.
	First time.Duration
	// Max is the longest that any wait may be. Default and least: First.
	Max time.Duration
	// Outage logs failures. Default nil: they are not logged.
	Outage *Outage

	pause backoff.Backoff
	tries int
	since time.Time // of the first failure
}

// Again notes that a try failed with cause and waits before the next one. It
// returns the error of ctx when ctx is done first, nil otherwise.
func (r *Retry) Again(ctx context.Context, cause error) error {
	if r.tries++; r.tries == 1 {
		r.since = time.Now()
	}
	r.Outage.failed(r, cause)
	r.pause.First, r.pause.Max = r.First, r.Max
	return backoff.Sleep(ctx, r.pause.Next())
}

// Progress makes the next wait the first one again: some of the work was done,
// so the outside system is there.
func (r *Retry) Progress() { r.pause.Reset() }

// Done ends the work, given up when err is not nil. Afterwards the Retry is
// ready for the next.
func (r *Retry) Done(err error) {
	if r.tries > 0 {
		r.Outage.ended(err)
	}
	r.pause.Reset()
	r.tries = 0
}

// Tries returns how many tries have failed since the work began.
func (r *Retry) Tries() int { return r.tries }
