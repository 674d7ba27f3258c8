package counts

import (
	"sync/atomic"
	"time"
)

// Times are how long a task was in the states that matter, over all its lives. They are
// safe for concurrent use.
type Times struct {
	running, paused Stopwatch
	began           atomic.Int64 // in nanoseconds since 1970, 0 before Begin
}

// Begin begins to measure.
func (t *Times) Begin() { t.began.Store(time.Now().UnixNano()) }

// In says whether the task is running now, or paused.
func (t *Times) In(running, paused bool) {
	t.running.Set(running)
	t.paused.Set(paused)
}

// share is the part of the time since Begin that a stopwatch has run, 0 before.
func (t *Times) share(of *Stopwatch) float64 {
	began := t.began.Load()
	since := time.Now().UnixNano() - began
	if began == 0 || since <= 0 {
		return 0
	}
	return min(of.Total().Seconds()/time.Duration(since).Seconds(), 1)
}
