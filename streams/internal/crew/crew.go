// Package crew is the stream threads of an app: it starts them, replaces those that fail, adds
// some and removes some.
package crew

import (
	"context"
	"errors"
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

// Life is told what becomes of threads. Its methods are called from any goroutine.
type Life interface {
	// Wants says that more or fewer threads are to run.
	Wants(more int)
	// Set says that a thread runs, or with nil that it does not.
	Set(name string, th *thread.Thread)
	// Fails says that the app is about to end with an error.
	Fails()
}

// Options are what a Crew works with.
type Options struct {
	// Life is told what becomes of threads.
	Life Life
	// Brokers says whether they can be reached.
	Brokers *kafka.Brokers
	// Metrics counts threads that fail.
	Metrics *telemetry.Metrics
	// Uncaught decides what becomes of a failure. Default: the app ends.
	Uncaught handlers.Uncaught
	// Logger gets changes of state and what a person should act on.
	Logger *slog.Logger
}

// Crew is the threads of an app. It may be used from any goroutine.
type Crew struct {
	o Options
	// options are those of the thread of a number, and stopAll tells the group to stop.
	options func(number int) thread.Options
	stopAll func() error

	ctx     context.Context
	dismiss context.CancelFunc // of ctx
	running *errgroup.Group
	told    chan struct{} // closed when the group has told all to stop
	hear    sync.Once
	failing atomic.Bool // it is this instance that has told the others
	size    atomic.Int64

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

// New returns a Crew without threads.
func New(o Options) *Crew { return &Crew{o: o, told: make(chan struct{})} }

// Open makes the crew able to work until ctx is done. Its threads are part of running. options are
// those of the thread of a number, and stopAll tells all members of the group to stop.
func (c *Crew) Open(ctx context.Context, running *errgroup.Group, options func(number int) thread.Options,
	stopAll func() error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.options, c.stopAll = options, stopAll
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
		c.o.Life.Fails()
		return ErrStopped
	})
}

// close ends all threads, and lets none be added.
func (c *Crew) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	c.dismiss()
}

// Size is how many threads there are, those included that are ending. It follows [Crew.Add] and
// [Crew.Remove].
func (c *Crew) Size() *atomic.Int64 { return &c.size }

// Hears notes that the group has told all to stop. Any goroutine may call it.
func (c *Crew) Hears() { c.hear.Do(func() { close(c.told) }) }

// ErrStopped ends an app because another instance has failed, and its handler of uncaught
// errors has told all to stop.
var ErrStopped = errors.New("another instance of the app has failed, and has told all to stop: its log has the reason")

// errNotRunning is the error of a call that needs an app that runs.
var errNotRunning = errors.New("the app is not running")

// Add starts one more thread, with the lowest number that is free.
func (c *Crew) Add() (name string, err error) {
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
	c.size.Store(int64(len(c.hands)))
	c.o.Life.Wants(1)
	c.running.Go(func() error {
		defer dismiss()
		defer c.forget(number)
		return c.keep(ctx, o)
	})
	return o.Name, nil
}

// forget takes a hand out that has ended.
func (c *Crew) forget(number int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	h := c.hands[number]
	delete(c.hands, number)
	c.size.Store(int64(len(c.hands)))
	close(h.gone)
}

// Remove ends the thread with the highest number, and waits until it has left the group.
func (c *Crew) Remove(ctx context.Context) (name string, err error) {
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
func (c *Crew) last() (*hand, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.running == nil || c.closed {
		return nil, errNotRunning
	}
	for _, number := range slices.Backward(slices.Sorted(maps.Keys(c.hands))) {
		if h := c.hands[number]; h.dismiss != nil {
			dismissed := &hand{h.name, h.dismiss, h.gone}
			h.dismiss = nil
			c.o.Life.Wants(-1)
			return dismissed, nil
		}
	}
	return nil, errors.New("there is no thread to remove")
}

// stopped reports whether an error only says that ctx is done.
func stopped(ctx context.Context, err error) bool {
	return ctx.Err() != nil && errors.Is(err, ctx.Err())
}

// keep runs a thread, and replaces it with a new one when it failed because of the group or
// the brokers, or when the handler of uncaught errors says so.
func (c *Crew) keep(ctx context.Context, o thread.Options) error {
	for pause := (backoff.Backoff{First: restartDelay, Max: restartDelayMax}); ; {
		began := time.Now()
		th := thread.New(o)
		c.o.Life.Set(o.Name, th)
		err := th.Run(ctx)
		c.o.Life.Set(o.Name, nil)
		o.Budget = th.Budget()
		if err == nil {
			return nil // it was told to
		}
		if stopped(ctx, err) || ctx.Err() != nil && member.Recoverable(err) {
			if th.Unfinished() {
				c.o.Logger.Warn("stopped without a commit: the records in process will be processed again", "thread", o.Name,
					"error", err)
			}
			return nil
		}
		c.o.Metrics.Failed()
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
func (c *Crew) logReplaced(ctx context.Context, name string, delay time.Duration, err error) {
	level := slog.LevelWarn
	if reachable, _, _ := c.o.Brokers.State(); !reachable {
		level = slog.LevelDebug // brokers that are away are the reason, and said
	}
	c.o.Logger.Log(ctx, level, "a stream thread failed and is replaced", "thread", name, "delay", delay, "error", err)
}

// ends asks the handler of uncaught errors, and reports whether the app ends.
func (c *Crew) ends(th *thread.Thread, err error) bool {
	answer := handlers.ShutdownClient
	if c.o.Uncaught != nil {
		answer = c.o.Uncaught(err)
	}
	if answer == handlers.ReplaceThread {
		return false
	}
	c.o.Life.Fails()
	if answer == handlers.ShutdownApplication && c.failing.CompareAndSwap(false, true) {
		c.o.Logger.Error("all instances of the app are told to stop", "error", err)
		th.Leave()                          // or the group would wait for it
		if err := c.stopAll(); err != nil { // and this instance, which hears it like the others
			c.o.Logger.Error("not all instances may have heard that they are to stop", "error", err)
		}
	}
	return true
}
