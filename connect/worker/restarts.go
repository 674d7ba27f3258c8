package worker

import (
	"time"

	"github.com/suiro/suiro/connect/plan"
	"github.com/suiro/suiro/connect/worker/internal/lives"
	"github.com/suiro/suiro/internal/backoff"
)

// restarts decide when a task that failed is started again:
//
//	passing    after a pause that doubles
//	denied     after the longest pause
//	record     as passing, a few times: what converts it may have been the cause
//	hopeless   never
type restarts struct {
	plan.Restarts
	failures int // in a row
	records  int // of them, in a row, at a record
	pause    backoff.Backoff
}

// next takes note of a failure of a life that lasted so long, and returns the pause before
// the next life; ok is false when there is none.
func (r *restarts) next(c lives.Class, lasted time.Duration) (wait time.Duration, ok bool) {
	if r.failures == 0 || lasted > r.DelayMax {
		r.failures, r.records = 0, 0
		r.pause = backoff.Backoff{First: r.Delay, Max: r.DelayMax}
	}
	if c != lives.Record {
		r.records = 0
	}
	switch {
	case c == lives.Hopeless, r.Max >= 0 && r.failures >= r.Max,
		c == lives.Record && r.RecordMax >= 0 && r.records >= r.RecordMax:
		return 0, false
	case c == lives.Record:
		r.records++
	}
	r.failures++
	wait = r.pause.Next()
	if c == lives.Denied {
		wait = max(wait, r.DelayMax)
	}
	return wait, true
}

// Denied reports whether a connector could not be started because an outside system
// refuses it, so that it is tried again only after the longest pause.
func Denied(err error) bool { return lives.ClassOf(err) == lives.Denied }
