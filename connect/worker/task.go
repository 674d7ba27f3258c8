package worker

import (
	"context"
	"errors"
	"log/slog"
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/plan"
	"github.com/suiro/suiro/connect/worker/internal/counts"
	"github.com/suiro/suiro/connect/worker/internal/lives"
	"github.com/suiro/suiro/connect/worker/internal/registry"
	"github.com/suiro/suiro/internal/backoff"
	"github.com/suiro/suiro/internal/excerpt"
	"github.com/suiro/suiro/internal/logs"
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
	class    string
	counts   counts.Counters
	logger   *slog.Logger
	hide     func(string) string // takes secrets out of a text
	restarts plan.Restarts
	stop     context.CancelFunc
	done     chan struct{}

	mu     sync.Mutex // guards the rest
	status Status
	// registry holds the metrics that the present life has registered, nil between
	// lives.
	registry *registry.Registry
	waiter   connect.Waiter // the task of the present life, nil when it is none
}

func newTask(p *plan.Connector, id int, config map[string]string, logger *slog.Logger) *Task {
	return &Task{Connector: p.Name, ID: id, Config: config, kind: p.Type, class: p.Class, restarts: p.Restarts,
		hide:   p.HideText,
		logger: logs.Hide(logger, p.HideText).With("connector", p.Name, "task", id), done: make(chan struct{})}
}

// start runs the task until stop is called; done is closed then.
func (t *Task) start(life func() lives.Runner) {
	ctx, cancel := context.WithCancel(context.Background())
	t.stop = cancel
	go t.supervise(ctx, life)
}

// Status returns what the task does now. Of a running task that waits for its
// outside system the trace says why.
func (t *Task) Status() Status {
	t.mu.Lock()
	status, waiter := t.status, t.waiter
	t.mu.Unlock()
	if status.State != Running || status.Trace != "" || waiter == nil {
		return status
	}
	err := lives.Protect(func() error {
		if why := waiter.Waiting(); why != nil {
			status.Trace = t.trace(why)
		}
		return nil
	})
	if err != nil {
		status.Trace = t.trace(err)
	}
	return status
}

// Counts returns what the task did so far.
func (t *Task) Counts() Counts { return t.counts.Snapshot() }

// Describe implements [prometheus.Collector]. It describes nothing in advance, as
// every life of the task registers metrics of its own.
func (t *Task) Describe(chan<- *prometheus.Desc) {}

// Collect implements [prometheus.Collector]: it sends the counts over all lives,
// and what the present life of the task has registered itself.
func (t *Task) Collect(ch chan<- prometheus.Metric) {
	t.counts.Collect(t.kind, t.labels(), ch)
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
	t.registry = registry.New(t.class, t.labels(), t.logger)
	return t.registry
}

// ends forgets what the life registered. What it measures may be gone.
func (t *Task) ends() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.registry, t.waiter = nil, nil
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
	t.status = Status{State: Failed, Trace: t.trace(err), Misconfigured: errors.As(err, &wrong)}
}

// trouble shows an error while the task goes on trying; nil clears it.
func (t *Task) trouble(err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.status.Trace = ""
	if err != nil {
		t.status.Trace = t.trace(err)
	}
}

// trace is the text of err as a status shows it.
func (t *Task) trace(err error) string { return excerpt.Trace(err, t.hide) }

// supervise runs lives of the task until ctx is done.
func (t *Task) supervise(ctx context.Context, life func() lives.Runner) {
	defer close(t.done)
	defer t.set(Unassigned, "")
	defer t.tellEnd(time.Now())
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
		t.set(Restarting, t.trace(err))
	}
}

// tellEnd logs what the task did since it was first started.
func (t *Task) tellEnd(began time.Time) {
	n := t.counts.Snapshot()
	written := "written"
	if t.kind == plan.Sink {
		written = "put" // it may still be on its way, or be read again
	}
	t.logger.Info("task stopped", "was", t.Status().State.String(), "ran", time.Since(began).Round(time.Millisecond),
		"read", n.Read, written, n.Written, "filtered", n.Filtered, "rejected", n.Rejected, "restarts", n.Restarts)
}

var errEnded = errors.New("task ended by itself")

// live turns a panic of a plugin into an error and never returns nil.
func (t *Task) live(ctx context.Context, life func() lives.Runner) error {
	defer t.ends()
	began := time.Now()
	err := lives.Protect(func() error {
		return life().Run(ctx, func() {
			t.set(Running, "")
			t.logger.Info("task started", "took", time.Since(began).Round(time.Millisecond))
		})
	})
	if err == nil {
		err = errEnded
	}
	return err
}
