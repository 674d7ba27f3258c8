package pipeline

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/plan"
	"github.com/suiro/suiro/connect/worker/internal/counts"
	"github.com/suiro/suiro/connect/worker/internal/lives"
	"github.com/suiro/suiro/internal/backoff"
	"github.com/suiro/suiro/internal/excerpt"
	"github.com/suiro/suiro/internal/rejections"
)

// FirstRetry is the pause before something is tried again for the first time.
const FirstRetry = 300 * time.Millisecond

// tolerance decides what becomes of a record that failed.
type tolerance struct {
	plan.Tolerance
	counts *counts.Counters
	logger *slog.Logger
	told   *rejections.Log
	to     string              // where bad records go
	hide   func(string) string // takes secrets out of a text
	limit  *limit
}

func newTolerance(p *plan.Connector, c *counts.Counters, logger *slog.Logger) tolerance {
	to := "nowhere, as there is no dead-letter queue"
	if p.DeadLetters != nil {
		to = "topic " + p.DeadLetters.Topic
	}
	return tolerance{Tolerance: p.Tolerance, counts: c, logger: logger, told: rejections.New(logger), to: to,
		hide: p.HideText, limit: &limit{most: p.Tolerance.Limit, window: p.Tolerance.Window}}
}

// retries reports whether what failed with err is tried again.
func (t *tolerance) retries(err error) bool {
	return err != nil && t.RetryTimeout != 0 && connect.IsRetriable(err)
}

// again calls fn while its error is retriable and errors.retry.timeout has not
// passed, and returns its last answer; err is that of the first try.
func again[T any](ctx context.Context, t *tolerance, err error, fn func() (T, error)) (out T, _ error) {
	deadline := time.Now().Add(t.RetryTimeout)
	pause := backoff.Backoff{First: FirstRetry, Max: t.RetryDelayMax}
	for t.retries(err) {
		wait := pause.Next()
		if t.RetryTimeout > 0 && time.Now().Add(wait).After(deadline) {
			return out, err
		}
		if backoff.Sleep(ctx, wait) != nil {
			return out, err
		}
		t.counts.Retries.Add(1)
		out, err = fn()
	}
	return out, err
}

// admit is [Pipeline.Admit]. A record that failed for a retriable reason is not
// bad: while a schema registry is away, the task is restarted again and again
// instead of emptying its topics into the dead letters.
func (t *tolerance) admit(n int64, origin string, stage Stage, class string, reason error) error {
	t.counts.Failures.Add(int(stage), n)
	text := excerpt.Error(reason, t.hide)
	if connect.IsRetriable(reason) {
		t.counts.Errors.Add(n)
		return &lives.RecordError{Reason: reason, Text: fmt.Sprintf(
			"%s: %s: %s (still failing after errors.retry.timeout; -1 retries without end)", origin, stage, text)}
	}
	stack := excerpt.Text(t.hide(stackOf(reason)), excerpt.MaxStack)
	if !t.All {
		t.counts.Errors.Add(n)
		if stack != "" {
			stack = "\n" + stack
		}
		return &lives.RecordError{Reason: reason,
			Text: fmt.Sprintf("%s: %s: %s (errors.tolerance is none)%s", origin, stage, text, stack)}
	}
	if !t.limit.take(n, time.Now()) {
		t.counts.Errors.Add(n)
		return lives.Fatal(&lives.RecordError{Reason: reason, Text: fmt.Sprintf(
			"%s: %s: %s (more than the %d bad records within %v that errors.tolerance.limit allows: mend what is wrong with "+
				"them, or raise the limit, and restart the task)", origin, stage, text, t.Limit, t.Window)})
	}
	t.counts.Rejected.Add(n)
	if !t.Log {
		t.told.Add(rejections.Rejection{Stage: stage.String(), Place: class, Attrs: []any{"class", class, "to", t.to},
			Record: strings.TrimPrefix(origin, "record "), Reason: text, Stack: stack})
	} else {
		t.counts.Logged.Add(1)
		attrs := []any{"stage", stage.String(), "error", text}
		if t.LogOrigin {
			attrs = append(attrs, "record", origin)
		}
		t.logger.Error("bad record", attrs...)
	}
	return nil
}
