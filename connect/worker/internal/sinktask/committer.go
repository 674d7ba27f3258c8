package sinktask

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/worker/internal/away"
	"github.com/suiro/suiro/connect/worker/internal/counts"
	"github.com/twmb/franz-go/pkg/kerr"
)

// committer commits what the task says is safe. It is the loop's and the
// callbacks'.
type committer struct {
	task     connect.SinkTask
	consumer *consumer
	ledger   *ledger
	signals  *signals
	counts   *counts.Counters
	away     *away.Notice  // while commits fail
	timeout  time.Duration // of one request
	expelled bool          // the coordinator refused the last commit, as it has expelled the member
}

// commit asks the task what is safe and commits it. What fails for a while is
// tried again at the next interval; the error is what will not get better.
func (c *committer) commit(ctx context.Context) error {
	c.signals.committing()
	c.expelled = false
	current := c.ledger.positions()
	if len(current) == 0 {
		return nil
	}
	safe, err := c.task.PreCommit(ctx, maps.Clone(current))
	if err != nil && (connect.IsRetriable(err) || ctx.Err() != nil) {
		c.counts.Commit(err)
		c.away.Failed(err)
		return nil
	}
	if err != nil {
		c.counts.Commit(err)
		return fmt.Errorf("prepare the commit: %w", err)
	}
	if err := c.ledger.check(current, safe); err != nil {
		c.counts.Commit(err)
		return fmt.Errorf("prepare the commit: %w", err)
	}
	return c.send(ctx, c.ledger.clamp(current, safe))
}

func (c *committer) send(ctx context.Context, offsets connect.Offsets) error {
	if len(offsets) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	began := time.Now()
	taken, err := c.consumer.commit(ctx, offsets)
	if err == nil {
		c.counts.Committing.Observe(time.Since(began))
	}
	c.expelled = isStranger(err)
	c.counts.Commit(err)
	c.ledger.commit(taken)
	switch {
	case err == nil:
		c.away.Over()
		return nil
	case errors.Is(err, kerr.GroupAuthorizationFailed), errors.Is(err, kerr.TopicAuthorizationFailed):
		return fmt.Errorf("commit offsets: %w", err) // it never succeeds without an operator
	}
	c.away.Failed(err)
	return nil
}
