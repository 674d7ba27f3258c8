package thread

import (
	"context"
	"time"

	"github.com/suiro/suiro/internal/backoff"
	"github.com/suiro/suiro/streams/topology"
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
			if th.paused[id] && b < room/8 {
				th.resume(id)
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

// resumeAll resumes every paused partition. It is called when no record waits for a
// task any more: a partition that is still paused would bring no records in the
// next epoch, and so nothing would resume it.
func (th *Thread) resumeAll() {
	for id := range th.paused {
		th.resume(id)
	}
}

func (th *Thread) resume(id topology.TaskID) {
	delete(th.paused, id)
	delete(th.held, id)
	th.client.ResumeFetchPartitions(th.share.of(id))
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
