package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/suiro/suiro/internal/backoff"
	"github.com/suiro/suiro/internal/kafka"
	"github.com/suiro/suiro/streams/handlers"
	"github.com/suiro/suiro/streams/internal/group"
	"github.com/suiro/suiro/streams/internal/member"
	"github.com/suiro/suiro/streams/internal/telemetry"
	"github.com/suiro/suiro/streams/internal/thread"
)

// restartDelay is the pause before a thread is replaced; it doubles up to
// restartDelayMax while threads fail soon and without having brought the app forward.
const (
	restartDelay    = 100 * time.Millisecond
	restartDelayMax = 10 * time.Second
)

// crew is the threads of an app. It replaces those that fail, adds some and removes some.
type crew struct {
	life     *life
	brokers  *kafka.Brokers
	metrics  *telemetry.Metrics
	log      *slog.Logger
	uncaught func(error) handlers.ThreadResponse
	// options are those of the thread of a number, and stopAll tells the group to stop.
	options func(number int) thread.Options
	stopAll func() error

	ctx     context.Context
	dismiss context.CancelFunc // of ctx
	running *errgroup.Group
	told    chan struct{} // closed when the group has told all to stop
	hear    sync.Once
	failing atomic.Bool // it is this instance that has told the others

	mu     sync.Mutex
	closed bool
	hands  map[int]*hand
}

// hand is a place in the crew: a thread and those that replace it.
type hand struct {
	name    string
	dismiss context.CancelFunc
	gone    chan struct{}
}

// open makes the crew able to work until ctx is done. Its threads are part of running.
func (c *crew) open(ctx context.Context, running *errgroup.Group) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ctx, c.dismiss = context.WithCancel(ctx)
	c.running, c.hands = running, map[int]*hand{}
	running.Go(func() error {
		defer c.close()
		select {
		case <-ctx.Done():
			return nil
		case <-c.told:
		}
		if c.failing.Load() {
			return nil // the thread that has failed has the error
		}
		c.life.enter(PendingError)
		return ErrStoppedByGroup
	})
}

// close ends all threads, and lets none be added.
func (c *crew) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	c.dismiss()
}

// hears notes that the group has told all to stop. Any goroutine may call it.
func (c *crew) hears() { c.hear.Do(func() { close(c.told) }) }

// each calls f with every thread.
func (c *crew) each(f func(*thread.Thread)) {
	for _, th := range c.life.running() {
		f(th)
	}
}

// errNotRunning is the error of a call that needs an app that runs.
var errNotRunning = errors.New("the app is not running")

// add starts one more thread, with the lowest number that is free.
func (c *crew) add() (name string, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.running == nil || c.closed {
		return "", errNotRunning
	}
	number := 1
	for c.hands[number] != nil {
		number++
	}
	o := c.options(number)
	ctx, dismiss := context.WithCancel(c.ctx)
	h := &hand{o.Name, dismiss, make(chan struct{})}
	c.hands[number] = h
	c.life.wants(1)
	c.running.Go(func() error {
		defer dismiss()
		defer c.forget(number)
		return c.keep(ctx, o)
	})
	return o.Name, nil
}

// forget takes a hand out that has ended.
func (c *crew) forget(number int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	h := c.hands[number]
	delete(c.hands, number)
	close(h.gone)
}

// remove ends the thread with the highest number, and waits until it has left the group.
func (c *crew) remove(ctx context.Context) (name string, err error) {
	h, err := c.last()
	if err != nil {
		return "", err
	}
	h.dismiss()
	select {
	case <-h.gone:
		return h.name, nil
	case <-ctx.Done():
		return h.name, ctx.Err()
	}
}

// last takes the hand with the highest number that is not dismissed yet.
func (c *crew) last() (*hand, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.running == nil || c.closed {
		return nil, errNotRunning
	}
	for _, number := range slices.Backward(slices.Sorted(maps.Keys(c.hands))) {
		if h := c.hands[number]; h.dismiss != nil {
			dismissed := &hand{h.name, h.dismiss, h.gone}
			h.dismiss = nil
			c.life.wants(-1)
			return dismissed, nil
		}
	}
	return nil, errors.New("there is no thread to remove")
}

// keep runs a thread, and replaces it with a new one when it failed because of the group or
// the brokers, or when the handler of uncaught errors says so.
func (c *crew) keep(ctx context.Context, o thread.Options) error {
	for pause := (backoff.Backoff{First: restartDelay, Max: restartDelayMax}); ; {
		began := time.Now()
		th := thread.New(o)
		c.life.set(o.Name, th)
		err := th.Run(ctx)
		c.life.set(o.Name, nil)
		o.Budget = th.Budget()
		if err == nil {
			return nil // it was told to
		}
		if isStop(ctx, err) || ctx.Err() != nil && member.Recoverable(err) {
			if th.Unfinished() {
				c.log.Warn("stopped without a commit: the records in process will be processed again", "thread", o.Name,
					"error", err)
			}
			return nil
		}
		c.metrics.Failed()
		if !member.Recoverable(err) && c.ends(th, err) {
			return err
		}
		if th.Useful() || time.Since(began) > time.Minute {
			pause.Reset()
		}
		delay := pause.Next()
		c.logReplaced(ctx, o.Name, delay, err)
		if backoff.Sleep(ctx, delay) != nil {
			return nil // the app was stopped
		}
	}
}

// logReplaced says that a thread is replaced, and when.
func (c *crew) logReplaced(ctx context.Context, name string, delay time.Duration, err error) {
	level := slog.LevelWarn
	if reachable, _, _ := c.brokers.State(); !reachable {
		level = slog.LevelDebug // brokers that are away are the reason, and said
	}
	c.log.Log(ctx, level, "a stream thread failed and is replaced", "thread", name, "delay", delay, "error", err)
}

// ends asks the handler of uncaught errors, and reports whether the app ends.
func (c *crew) ends(th *thread.Thread, err error) bool {
	answer := handlers.ShutdownClient
	if c.uncaught != nil {
		answer = c.uncaught(err)
	}
	if answer == handlers.ReplaceThread {
		return false
	}
	c.life.enter(PendingError)
	if answer == handlers.ShutdownApplication && c.failing.CompareAndSwap(false, true) {
		c.log.Error("all instances of the app are told to stop", "error", err)
		th.Leave()                          // or the group would wait for it
		if err := c.stopAll(); err != nil { // and this instance, which hears it like the others
			c.log.Error("not all instances may have heard that they are to stop", "error", err)
		}
	}
	return true
}

// stopAllWait is how long the other instances may take to stop.
const stopAllWait = time.Minute

// tellAll tells all members of the group to stop, those of this instance included.
func (a *App) tellAll(sources *group.Sources) error {
	ctx, cancel := context.WithTimeout(context.Background(), stopAllWait)
	defer cancel()
	return group.StopAll(ctx, a.client, a.id, sources.Topics(), sources.Balancer(a.grouped()))
}

// ErrStoppedByGroup ends an app because another instance has failed, and its handler of
// uncaught errors has told all to stop.
var ErrStoppedByGroup = errors.New("another instance of the app has failed, and has told all to stop: its log has " +
	"the reason")

// AddThread starts one more stream thread, in addition to num.stream.threads, and returns
// its name: a member of the group, with a producer of its own. The group then gives it
// tasks of others. Any goroutine may call it while the app runs; before and after that it is
// an error.
func (a *App) AddThread() (name string, err error) {
	if name, err = a.crew.add(); err != nil {
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
	if name, err = a.crew.remove(ctx); err != nil {
		return name, fmt.Errorf("remove a stream thread of %s: %w", a.id, err)
	}
	return name, nil
}

// Pause makes the app process nothing until [App.Resume]. It stays a member of its group, and
// its state RUNNING: tasks come and go, and restore their state. What is in process is
// committed. Any goroutine may call it, also before Run.
func (a *App) Pause() {
	a.paused.Store(true)
	a.crew.each((*thread.Thread).Wake)
}

// Resume makes a paused app go on. Any goroutine may call it at any time.
func (a *App) Resume() {
	a.paused.Store(false)
	a.crew.each((*thread.Thread).Wake)
}

// Paused reports whether the app is paused.
func (a *App) Paused() bool { return a.paused.Load() }
