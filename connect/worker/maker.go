package worker

import (
	"context"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/backing"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/plan"
	"github.com/suiro/suiro/connect/worker/internal/lives"
	"github.com/suiro/suiro/connect/worker/internal/rebalances"
	"github.com/suiro/suiro/connect/worker/internal/sinktask"
	"github.com/suiro/suiro/connect/worker/internal/sourcetask"
)

// maker makes the lives of one task.
type maker struct {
	worker *Worker
	plan   *plan.Connector
	values config.Values
	group  *rebalances.Log // of a sink
}

// life returns a new life. Its task is made by the connector that runs in this worker,
// which may hold what its tasks share, or else by one that was never started.
func (m *maker) life(t *Task) lives.Runner {
	c := m.worker.running.find(m.plan.Name)
	if m.plan.Type == plan.Source {
		if c != nil && c.source != nil {
			return m.sourceLife(t, c.source.NewTask())
		}
		return m.sourceLife(t, m.plan.NewSource().NewTask())
	}
	if c != nil && c.sink != nil {
		return m.sinkLife(t, c.sink.NewTask())
	}
	return m.sinkLife(t, m.plan.NewSink().NewTask())
}

func (m *maker) sourceLife(t *Task, impl connect.SourceTask) lives.Runner {
	w := m.worker
	return sourcetask.New(sourcetask.Options{
		Plan: m.plan, ID: t.ID, Task: impl, Values: m.values,
		OpenOffsets:   func(ctx context.Context) (backing.OffsetStore, func(), error) { return w.OpenOffsets(ctx, m.plan) },
		FlushInterval: w.plan.FlushInterval, FlushTimeout: w.plan.FlushTimeout, GracefulTimeout: w.plan.GracefulTimeout,
		Counts: &t.counts, Metrics: t.begins(impl), Logger: t.logger, Taps: t.taps, Brokers: w.brokers,
		Trouble: t.reporter.trouble, Gate: t.gate, Paused: t.paused, Making: w.making, Verify: t.verify,
		RecordsOnly: &t.records,
	})
}

func (m *maker) sinkLife(t *Task, impl connect.SinkTask) lives.Runner {
	w := m.worker
	return sinktask.New(sinktask.Options{
		Plan: m.plan, ID: t.ID, Task: impl, Values: m.values,
		FlushInterval: w.plan.FlushInterval, FlushTimeout: w.plan.FlushTimeout, GracefulTimeout: w.plan.GracefulTimeout,
		Counts: &t.counts, Metrics: t.begins(impl), Logger: t.logger, Taps: t.taps, Brokers: w.brokers, Group: m.group,
		Trouble: t.reporter.trouble, Gate: t.gate, Paused: t.paused, Making: w.making,
	})
}
