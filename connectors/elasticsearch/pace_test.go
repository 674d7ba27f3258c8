package elasticsearch

import (
	"context"
	"errors"
	"testing"
	"time"
)

func TestWaitDoublesAndIsBounded(t *testing.T) {
	for _, c := range []struct {
		backoff time.Duration
		steps   int
		most    time.Duration
	}{
		{100 * time.Millisecond, 1, 100 * time.Millisecond},
		{100 * time.Millisecond, 3, 400 * time.Millisecond},
		{100 * time.Millisecond, 1000, maxBackoff},
		{time.Minute, 1, time.Minute},
		{time.Minute, 50, time.Minute},
		{0, 1, 0},
		{0, 2, time.Millisecond},
		{0, 1000, maxBackoff},
	} {
		p := &pace{s: &settings{backoff: c.backoff}, steps: c.steps}
		for range 20 {
			if got := p.wait(); got < c.most/2 || got > c.most {
				t.Errorf("wait after %d tries from %v = %v, want %v to %v", c.steps, c.backoff, got, c.most/2, c.most)
			}
		}
	}
}

func TestTimeoutGrowsToTheFlushTimeout(t *testing.T) {
	s := &settings{readTimeout: 3 * time.Second, flushTimeout: 20 * time.Second}
	for slow, want := range []time.Duration{3, 6, 12, 20, 20} {
		if got := (&pace{s: s, slow: slow}).timeout(); got != want*time.Second {
			t.Errorf("timeout doubled %d times = %v, want %v", slow, got, want*time.Second)
		}
	}
	long := &pace{s: &settings{readTimeout: time.Minute, flushTimeout: time.Second}, slow: 3}
	if got := long.timeout(); got != time.Minute {
		t.Errorf("timeout = %v, want the read timeout, which is longer than the flush timeout", got)
	}
}

func TestOnlyTheEndOfTroubleIsTold(t *testing.T) {
	var h health
	a := &pace{s: &settings{flushTimeout: time.Minute}, tries: 1}
	b := &pace{s: a.s, tries: 1}
	now := time.Now()
	if !h.worse(a, now) || h.worse(b, now) {
		t.Error("trouble is to be told once, when it begins")
	}
	a.tries++
	if !h.worse(a, now.Add(2*time.Minute)) {
		t.Error("trouble longer than the flush timeout is to be told again")
	}
	if h.better(a, nil) || !h.better(b, nil) {
		t.Error("trouble is over when the last batch is through")
	}
	h.worse(b, now.Add(time.Hour))
	if h.better(b, errors.New("the task ends")) || h.better(&pace{}, context.Canceled) {
		t.Error("trouble is not over because a batch is given up")
	}
}
