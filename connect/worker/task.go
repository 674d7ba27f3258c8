package worker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/plan"
	"github.com/suiro/suiro/connect/worker/internal/counts"
	"github.com/suiro/suiro/connect/worker/internal/lives"
	"github.com/suiro/suiro/connect/worker/internal/registry"
	"github.com/suiro/suiro/connect/worker/internal/tap"
	"github.com/suiro/suiro/internal/backoff"
	"github.com/suiro/suiro/internal/logs"
)

// TaskOptions are what a herder passes with a task; nil is fine.
type TaskOptions struct {
	// Paused starts the task paused: it does nothing before it is resumed.
	Paused bool
	// Changed is called with each new status of the task, in order and from one
	// goroutine at a time. It holds the task up and must not wait for it. Default:
	// nobody is told.
	Changed func(Status)
	// Verify says that the task is still this worker's to run, with the configuration
	// that it was given, or returns why not. Each life of an exactly-once source asks
	// before it shuts former lives out, and again before it reads what they left. It may
	// wait until ctx is done. Default: it is.
	Verify func(ctx context.Context) error
}

// taskClass is the key that Kafka Connect adds to the configuration of a task.
const taskClass = "task.class"

// Task is one task of a connector, over all its lives. Its methods may be called
// from any goroutine.
//
// A life begins with a new [connect.SourceTask] or [connect.SinkTask] and ends
// with its failure or when the task is stopped:
//
//	            ┌───────────────── pause ─────────────────┐
//	            ▼                                         │
//	start ─▶ a life ─▶ it works: RUNNING ─▶ it fails: FAILED ─▶ no more restarts, or no
//	            │         ▲  │                              use in one: FAILED until stopped
//	            │         │  └─▶ Pause: PAUSED, in the same life ─▶ Resume
//	            └─────────┴──▶ told to stop: UNASSIGNED
//
// A task that is paused before a life begins waits without one.
type Task struct {
	// Connector and ID name the task.
	Connector string
	ID        int
	// Config is the task's whole configuration, as [Connector.TaskConfigs] returns it.
	Config map[string]string

	plan     *plan.Connector
	counts   counts.Counters
	logger   *slog.Logger
	reporter reporter
	gate     *lives.Gate
	verify   func(context.Context) error
	records  atomic.Bool // batches were refused, so that records are written
	starts   *starts     // of all tasks of the worker
	taps     *tap.Point  // where its records can be tapped
	untap    func()      // takes the point away
	halt     func()      // tells the task to stop
	done     chan struct{}

	mu sync.Mutex // guards the rest
	// registry holds the metrics that the present life has registered, nil between
	// lives.
	registry *registry.Registry
	waiter   connect.Waiter // the task of the present life, nil when it is none
}

func newTask(p *plan.Connector, id int, config map[string]string, o *TaskOptions, logger *slog.Logger) *Task {
	if o == nil {
		o = &TaskOptions{}
	}
	t := &Task{Connector: p.Name, ID: id, Config: config, plan: p,
		logger: logs.Hide(logger, p.HideText).With("connector", p.Name, "task", id),
		gate:   lives.NewGate(o.Paused), verify: o.Verify, done: make(chan struct{})}
	t.counts.Times.Begin()
	t.reporter = reporter{hide: p.HideText, changed: func(s Status) {
		t.counts.Times.In(s.State == Running, s.State == Paused)
		if o.Changed != nil {
			o.Changed(s)
		}
	}}
	return t
}

// start runs the task until it is told to stop; done is closed once it has ended.
func (t *Task) start(life func(*Task) lives.Runner, leave func()) {
	ctx, cancel := context.WithCancel(context.Background())
	t.halt = func() {
		leave()
		cancel()
	}
	t.plan.Retain()
	go t.supervise(ctx, life)
}

// Pause makes the task stop polling, or being put records, once it has finished what
// it began, and shows it as PAUSED. It keeps what it holds, and a sink its partitions.
// A task that has failed stays FAILED.
func (t *Task) Pause() { t.gate.Set(true) }

// Resume undoes Pause.
func (t *Task) Resume() { t.gate.Set(false) }

// Stop tells the task to stop and waits until it has finished what it began, for which
// it has task.shutdown.graceful.timeout.ms. It returns early when ctx is done; the task
// may still be ending then. [Worker.StopTasks] stops many at a time.
func (t *Task) Stop(ctx context.Context) error {
	t.halt()
	select {
	case <-t.done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("stop task %s-%d: %w", t.Connector, t.ID, ctx.Err())
	}
}

// Done is closed once the task has ended, which it does only when it is stopped.
func (t *Task) Done() <-chan struct{} { return t.done }

// Status returns what the task does now. Of a running task that waits for its
// outside system, or that makes no progress, the trace says why.
func (t *Task) Status() Status {
	t.mu.Lock()
	waiter := t.waiter
	t.mu.Unlock()
	status := t.reporter.get()
	if status.State != Running || status.Trace != "" {
		return status
	}
	if waiter != nil {
		status.Trace = t.waits(waiter)
	}
	if n := t.counts.Snapshot(); status.Trace == "" && n.Stalled > 0 {
		status.Trace = fmt.Sprintf("the task is stalled: for %v (errors.stall.timeout.ms) or longer it has neither taken "+
			"nor committed a record, and its lag has grown to %d", t.plan.Restarts.Stall, n.Lag)
	}
	return status
}

// waits is why a task says that it waits, "" when it does not.
func (t *Task) waits(waiter connect.Waiter) (trace string) {
	err := lives.Protect(func() error {
		if why := waiter.Waiting(); why != nil {
			trace = t.reporter.trace(why)
		}
		return nil
	})
	if err != nil {
		trace = t.reporter.trace(err)
	}
	return trace
}

// Counts returns what the task did so far.
func (t *Task) Counts() Counts { return t.counts.Snapshot() }

// Topics returns the topics that the task has written to or read from since it was
// started or [Task.ResetTopics] was called, sorted.
func (t *Task) Topics() []string { return t.counts.Topics.Names() }

// ResetTopics forgets which topics the task has used.
func (t *Task) ResetTopics() { t.counts.Topics.Reset() }

// Describe implements [prometheus.Collector]. It describes nothing in advance, as
// every life of the task registers metrics of its own.
func (t *Task) Describe(chan<- *prometheus.Desc) {}

// Collect implements [prometheus.Collector]: it sends the counts over all lives,
// and what the present life of the task has registered itself.
func (t *Task) Collect(ch chan<- prometheus.Metric) {
	t.counts.Collect(t.plan.Type, t.labels(), ch)
	counts.About(t.plan, t.labels(), ch)
	t.mu.Lock()
	own := t.registry
	t.mu.Unlock()
	if own != nil {
		own.Collect(ch)
	}
}

func (t *Task) labels() prometheus.Labels {
	return prometheus.Labels{"connector": t.Connector, "task": strconv.Itoa(t.ID)}
}

// begins notes the task of a life that begins, and returns where it registers
// metrics of its own.
func (t *Task) begins(impl any) prometheus.Registerer {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.waiter, _ = impl.(connect.Waiter)
	t.registry = registry.New(t.plan.Class, t.labels(), t.logger)
	return t.registry
}

// ends forgets what the life registered. What it measures may be gone.
func (t *Task) ends() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.registry, t.waiter = nil, nil
}

// paused is told by a life when it rests because the task is paused, and when it goes
// on.
func (t *Task) paused(now bool) {
	state := Running
	if now {
		state = Paused
	}
	t.reporter.set(state, "")
	t.logger.Info("task is " + strings.ToLower(state.String()))
}

// supervise runs lives of the task until ctx is done.
func (t *Task) supervise(ctx context.Context, life func(*Task) lives.Runner) {
	defer close(t.done)
	defer t.drop()
	defer t.tellEnd(time.Now())
	r := restarts{Restarts: t.plan.Restarts}
	for t.resumed(ctx) {
		began := time.Now()
		err := t.live(ctx, life)
		if ctx.Err() != nil {
			if !errors.Is(err, errEnded) && !errors.Is(err, context.Canceled) {
				t.logger.Error("task stopped with an error, what it did not commit comes again", "error", err)
			}
			return
		}
		if errors.Is(err, lives.ErrAgain) && !lives.IsFatal(err) {
			continue
		}
		t.reporter.fail(err)
		class := lives.ClassOf(err)
		wait, ok := r.next(class, time.Since(began))
		if !ok {
			t.logger.Error("task failed and is not restarted", "error", err, "class", class.String())
			<-ctx.Done()
			return
		}
		t.logger.Warn("task failed and is restarted", "error", err, "class", class.String(),
			"pause", wait.Round(time.Millisecond))
		if backoff.Sleep(ctx, wait) != nil {
			return
		}
		t.counts.Restarts.Add(1)
		t.reporter.set(Restarting, t.reporter.trace(err))
	}
}

// resumed waits before a life while the task is paused. It is false when the task is
// told to stop.
func (t *Task) resumed(ctx context.Context) bool {
	if paused, _ := t.gate.Paused(); paused {
		t.reporter.set(Paused, "")
		_ = t.gate.Wait(ctx) // the error is that of ctx
	}
	return ctx.Err() == nil
}

// drop ends the task's use of the plan.
func (t *Task) drop() {
	t.untap()
	if err := lives.Protect(t.plan.Close); err != nil {
		t.logger.Warn("close what was made of the configuration", "error", err)
	}
	t.reporter.set(Unassigned, "")
}

// tellEnd logs what the task did since it was first started.
func (t *Task) tellEnd(began time.Time) {
	n := t.counts.Snapshot()
	written := "written"
	if t.plan.Type == plan.Sink {
		written = "put" // it may still be on its way, or be read again
	}
	t.logger.Info("task stopped", "was", t.Status().State.String(), "ran", time.Since(began).Round(time.Millisecond),
		"read", n.Read, written, n.Written, "filtered", n.Filtered, "rejected", n.Rejected, "restarts", n.Restarts)
}

var errEnded = errors.New("task ended by itself")

// live turns a panic of a plugin into an error and never returns nil.
func (t *Task) live(ctx context.Context, life func(*Task) lives.Runner) error {
	defer t.ends()
	began, works := time.Now(), false
	t.starts.attempts.Add(1)
	err := lives.Protect(func() error {
		return life(t).Run(ctx, func() {
			works = true
			t.starts.ended(nil)
			t.reporter.set(Running, "")
			t.logger.Info("task started", "took", time.Since(began).Round(time.Millisecond))
		})
	})
	if err == nil {
		err = errEnded
	}
	if !works && ctx.Err() == nil {
		t.starts.ended(err)
	}
	return err
}
