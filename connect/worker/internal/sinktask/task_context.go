package sinktask

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/worker/internal/counts"
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
	if done == nil {
		done = func(error) {}
	}
	if err := c.rejects.reject(r, reason, done); err != nil {
		c.signals.fail(err)
		return err
	}
	c.counts.Written.Add(-1) // it was put, so it counts or will count as written
	return nil
}

// Owned asks the coordinator, see consumer.isMember.
func (c *taskContext) Owned(ctx context.Context, p connect.TopicPartition) (bool, error) {
	if c.ledger.find(p) == nil {
		return false, nil
	}
	member, err := c.consumer.isMember(ctx)
	if err != nil {
		return false, fmt.Errorf("ask the coordinator who owns %s partition %d: %w", p.Topic, p.Partition, err)
	}
	return member && c.ledger.find(p) != nil, nil
}
