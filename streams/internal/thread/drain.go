package thread

import (
	"context"
	"time"

	"github.com/suiro/suiro/internal/backoff"
)

// drainPause is how often a thread checks whether its tasks have caught up.
const drainPause = time.Millisecond

// drain waits until the tasks have caught up enough, and resumes partitions whose
// task has. It reports whether there is room for more records: there is none when
// the limit is over, ctx is done or the epoch must end early.
func (th *Thread) drain(ctx context.Context, limit time.Duration) bool {
	for end := time.Now().Add(limit); ; {
		records, bytes, room := 0, int64(0), th.inputBytes()
		for id, t := range th.touched {
			r, b := t.Queued()
			records, bytes = records+r, bytes+b
			if b < room/8 {
				th.brakes.release(id)
			}
		}
		if records < th.budget.records && bytes < room {
			return true
		}
		if time.Now().After(end) || th.hurried() || backoff.Sleep(ctx, drainPause) != nil {
			return false
		}
	}
}

// leastInput is how many bytes of records may wait in any case, in all parts of a thread.
const leastInput = 1 << 10

// inputBytes is how many bytes of records may wait for the tasks: the thread's part of what may
// wait in all threads.
func (th *Thread) inputBytes() int64 {
	if th.o.Threads == nil {
		return th.o.InputBytes
	}
	return max(th.o.InputBytes/max(th.o.Threads.Load(), 1), leastInput)
}

// hurried reports whether a rebalance waits, the app is paused, or a task or the app has failed.
func (th *Thread) hurried() bool {
	if th.blocked.Load() || th.o.Paused() || th.o.Check() != nil {
		return true
	}
	for _, t := range th.touched {
		if t.Err() != nil {
			return true
		}
	}
	return false
}
