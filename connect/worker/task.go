package worker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"github.com/suiro/suiro/connect/plan"
)

// State is what a connector or task does, by Kafka Connect's names.
//
//	UNASSIGNED ─▶ RUNNING ─▶ FAILED ─▶ RESTARTING ─▶ RUNNING
//	                 └──────────▶ UNASSIGNED (told to stop)
type State int

// The states of connectors and tasks.
const (
	Unassigned State = iota
	Running
	Paused
	Failed
	Restarting
	Stopped // connectors only
)

var stateNames = [...]string{"UNASSIGNED", "RUNNING", "PAUSED", "FAILED", "RESTARTING", "STOPPED"}

// String returns the name that the REST API shows.
func (s State) String() string { return stateNames[s] }

// Status is a state and, when something went wrong, why.
type Status struct {
	State State
	Trace string
}

// runner is one life of a task, from start to failure or stop.
type runner interface {
	// run works until ctx is done, and then returns nil, or until it fails.
	// It calls started once the task works.
	run(ctx context.Context, started func()) error
}

// Task is one task of a connector, over all its restarts.
type Task struct {
	// Connector and ID name the task.
	Connector string
	ID        int
	// Config is what the connector planned for the task.
	Config map[string]string

	counts   counters
	logger   *slog.Logger
	restarts plan.Restarts
	cancel   context.CancelFunc
	done     chan struct{}

	mu     sync.Mutex // guards status
	status Status
}

func newTaskOf(p *plan.Connector, id int, props map[string]string, logger *slog.Logger) *Task {
	return &Task{Connector: p.Name, ID: id, Config: props, restarts: p.Restarts,
		logger: logger.With("connector", p.Name, "task", id), done: make(chan struct{})}
}

// start runs the task until cancel is called; done is closed then.
func (t *Task) start(life func() runner) {
	ctx, cancel := context.WithCancel(context.Background())
	t.cancel = cancel
	go t.supervise(ctx, life)
}

// Status returns what the task does now.
func (t *Task) Status() Status {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.status
}

// Counts returns what the task did so far.
func (t *Task) Counts() Counts { return t.counts.snapshot() }

func (t *Task) set(state State, trace string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.status = Status{state, trace}
}

// trouble shows an error while the task goes on trying; nil clears it.
func (t *Task) trouble(err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.status.Trace = ""
	if err != nil {
		t.status.Trace = err.Error()
	}
}

// supervise runs lives of the task until ctx is done or one fails for good.
func (t *Task) supervise(ctx context.Context, life func() runner) {
	defer close(t.done)
	pause := backoff{first: t.restarts.Delay, max: t.restarts.DelayMax}
	for ctx.Err() == nil {
		began := time.Now()
		err := t.live(ctx, life())
		if ctx.Err() != nil {
			if !errors.Is(err, errEnded) && !errors.Is(err, context.Canceled) {
				t.logger.Error("task stopped with an error, what it did not commit comes again", "error", err)
			}
			break
		}
		if time.Since(began) > t.restarts.DelayMax {
			pause.reset()
		}
		t.set(Failed, err.Error())
		if isFatal(err) || t.restarts.Max >= 0 && pause.attempt >= t.restarts.Max {
			t.logger.Error("task failed and stays so", "error", err)
			<-ctx.Done()
			break
		}
		wait := pause.next()
		t.logger.Warn("task failed and is started again", "error", err, "pause", wait.Round(time.Millisecond))
		if sleep(ctx, wait) != nil {
			break
		}
		t.counts.restarts.Add(1)
		t.set(Restarting, err.Error())
	}
	t.set(Unassigned, "")
}

var errEnded = errors.New("task ended by itself")

// live turns a panic of a plugin into an error and never returns nil.
func (t *Task) live(ctx context.Context, r runner) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	err = r.run(ctx, func() { t.set(Running, "") })
	if err == nil {
		err = errEnded
	}
	return err
}
