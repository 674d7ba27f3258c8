package life

import (
	"fmt"
	"time"

	"github.com/suiro/suiro/streams/internal/global"
	"github.com/suiro/suiro/streams/internal/telemetry"
	"github.com/suiro/suiro/streams/internal/thread"
)

// View is what an app is doing at a moment.
type View struct {
	// State is the state, and Err the error of the state [Error].
	State State
	Err   error
	// Joined says that a thread is or was a member of the group.
	Joined bool
	// Threads are those that run, by their names.
	Threads map[string]thread.Status
	// Running and Restoring are how many tasks process records and restore their state.
	Running, Restoring int
	// Remaining is how many records each task has to restore, and Restored how many all have.
	Remaining map[string]int64
	Restored  int64
	// Globals are the global stores.
	Globals global.Status
	// Waiting says which input topics are gone and are waited for; "" for none.
	Waiting string
	// Buffered is how many bytes of records wait for each task, and Cached how many bytes of
	// what it has not committed it holds.
	Buffered, Cached map[string]int64
	// Stuck is the thread that came by longest ago, and StuckSince when; "" without threads.
	Stuck      string
	StuckSince time.Time

	outside int // threads that are no members
}

// tasks adds those of a thread.
func (v *View) tasks(s thread.Status) {
	for _, t := range s.Tasks {
		id := t.ID.String()
		_, queued := t.Queued()
		v.Buffered[id], v.Cached[id] = queued+s.Waiting[t.ID], 0
		select {
		case <-t.Ready():
			v.Running++
			v.Cached[id] = t.Memory()
		default:
			v.Restoring++
		}
		restored, remaining := t.Restored()
		v.Remaining[id] = remaining
		v.Restored += restored
	}
}

// Alive reports whether the app has begun to run and has not stopped.
func (v *View) Alive() bool { return v.State == Rebalancing || v.State == Running }

// reading reports whether no thread runs because global stores are being read.
func (v *View) reading() bool { return v.Globals.Reading > 0 && len(v.Threads) == 0 }

// Left is how many records tasks have to restore.
func (v *View) Left() (n int64) {
	for _, r := range v.Remaining {
		n += r
	}
	return n
}

// Describe says in words what the app is doing.
func (v *View) Describe() string {
	switch v.State {
	case Created:
		return "the app has not been started"
	case PendingShutdown:
		return "the app is stopping"
	case NotRunning:
		return "the app has stopped"
	case PendingError:
		return "a thread of the app has failed, and the app ends"
	case Error:
		return fmt.Sprintf("the app has ended with an error: %v", v.Err)
	case Running:
		if v.Running == 0 && len(v.Threads) == 0 {
			return fmt.Sprintf("global stores are kept: %d", v.Globals.Stores)
		}
		if v.Running == 0 {
			return "the group has no partitions for this instance, which waits to take over"
		}
		return fmt.Sprintf("records are processed; tasks: %d", v.Running)
	}
	switch {
	case v.reading():
		return fmt.Sprintf("global stores are being read; stores: %d, records to go: %d", v.Globals.Reading,
			v.Globals.Remaining)
	case v.Restoring > 0:
		return fmt.Sprintf("state is being restored; tasks that restore: %d, records to go: %d, tasks that process: %d",
			v.Restoring, v.Left(), v.Running)
	case v.outside > 0:
		return "the app is joining its group"
	}
	return "the app's group is rebalancing"
}

// Live returns what metrics show of the moment.
func (v *View) Live() telemetry.Live {
	l := telemetry.Live{
		State: v.State.String(), States: States(), Threads: len(v.Threads), ThreadTasks: map[string]int{},
		Running: v.Running, Restoring: v.Restoring, Remaining: v.Remaining, Buffered: v.Buffered, Cached: v.Cached,
	}
	for name, s := range v.Threads {
		l.ThreadTasks[name] = len(s.Tasks)
	}
	return l
}
