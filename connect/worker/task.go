package worker

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/plan"
	"github.com/suiro/suiro/connect/worker/internal/counts"
	"github.com/suiro/suiro/connect/worker/internal/lives"
	"github.com/suiro/suiro/internal/backoff"
)

// Task is one task of a connector, over all its lives. Its methods may be called
// from any goroutine.
//
// A life begins with a new [connect.SourceTask] or [connect.SinkTask] and ends
// with its failure or when the connector is stopped:
//
//	            ┌───────────────── pause ─────────────────┐
//	            ▼                                         │
//	start ─▶ a life ─▶ it works: RUNNING ─▶ it fails: FAILED ─▶ no more restarts, or no
//	            │                │                        use in one: FAILED until stopped
//	            └────────────────┴─▶ told to stop: UNASSIGNED
type Task struct {
	// Connector and ID name the task.
	Connector string
	ID        int
	// Config is the connector's properties with what the connector planned for
	// the task.
	Config map[string]string

	kind     plan.Type
	counts   counts.Counters
	logger   *slog.Logger
	restarts plan.Restarts
	stop     context.CancelFunc
	done     chan struct{}

	mu     sync.Mutex // guards the rest
	status Status
	// reporter is the task of the present life, or nil when it reports nothing,
	// and past holds the counters of the lives before.
	reporter connect.MetricsReporter
	past     map[string]float64
}

func newTask(p *plan.Connector, id int, config map[string]string, logger *slog.Logger) *Task {
	return &Task{Connector: p.Name, ID: id, Config: config, kind: p.Type, restarts: p.Restarts,
		logger: logger.With("connector", p.Name, "task", id), done: make(chan struct{}), past: map[string]float64{}}
}

// start runs the task until stop is called; done is closed then.
func (t *Task) start(life func() lives.Runner) {
	ctx, cancel := context.WithCancel(context.Background())
	t.stop = cancel
	go t.supervise(ctx, life)
}

// Status returns what the task does now.
func (t *Task) Status() Status {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.status
}

// Counts returns what the task did so far.
func (t *Task) Counts() Counts { return t.counts.Snapshot() }

// Metrics returns the counts as monitoring sees them, and behind them what the
// task counts itself, over all its lives.
func (t *Task) Metrics() []connect.Metric {
	metrics := t.counts.Snapshot().Metrics(t.kind)
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.reporter == nil {
		return metrics
	}
	for _, m := range t.reporter.Metrics() {
		m.Value += t.past[m.Name]
		metrics = append(metrics, m)
	}
	return metrics
}

// begins notes the task of a life that begins. It is the one place that looks for
// what a task can do besides its work.
func (t *Task) begins(impl any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.reporter != nil {
		for _, m := range t.reporter.Metrics() {
			if m.Counter {
				t.past[m.Name] += m.Value
			}
		}
	}
	t.reporter, _ = impl.(connect.MetricsReporter)
}

func (t *Task) set(state State, trace string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.status = Status{State: state, Trace: trace}
}

func (t *Task) fail(err error) {
	var wrong config.Errors
	t.mu.Lock()
	defer t.mu.Unlock()
	t.status = Status{State: Failed, Trace: err.Error(), Misconfigured: errors.As(err, &wrong)}
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

// supervise runs lives of the task until ctx is done.
func (t *Task) supervise(ctx context.Context, life func() lives.Runner) {
	defer close(t.done)
	defer t.set(Unassigned, "")
	failures := 0 // in a row
	pause := backoff.Backoff{First: t.restarts.Delay, Max: t.restarts.DelayMax}
	for ctx.Err() == nil {
		began := time.Now()
		err := t.live(ctx, life)
		if ctx.Err() != nil {
			if !errors.Is(err, errEnded) && !errors.Is(err, context.Canceled) {
				t.logger.Error("task stopped with an error, what it did not commit comes again", "error", err)
			}
			return
		}
		if time.Since(began) > t.restarts.DelayMax {
			failures = 0
			pause.Reset()
		}
		t.fail(err)
		if lives.IsFatal(err) || t.restarts.Max >= 0 && failures >= t.restarts.Max {
			t.logger.Error("task failed and is not restarted", "error", err)
			<-ctx.Done()
			return
		}
		failures++
		wait := pause.Next()
		t.logger.Warn("task failed and is restarted", "error", err, "pause", wait.Round(time.Millisecond))
		if backoff.Sleep(ctx, wait) != nil {
			return
		}
		t.counts.Restarts.Add(1)
		t.set(Restarting, err.Error())
	}
}

var errEnded = errors.New("task ended by itself")

// live turns a panic of a plugin into an error and never returns nil.
func (t *Task) live(ctx context.Context, life func() lives.Runner) error {
	err := lives.Protect(func() error { return life().Run(ctx, func() { t.set(Running, "") }) })
	if err == nil {
		err = errEnded
	}
	return err
}
