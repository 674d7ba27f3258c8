package worker

import (
	"context"
	"math/rand/v2"
	"time"
)

// backoff is a pause that doubles with each attempt up to a limit. A third of
// it is random, so that tasks that failed together do not come back together.
type backoff struct {
	first, max time.Duration
	attempt    int
}

// next returns the pause before the next attempt.
func (b *backoff) next() time.Duration {
	d := b.max
	if b.attempt < 63 && b.first <= b.max>>b.attempt {
		d = b.first << b.attempt // cannot overflow, as it is at most max
	}
	b.attempt++
	return d - rand.N(d/3+1)
}

// reset begins anew after a success.
func (b *backoff) reset() { b.attempt = 0 }

// sleep waits for d or until ctx is done, and then returns its error.
func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
