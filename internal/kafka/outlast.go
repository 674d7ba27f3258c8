package kafka

import (
	"context"
	"time"

	"github.com/suiro/suiro/internal/backoff"
)

// RestartWait is how long a program that starts waits for brokers which were there a moment ago,
// and are being restarted.
const RestartWait = time.Minute

// restartPause is the pause before brokers that are away are asked again.
const restartPause = 250 * time.Millisecond

// Outlast asks brokers something, and asks again while the error is that they are away ([IsAway]).
// It gives up once patience is over or ctx is done, and returns the last error. The client tries
// some requests again itself, but no connection that is closed before the first answer, as the
// broker could want TLS.
func Outlast(ctx context.Context, patience time.Duration, ask func() error) error {
	for began := time.Now(); ; {
		err := ask()
		if err == nil || !IsAway(err) || time.Since(began) >= patience || backoff.Sleep(ctx, restartPause) != nil {
			return err
		}
	}
}
