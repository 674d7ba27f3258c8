package backoff_test

import (
	"context"
	"errors"
	"math"
	"testing"
	"testing/synctest"
	"time"

	"github.com/suiro/suiro/internal/backoff"
)

func TestPausesDoubleUpToTheLimit(t *testing.T) {
	for _, c := range []struct {
		name       string
		first, max time.Duration
		want       []time.Duration // the longest that each pause may be
	}{
		{"doubles", 100, 1000, []time.Duration{100, 200, 400, 800, 1000, 1000}},
		{"first is the limit", 1000, 1000, []time.Duration{1000, 1000}},
		{"limit below first", 1000, 10, []time.Duration{1000, 1000}},
		{"no limit", 1000, 0, []time.Duration{1000, 1000}},
		{"nothing first", 0, 5, []time.Duration{1, 2, 4, 5}},
	} {
		b := backoff.Backoff{First: c.first * time.Millisecond, Max: c.max * time.Millisecond}
		for i, want := range c.want {
			want *= time.Millisecond
			if got := b.Next(); got < want*2/3-1 || got > want {
				t.Errorf("%s: pause %d is %v, want it between two thirds of %v and %v", c.name, i, got, want, want)
			}
		}
	}
}

func TestPausesStayWithinTheLimitAfterManyAttempts(t *testing.T) {
	b := backoff.Backoff{First: 1, Max: math.MaxInt64}
	for i := range 200 {
		if got := b.Next(); got <= 0 {
			t.Fatalf("pause %d is %v, want it above zero", i, got)
		}
	}
}

func TestFullJitterSpreadsFromZero(t *testing.T) {
	b := backoff.Backoff{First: time.Second, Max: time.Second, FullJitter: true}
	low, high := time.Second, time.Duration(0)
	for range 1000 {
		got := b.Next()
		low, high = min(low, got), max(high, got)
	}
	if low > time.Second/4 || high < time.Second*3/4 || high > time.Second {
		t.Errorf("a thousand pauses lie between %v and %v, want them spread over a second", low, high)
	}
}

func TestResetGoesBackToTheFirstPause(t *testing.T) {
	b := backoff.Backoff{First: time.Millisecond, Max: time.Hour}
	for range 10 {
		b.Next()
	}
	b.Reset()
	if got, want := b.Next(), time.Millisecond; got > want {
		t.Errorf("pause after Reset is %v, want at most %v", got, want)
	}
}

func TestSleepEndsWithTimeOrContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		if err := backoff.Sleep(t.Context(), time.Minute); err != nil || time.Since(began) != time.Minute {
			t.Errorf("Sleep = %v after %v, want nil after a minute", err, time.Since(began))
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		began = time.Now()
		err := backoff.Sleep(ctx, time.Minute)
		if !errors.Is(err, context.DeadlineExceeded) || time.Since(began) != time.Second {
			t.Errorf("Sleep = %v after %v, want the context's error after a second", err, time.Since(began))
		}
	})
}
