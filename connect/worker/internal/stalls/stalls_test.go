package stalls_test

import (
	"testing"
	"time"

	"github.com/suiro/suiro/connect/worker/internal/counts"
	"github.com/suiro/suiro/connect/worker/internal/lives"
	"github.com/suiro/suiro/connect/worker/internal/stalls"
)

func TestATaskIsStalledWithoutProgressWhileItsLagGrows(t *testing.T) {
	var w stalls.Watch
	var c counts.Counters
	at, gate := time.Unix(0, 0), lives.NewGate(false)
	for i, s := range []struct {
		after        time.Duration
		written, lag int64
		paused       bool
		want         int64
	}{
		{0, 10, 5, false, 0},
		{time.Hour, 10, 5, false, 0}, // nothing comes, so that nothing is missing
		{time.Second, 10, 6, false, 1},
		{time.Second, 11, 9, false, 0}, // it goes on
		{time.Minute - 1, 11, 20, false, 0},
		{1, 11, 20, false, 1},
		{time.Hour, 11, 30, true, 0},
	} {
		at = at.Add(s.after)
		c.Written.Store(s.written)
		c.Lag.Store(s.lag)
		gate.Set(s.paused)
		if w.Look(at, &c, gate, time.Minute); c.Stalled.Load() != s.want {
			t.Errorf("step %d: stalled = %d, want %d", i, c.Stalled.Load(), s.want)
		}
	}
}
