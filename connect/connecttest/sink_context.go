package connecttest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/internal/reports"
)

var _ connect.SinkContext = (*SinkContext)(nil)

// ErrNotTolerated is returned by Report and Reject of the fakes when they
// tolerate nothing. It wraps the reason.
var ErrNotTolerated = errors.New("errors.tolerance is none")

// Report is one call of [SinkContext.Report].
type Report struct {
	// Record is the record that the task gave up.
	Record *connect.SinkRecord
	// Reason is why, as the dead letter would say it.
	Reason error

	done func(error) // called when the dead letter is acknowledged
}

// SinkContext is a fake [connect.SinkContext]. It owns every partition,
// tolerates every error and acknowledges dead letters at once, until the test
// changes that. It is safe for concurrent use.
type SinkContext struct {
	mu        sync.Mutex // guards the rest
	paused    map[connect.TopicPartition]bool
	disowned  map[connect.TopicPartition]bool
	sought    connect.Offsets
	requested int
	reports   []Report
	held      []Report
	hold      bool
	strict    bool
	metrics   metrics
}

// NewSinkContext returns a SinkContext that no task has used.
func NewSinkContext() *SinkContext {
	return &SinkContext{
		metrics:  newMetrics(),
		paused:   map[connect.TopicPartition]bool{},
		disowned: map[connect.TopicPartition]bool{},
		sought:   connect.Offsets{},
	}
}

// Tolerate sets errors.tolerance: all for true, none for false.
func (c *SinkContext) Tolerate(all bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.strict = !all
}

// HoldReports keeps dead letters unacknowledged until [SinkContext.AckReports].
func (c *SinkContext) HoldReports() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.hold = true
}

// AckReports acknowledges the dead letters held so far. An error means that they
// could not be written.
func (c *SinkContext) AckReports(err error) {
	c.mu.Lock()
	held := c.held
	c.held = nil
	c.mu.Unlock()
	for _, r := range held {
		r.done(err)
	}
}

// Disown makes Owned return false for the partitions.
func (c *SinkContext) Disown(partitions ...connect.TopicPartition) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, p := range partitions {
		c.disowned[p] = true
	}
}

// Reports returns what was reported so far, in order.
func (c *SinkContext) Reports() []Report {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.reports)
}

// Tolerant implements [connect.SinkContext]: it returns what [SinkContext.Tolerate]
// set, and true before.
func (c *SinkContext) Tolerant() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return !c.strict
}

// Paused reports whether the task paused the partition.
func (c *SinkContext) Paused(p connect.TopicPartition) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.paused[p]
}

// Sought returns the offsets that the task sought since the last call.
func (c *SinkContext) Sought() connect.Offsets {
	c.mu.Lock()
	defer c.mu.Unlock()
	sought := c.sought
	c.sought = connect.Offsets{}
	return sought
}

// CommitRequests returns how often the task asked for a commit so far.
func (c *SinkContext) CommitRequests() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.requested
}

// Pause implements [connect.SinkContext].
func (c *SinkContext) Pause(partitions ...connect.TopicPartition) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, p := range partitions {
		c.paused[p] = true
	}
}

// Resume implements [connect.SinkContext].
func (c *SinkContext) Resume(partitions ...connect.TopicPartition) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, p := range partitions {
		delete(c.paused, p)
	}
}

// Seek implements [connect.SinkContext].
func (c *SinkContext) Seek(offsets connect.Offsets) {
	c.mu.Lock()
	defer c.mu.Unlock()
	maps.Copy(c.sought, offsets)
}

// RequestCommit implements [connect.SinkContext].
func (c *SinkContext) RequestCommit() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.requested++
}

// Report implements [connect.SinkContext].
func (c *SinkContext) Report(r *connect.SinkRecord, reason error, done func(error)) error {
	if done == nil {
		done = func(error) {}
	}
	if r == nil {
		return fmt.Errorf("report a bad record: it is nil (%w)", reason)
	}
	report := Report{Record: r, Reason: reason, done: done}
	c.mu.Lock()
	hold, strict := c.hold, c.strict
	if !strict {
		c.reports = append(c.reports, report)
		if hold {
			c.held = append(c.held, report)
		}
	}
	c.mu.Unlock()
	if strict {
		return fmt.Errorf("%w: %w", ErrNotTolerated, reason)
	}
	if !hold {
		done(nil)
	}
	return nil
}

// ReportAll implements [connect.SinkContext]. While reports are held it waits for
// [SinkContext.AckReports].
func (c *SinkContext) ReportAll(ctx context.Context, rejections []connect.Rejection) error {
	return reports.All(ctx, c.Report, rejections)
}

// Owned implements [connect.SinkContext].
func (c *SinkContext) Owned(ctx context.Context, p connect.TopicPartition) (bool, error) {
	if err := ctx.Err(); err != nil {
		return false, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return !c.disowned[p], nil
}

// Metrics implements [connect.SinkContext].
func (c *SinkContext) Metrics() prometheus.Registerer {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.metrics.registry
}

// NewLife forgets the metrics of the task before, as a worker does when another life
// of a task begins. The functions that start a task call it.
func (c *SinkContext) NewLife() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.metrics = newMetrics()
}

// Metric returns the value of a metric that the task registered, the last one that
// was started with this context, added up over
// its series; of a histogram the number of observations. The test fails when
// there is none of that name.
func (c *SinkContext) Metric(t testing.TB, name string) float64 {
	t.Helper()
	c.mu.Lock()
	now := c.metrics
	c.mu.Unlock()
	return now.value(t, name)
}

// Logger implements [connect.SinkContext]; it writes nowhere.
func (c *SinkContext) Logger() *slog.Logger { return quiet() }

func quiet() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }
