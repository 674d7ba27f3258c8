package sinktask

import (
	"context"
	"fmt"
	"time"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/worker/internal/away"
	"github.com/suiro/suiro/connect/worker/internal/counts"
	"github.com/suiro/suiro/connect/worker/internal/pipeline"
	"github.com/suiro/suiro/internal/backoff"
)

// delivery puts batches. It is the loop's.
type delivery struct {
	task     connect.SinkTask
	consumer *consumer
	ledger   *ledger
	signals  *signals
	counts   *counts.Counters
	away     *away.Notice  // while puts are tried again
	trouble  func(error)   // shows what is tried again; nil when it is over
	delayMax time.Duration // between two tries
}

// put hands the batch to the task, again and again while the error may go away.
// In between it lets rebalances happen and drops what was lost in them. The
// client heartbeats by itself, so nothing needs to be polled to stay a member.
func (d *delivery) put(ctx context.Context, b batch) error {
	pause := backoff.Backoff{First: pipeline.FirstRetry, Max: d.delayMax}
	for {
		began := time.Now()
		err := d.task.Put(ctx, b.records)
		if len(b.records) > 0 {
			d.counts.Put.Observe(time.Since(began))
		}
		switch {
		case err == nil:
			d.away.Over()
			d.trouble(nil)
			d.ledger.put(b)
			d.counts.Written.Add(int64(len(b.records)))
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case !connect.IsRetriable(err):
			return fmt.Errorf("put %d records: %w", len(b.records), err)
		}
		wait := pause.Next()
		d.counts.Retries.Add(1)
		d.trouble(err)
		d.away.Failed(err, "records", len(b.records))
		if err := d.consumer.yield(ctx, wait); err != nil {
			return err
		}
		if err := d.signals.failure(); err != nil {
			return err
		}
		b = d.ledger.stillOwned(b)
	}
}
