package app

import (
	"context"
	"fmt"
	"time"

	"github.com/suiro/suiro/streams/internal/crew"
	"github.com/suiro/suiro/streams/internal/group"
	"github.com/suiro/suiro/streams/internal/thread"
)

// ErrStoppedByGroup ends an app because another instance has failed, and its handler of
// uncaught errors has told all to stop.
var ErrStoppedByGroup = crew.ErrStopped

// stopAllWait is how long the other instances may take to stop.
const stopAllWait = time.Minute

// tellAll tells all members of the group to stop, those of this instance included.
func (a *App) tellAll(sources *group.Sources) error {
	ctx, cancel := context.WithTimeout(context.Background(), stopAllWait)
	defer cancel()
	return group.StopAll(ctx, a.client, a.id, sources.Topics(), sources.Balancer(a.topics.Grouped()))
}

// AddThread starts one more stream thread, in addition to num.stream.threads, and returns
// its name: a member of the group, with a producer of its own. The group then gives it
// tasks of others. Any goroutine may call it while the app runs; before and after that it is
// an error.
func (a *App) AddThread() (name string, err error) {
	if name, err = a.crew.Add(); err != nil {
		return "", fmt.Errorf("add a stream thread to %s: %w", a.id, err)
	}
	return name, nil
}

// RemoveThread ends the stream thread that was added last, and returns its name once it has
// committed what it had in process, and has left the group, which gives its tasks to others.
// Without any thread the app runs on and processes nothing. Any goroutine may call it while
// the app runs, but none that the thread waits for, such as a function of the topology. The
// error says that there is no thread, or that ctx was done before: the thread ends all the
// same.
func (a *App) RemoveThread(ctx context.Context) (name string, err error) {
	if name, err = a.crew.Remove(ctx); err != nil {
		return name, fmt.Errorf("remove a stream thread of %s: %w", a.id, err)
	}
	return name, nil
}

// Pause makes the app process nothing until [App.Resume]. It stays a member of its group, and
// its state RUNNING: tasks come and go, and restore their state. What is in process is
// committed. Any goroutine may call it, also before Run.
func (a *App) Pause() {
	a.paused.Store(true)
	a.life.Each((*thread.Thread).Wake)
}

// Resume makes a paused app go on. Any goroutine may call it at any time.
func (a *App) Resume() {
	a.paused.Store(false)
	a.life.Each((*thread.Thread).Wake)
}

// Paused reports whether the app is paused.
func (a *App) Paused() bool { return a.paused.Load() }
