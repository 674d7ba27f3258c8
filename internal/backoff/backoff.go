// Package backoff spaces attempts at something that fails: each pause is twice
// as long as the one before, up to a limit, and partly random, so that clients
// that failed together do not come back together.
//
//	pause := backoff.Backoff{First: 100 * time.Millisecond, Max: 10 * time.Second}
//	for {
//		err := try(ctx)
//		if err == nil {
//			return nil
//		}
//		if err := backoff.Sleep(ctx, pause.Next()); err != nil {
//			return err
//		}
//	}
package backoff

import (
	"context"
	"math/rand/v2"
	"time"
)

// Backoff is a series of pauses. The fields are set before the first call of
// Next. It is used by one goroutine at a time.
type Backoff struct {
	// First is the longest that the first pause may be. Default and least: a
	// millisecond.
	First time.Duration
	// Max is the longest that any pause may be. Default and least: First.
	Max time.Duration
	// FullJitter draws each pause between zero and its longest. Default: between
	// two thirds of its longest and its longest.
	FullJitter bool

	attempt int
}

// Next returns the pause before the next attempt.
func (b *Backoff) Next() time.Duration {
	d := b.longest()
	b.attempt++
	if b.FullJitter {
		return rand.N(d)
	}
	return d - rand.N(d/3+1)
}

// longest is First doubled for each attempt, at most Max.
func (b *Backoff) longest() time.Duration {
	first := max(b.First, time.Millisecond)
	limit := max(b.Max, first)
	if b.attempt >= 63 || first > limit>>b.attempt {
		return limit
	}
	return first << b.attempt // cannot overflow, as it is at most limit
}

// Reset goes back to the first pause, after a success.
func (b *Backoff) Reset() { b.attempt = 0 }

// Sleep waits for d. When ctx is done first, it returns the error of ctx.
func Sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
