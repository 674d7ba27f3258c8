package restore

import "context"

// taskMemory is about what a task takes while it reads changelogs: three fetches and what is
// collected for the DB.
const taskMemory = 64 << 20

// mostTurns is how many tasks read changelogs at a time at most: more do not read faster.
const mostTurns = 16

// Turns bound how many tasks of a process read changelogs at a time, so that memory does not
// grow with the number of tasks.
type Turns chan struct{}

// NewTurns returns the Turns of a process: as many as fit into the bytes that its batches may
// take, and one in any case.
func NewTurns(batches int64) Turns { return make(Turns, max(1, min(batches/taskMemory, mostTurns))) }

// take waits for a turn.
func (t Turns) take(ctx context.Context) error {
	if t == nil {
		return nil
	}
	select {
	case t <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// give ends a turn.
func (t Turns) give() {
	if t != nil {
		<-t
	}
}
