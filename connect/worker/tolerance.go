package worker

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/plan"
)

// tolerance decides what becomes of a record that failed.
type tolerance struct {
	plan.Tolerance
	counts *counters
	logger *slog.Logger
}

// retry calls fn again while its error may heal and errors.retry.timeout has
// not passed.
func (t *tolerance) retry(ctx context.Context, fn func() error) error {
	err := fn()
	if err == nil || !connect.IsRetriable(err) || t.RetryTimeout == 0 {
		return err
	}
	deadline := time.Now().Add(t.RetryTimeout)
	pause := backoff{first: 300 * time.Millisecond, max: t.RetryDelayMax}
	for err != nil && connect.IsRetriable(err) {
		wait := pause.next()
		if t.RetryTimeout > 0 && time.Now().Add(wait).After(deadline) {
			return err
		}
		if sleep(ctx, wait) != nil {
			return err
		}
		t.counts.retries.Add(1)
		err = fn()
	}
	return err
}

// admit returns nil when a bad record is tolerated, after counting and logging
// it; where names the record. One that failed for a reason that may heal is no
// bad record: while a schema registry is away, the task starts again and again
// instead of emptying its topics into the dead letters.
func (t *tolerance) admit(where string, stage Stage, reason error) error {
	if connect.IsRetriable(reason) {
		return fmt.Errorf("%s: %s: %w (still so after errors.retry.timeout; -1 waits for ever)", where, stage, reason)
	}
	if !t.All {
		return fmt.Errorf("%s: %s: %w (errors.tolerance is none)", where, stage, reason)
	}
	t.counts.rejected.Add(1)
	if t.Log {
		attrs := []any{"stage", stage.String(), "error", reason}
		if t.LogOrigin {
			attrs = append(attrs, "record", where)
		}
		t.logger.Error("bad record", attrs...)
	}
	return nil
}
