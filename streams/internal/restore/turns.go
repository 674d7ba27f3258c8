package restore

import (
	"context"
	"runtime"
	"sync/atomic"
	"time"
)

// taskMemory is about what a task takes while it reads changelogs: three fetches and what is
// collected for the DB.
const taskMemory = 64 << 20

// mostTurns is how many tasks read changelogs at a time at most: more do not read faster.
const mostTurns = 16

// busyFor is how long after records were processed tasks that are restored leave processors to others.
const busyFor = time.Second

// Turns bound how many tasks of a process read changelogs at a time, so that memory does not
// grow with the number of tasks, and how many work with what they have read while other tasks
// process records, so that these do not wait for a processor. The zero Turns bound nothing.
type Turns struct {
	tasks chan struct{}
	work  chan struct{}
	busy  *atomic.Int64 // when records were last processed, in nanoseconds since 1970
}

// NewTurns returns the Turns of a process. As many tasks read as fit into the bytes that its batches
// may take, and one in any case; as many work beside others as half of the processors.
func NewTurns(batches int64) Turns {
	return Turns{
		tasks: make(chan struct{}, max(1, min(batches/taskMemory, mostTurns))),
		work:  make(chan struct{}, max(1, runtime.GOMAXPROCS(0)/2)),
		busy:  &atomic.Int64{},
	}
}

// Processing says that records are being processed. Any goroutine may call it.
func (t Turns) Processing() { t.busy.Store(time.Now().UnixNano()) }

// read waits for a turn to read, and returns what ends it.
func (t Turns) read(ctx context.Context) (end func(), err error) { return take(ctx, t.tasks) }

// do does a part of the work of a restore, after a turn was waited for if others process records.
func (t Turns) do(ctx context.Context, part func() error) error {
	if t.busy == nil || time.Now().UnixNano()-t.busy.Load() >= int64(busyFor) {
		return part()
	}
	end, err := take(ctx, t.work)
	if err != nil {
		return err
	}
	defer end()
	return part()
}

// take takes one of the places of c, which nil has without end.
func take(ctx context.Context, c chan struct{}) (end func(), err error) {
	if c == nil {
		return func() {}, nil
	}
	select {
	case c <- struct{}{}:
		return func() { <-c }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
