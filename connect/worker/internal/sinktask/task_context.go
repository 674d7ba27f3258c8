package sinktask

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/internal/reports"
	"github.com/suiro/suiro/connect/worker/internal/counts"
	"github.com/suiro/suiro/connect/worker/internal/lives"
)

var _ connect.SinkContext = (*taskContext)(nil)

// taskContext is what a sink task may ask for, from any goroutine.
type taskContext struct {
	consumer *consumer
	ledger   *ledger
	signals  *signals
	rejects  *rejects
	counts   *counts.Counters
	metrics  prometheus.Registerer
	logger   *slog.Logger
}

func (c *taskContext) Pause(partitions ...connect.TopicPartition)  { c.consumer.pause(partitions) }
func (c *taskContext) Resume(partitions ...connect.TopicPartition) { c.consumer.resume(partitions) }
func (c *taskContext) RequestCommit()                              { c.signals.requestCommit() }
func (c *taskContext) Tolerant() bool                              { return c.rejects.pipeline.Tolerant() }
func (c *taskContext) Metrics() prometheus.Registerer              { return c.metrics }
func (c *taskContext) Logger() *slog.Logger                        { return c.logger }

func (c *taskContext) Seek(offsets connect.Offsets) {
	c.ledger.seek(offsets)
	c.signals.wake()
}

func (c *taskContext) Report(r *connect.SinkRecord, reason error, done func(error)) error {
	err := c.reject(r, reason, c.guarded(done))
	if err != nil {
		c.signals.fail(err)
	}
	return err
}

func (c *taskContext) reject(r *connect.SinkRecord, reason error, done func(error)) error {
	if r == nil {
		return fmt.Errorf("report a bad record: it is nil (%w)", reason)
	}
	if err := c.rejects.reject(r, reason, done); err != nil {
		return err
	}
	c.counts.Written.Add(-1) // it was put, so it counts or will count as written
	return nil
}

// guarded returns what calls done of a task, whose panic would otherwise end the
// process: done is called from a goroutine of the client.
func (c *taskContext) guarded(done func(error)) func(error) {
	if done == nil {
		return func(error) {}
	}
	return func(err error) {
		if panicked := lives.Protect(func() error { done(err); return nil }); panicked != nil {
			c.signals.fail(fmt.Errorf("tell the task that a dead letter is acknowledged: %w", panicked))
		}
	}
}

func (c *taskContext) ReportAll(ctx context.Context, rejections []connect.Rejection) error {
	return reports.All(ctx, c.Report, rejections)
}

// Owned asks the coordinator, see consumer.isMember.
func (c *taskContext) Owned(ctx context.Context, p connect.TopicPartition) (bool, error) {
	if c.ledger.find(p) == nil {
		return false, nil
	}
	member, err := c.consumer.isMember(ctx)
	if err != nil {
		return false, fmt.Errorf("ask the coordinator who owns %s: %w", p, err)
	}
	return member && c.ledger.find(p) != nil, nil
}
