package sourcetask

import (
	"context"
	"log/slog"
	"time"

	"github.com/suiro/suiro/internal/backoff"
)

// atOnce is how fast a Poll without records has to be to count as one that does
// not wait for any.
const atOnce = 5 * time.Millisecond

// idle slows down a task whose Poll does not wait for records, as it would keep
// a processor busy with nothing.
type idle struct {
	logger *slog.Logger
	pause  backoff.Backoff
	told   bool // in this life
}

func newIdle(l *slog.Logger) idle {
	return idle{logger: l, pause: backoff.Backoff{First: 10 * time.Millisecond, Max: 200 * time.Millisecond}}
}

// polled waits after a Poll that returned n records, if it is one of those. A
// stop cuts the wait short.
func (i *idle) polled(ctx context.Context, n int, took time.Duration) error {
	if n > 0 || took > atOnce {
		i.pause.Reset()
		return nil
	}
	if !i.told {
		i.told = true
		i.logger.Warn("poll returned at once without records and is slowed down: a task should wait for about a second " +
			"before it returns none")
	}
	_ = backoff.Sleep(ctx, i.pause.Next()) // the loop looks whether ctx is done
	return nil
}
