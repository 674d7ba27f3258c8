package life

import (
	"maps"
	"slices"
	"sync"

	"github.com/suiro/suiro/streams/internal/crew"
	"github.com/suiro/suiro/streams/internal/global"
	"github.com/suiro/suiro/streams/internal/thread"
)

var _ crew.Life = (*Life)(nil)

// Life is how far an app has come, and its threads. It may be used from any goroutine.
type Life struct {
	mu      sync.Mutex
	phase   State // never Running: that depends on the threads
	err     error // of the state Error
	started bool  // threads were started
	joined  bool  // a thread was a member of the group
	want    int   // threads
	threads map[string]*thread.Thread
	globals *global.Stores
	waiting func() string // nil before the app runs
	entered []State       // phases that nobody was told of yet
	wake    chan struct{} // has one when the state may have changed
}

// New returns the Life of an app that was made.
func New() *Life { return &Life{wake: make(chan struct{}, 1)} }

// Begin enters the state after Created, and reports whether that was the state.
func (l *Life) Begin() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.phase != Created {
		return false
	}
	l.phase = Rebalancing
	l.entered = append(l.entered, l.phase)
	l.Changed()
	return true
}

// Enter enters a state unless a later one is entered.
func (l *Life) Enter(s State) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if s > l.phase {
		l.phase = s
		l.entered = append(l.entered, s)
		l.Changed()
	}
}

// Changed notes that the state may have changed. Any goroutine may call it, with any lock.
func (l *Life) Changed() {
	select {
	case l.wake <- struct{}{}:
	default: // it is noted already
	}
}

// Tell calls f with each change of the state. What it returns ends that, after the last one.
func (l *Life) Tell(f func(now, was State)) (end func()) {
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
func (l *Life) since() []State {
	l.mu.Lock()
	entered := l.entered
	l.entered = nil
	l.mu.Unlock()
	return append(entered, l.Now().State)
}

// End notes why Run returns.
func (l *Life) End(err error) {
	if err == nil {
		l.Enter(NotRunning)
		return
	}
	l.Enter(Error)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.err = err
}

// Reads notes the global stores, nil for none.
func (l *Life) Reads(globals *global.Stores) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.globals = globals
}

// Waits notes what says for which topics of others the app waits, "" for none.
func (l *Life) Waits(waiting func() string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.waiting = waiting
}

// Wants implements crew.Life: it notes that more or fewer threads are to run.
func (l *Life) Wants(more int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.want, l.started = l.want+more, true
	l.Changed()
}

// Fails implements crew.Life.
func (l *Life) Fails() { l.Enter(PendingError) }

// Set implements crew.Life.
func (l *Life) Set(name string, th *thread.Thread) {
	l.mu.Lock()
	defer l.mu.Unlock()
	defer l.Changed()
	if th == nil {
		delete(l.threads, name)
		return
	}
	if l.threads == nil {
		l.threads = map[string]*thread.Thread{}
	}
	l.threads[name] = th
}

// Each calls f with every thread that runs.
func (l *Life) Each(f func(*thread.Thread)) {
	l.mu.Lock()
	running := slices.Collect(maps.Values(l.threads))
	l.mu.Unlock()
	for _, th := range running {
		f(th)
	}
}

// Now looks at the threads and their tasks.
func (l *Life) Now() View {
	l.mu.Lock()
	defer l.mu.Unlock()
	v := View{State: l.phase, Err: l.err, Threads: map[string]thread.Status{}, Remaining: map[string]int64{},
		Buffered: map[string]int64{}, Cached: map[string]int64{}}
	settled := 0
	for name, th := range l.threads {
		s := th.Status()
		v.Threads[name] = s
		v.tasks(s)
		if s.Settled {
			settled++
		}
		if s.Joined {
			l.joined = true
		} else {
			v.outside++
		}
		if v.Stuck == "" || s.Beat.Before(v.StuckSince) {
			v.Stuck, v.StuckSince = name, s.Beat
		}
	}
	v.outside += max(l.want-len(l.threads), 0)
	v.Joined = l.joined
	if l.waiting != nil {
		v.Waiting = l.waiting()
	}
	if v.Globals = l.globals.Status(); v.Globals.Stores > 0 {
		v.Remaining[global.TaskID().String()] = v.Globals.Remaining
		v.Restored += v.Globals.Restored
	}
	if v.State == Rebalancing && l.started && settled >= l.want && v.Restoring == 0 && l.globals.IsReady() {
		v.State = Running
		v.Joined = true
	}
	return v
}
