package app

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/suiro/suiro/streams/internal/global"
	"github.com/suiro/suiro/streams/internal/thread"
)

// State is what an app is doing, by Kafka Streams' names:
//
//	CREATED ──Run──▶ REBALANCING ◀──▶ RUNNING
//	                     │               │
//	                     ├───────────────┴──ctx is done──▶ PENDING_SHUTDOWN ──▶ NOT_RUNNING
//	                     │               │                        │
//	                     └───────────────┴────────an error────────┴──▶ PENDING_ERROR ──▶ ERROR
//
// An app is RUNNING when all its threads are members of the group and all the tasks
// that they have process records, and its global stores have been read to the ends of their
// topics once. It may have no tasks, when the group has more threads than there are
// partitions. It is REBALANCING before that and whenever partitions come or go, while state
// is restored, and while a thread that has failed is replaced. Brokers that are away do not
// change the state by themselves.
type State int

// The states of an app.
const (
	// Created is the state before Run.
	Created State = iota
	// Rebalancing is the state of an app that has no settled share of the partitions,
	// or restores the state of some.
	Rebalancing
	// Running is the state of an app that processes the records of all its partitions.
	Running
	// PendingShutdown is the state of an app that was told to stop and ends what is in
	// process.
	PendingShutdown
	// NotRunning is the state of an app that has stopped because it was told to.
	NotRunning
	// PendingError is the state of an app of which a thread has failed, while it ends the
	// others. What fails before there are threads is [Error] at once.
	PendingError
	// Error is the state of an app that has ended with an error.
	Error
)

var stateNames = [...]string{"CREATED", "REBALANCING", "RUNNING", "PENDING_SHUTDOWN", "NOT_RUNNING", "PENDING_ERROR",
	"ERROR"}

// String returns the name that Kafka Streams gives the state, such as REBALANCING.
func (s State) String() string { return stateNames[s] }

// life is how far an app has come, and its threads.
type life struct {
	mu      sync.Mutex
	phase   State // never Running: that depends on the threads
	err     error // of the state Error
	started bool  // threads were started
	joined  bool  // a thread was a member of the group
	want    int   // threads
	threads map[string]*thread.Thread
	globals *global.Stores
	entered []State       // phases that nobody was told of yet
	wake    chan struct{} // has one when the state may have changed
}

// view is what an app is doing at a moment.
type view struct {
	state      State
	err        error
	joined     bool // a thread is or was a member of the group
	outside    int  // threads that are no members
	threads    map[string]thread.Status
	running    int // tasks
	restoring  int
	remaining  map[string]int64 // records that tasks have to restore
	restored   int64            // records that the tasks have restored
	globals    global.Status
	buffered   map[string]int64 // bytes of records that wait for tasks
	cached     map[string]int64 // bytes of what tasks have not committed
	stuck      string           // a thread that has not come by for long
	stuckSince time.Time
}

// begin enters the state after Created, and reports whether that was the state.
func (l *life) begin() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.phase != Created {
		return false
	}
	l.phase = Rebalancing
	l.entered = append(l.entered, l.phase)
	l.changed()
	return true
}

func (l *life) enter(s State) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if s > l.phase {
		l.phase = s
		l.entered = append(l.entered, s)
		l.changed()
	}
}

// changed notes that the state may have changed. Any goroutine may call it, with any lock.
func (l *life) changed() {
	select {
	case l.wake <- struct{}{}:
	default: // it is noted already
	}
}

// tell calls f with each change of the state. What it returns ends that, after the last one.
func (l *life) tell(f func(now, was State)) (end func()) {
	if f == nil {
		return func() {}
	}
	over, told := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(told)
		last := Created
		for ended := false; !ended; {
			select {
			case <-l.wake:
			case <-over:
				ended = true
			}
			for _, s := range l.since() {
				if s != last {
					f(s, last)
					last = s
				}
			}
		}
	}()
	return func() {
		close(over)
		<-told
	}
}

// since returns the phases that nobody was told of, and then the state.
func (l *life) since() []State {
	l.mu.Lock()
	entered := l.entered
	l.entered = nil
	l.mu.Unlock()
	return append(entered, l.now().state)
}

// end notes why Run returns.
func (l *life) end(err error) {
	if err == nil {
		l.enter(NotRunning)
		return
	}
	l.enter(Error)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.err = err
}

// reads notes the global stores, nil for none.
func (l *life) reads(globals *global.Stores) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.globals = globals
}

// Wants implements crew.Life: it notes that more or fewer threads are to run.
func (l *life) Wants(more int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.want, l.started = l.want+more, true
	l.changed()
}

// Fails implements crew.Life.
func (l *life) Fails() { l.enter(PendingError) }

// Set implements crew.Life.
func (l *life) Set(name string, th *thread.Thread) {
	l.mu.Lock()
	defer l.mu.Unlock()
	defer l.changed()
	if th == nil {
		delete(l.threads, name)
		return
	}
	if l.threads == nil {
		l.threads = map[string]*thread.Thread{}
	}
	l.threads[name] = th
}

// each calls f with every thread that runs.
func (l *life) each(f func(*thread.Thread)) {
	l.mu.Lock()
	running := slices.Collect(maps.Values(l.threads))
	l.mu.Unlock()
	for _, th := range running {
		f(th)
	}
}

// now looks at the threads and their tasks.
func (l *life) now() view {
	l.mu.Lock()
	defer l.mu.Unlock()
	v := view{state: l.phase, err: l.err, threads: map[string]thread.Status{}, remaining: map[string]int64{},
		buffered: map[string]int64{}, cached: map[string]int64{}}
	settled := 0
	for name, th := range l.threads {
		s := th.Status()
		v.threads[name] = s
		v.tasks(s)
		if s.Settled {
			settled++
		}
		if s.Joined {
			l.joined = true
		} else {
			v.outside++
		}
		if v.stuck == "" || s.Beat.Before(v.stuckSince) {
			v.stuck, v.stuckSince = name, s.Beat
		}
	}
	v.outside += max(l.want-len(l.threads), 0)
	v.joined = l.joined
	if v.globals = l.globals.Status(); v.globals.Stores > 0 {
		v.remaining[global.TaskID().String()] = v.globals.Remaining
		v.restored += v.globals.Restored
	}
	if v.state == Rebalancing && l.started && settled >= l.want && v.restoring == 0 && l.globals.IsReady() {
		v.state = Running
		v.joined = true
	}
	return v
}

// tasks adds those of a thread.
func (v *view) tasks(s thread.Status) {
	for _, t := range s.Tasks {
		id := t.ID.String()
		_, queued := t.Queued()
		v.buffered[id], v.cached[id] = queued+s.Waiting[t.ID], 0
		select {
		case <-t.Ready():
			v.running++
			v.cached[id] = t.Memory()
		default:
			v.restoring++
		}
		restored, remaining := t.Restored()
		v.remaining[id] = remaining
		v.restored += restored
	}
}

// alive reports whether the app has begun to run and has not stopped.
func (v *view) alive() bool { return v.state == Rebalancing || v.state == Running }

// reading reports whether no thread runs because global stores are being read.
func (v *view) reading() bool { return v.globals.Reading > 0 && len(v.threads) == 0 }

// left is how many records tasks have to restore.
func (v *view) left() (n int64) {
	for _, r := range v.remaining {
		n += r
	}
	return n
}

// State returns what the app is doing. Any goroutine may call it at any time.
func (a *App) State() State { return a.life.now().state }

// isStop reports whether an error only says that ctx is done.
func isStop(ctx context.Context, err error) bool {
	return err != nil && ctx.Err() != nil && errors.Is(err, ctx.Err())
}

// describe says in words what the app is doing.
func (v *view) describe() string {
	switch v.state {
	case Created:
		return "the app has not been started"
	case PendingShutdown:
		return "the app is stopping"
	case NotRunning:
		return "the app has stopped"
	case PendingError:
		return "a thread of the app has failed, and the app ends"
	case Error:
		return fmt.Sprintf("the app has ended with an error: %v", v.err)
	case Running:
		if v.running == 0 && len(v.threads) == 0 {
			return fmt.Sprintf("global stores are kept: %d", v.globals.Stores)
		}
		if v.running == 0 {
			return "the group has no partitions for this instance, which waits to take over"
		}
		return fmt.Sprintf("records are processed; tasks: %d", v.running)
	}
	switch {
	case v.reading():
		return fmt.Sprintf("global stores are being read; stores: %d, records to go: %d", v.globals.Reading,
			v.globals.Remaining)
	case v.restoring > 0:
		return fmt.Sprintf("state is being restored; tasks that restore: %d, records to go: %d, tasks that process: %d",
			v.restoring, v.left(), v.running)
	case v.outside > 0:
		return "the app is joining its group"
	}
	return "the app's group is rebalancing"
}

// states are the names of all states.
func states() []string { return slices.Clone(stateNames[:]) }
