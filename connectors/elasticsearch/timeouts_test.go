package elasticsearch

import (
	"testing"
	"time"
)

func TestTimeoutGrowsToItsLimit(t *testing.T) {
	ts := &timeouts{first: 3 * time.Second, limit: 20 * time.Second}
	for doublings, want := range []time.Duration{3, 6, 12, 20, 20} {
		if got := ts.after(doublings); got != want*time.Second {
			t.Errorf("timeout doubled %d times = %v, want %v", doublings, got, want*time.Second)
		}
	}
	long := &timeouts{first: time.Minute, limit: time.Second}
	if got := long.after(3); got != time.Minute {
		t.Errorf("timeout = %v, want the read timeout, which is longer than the flush timeout", got)
	}
}

func TestNewBatchesBeginWithWhatTheLastNeeded(t *testing.T) {
	ts := &timeouts{first: time.Second, limit: 4 * time.Second}
	n := ts.start()
	for _, want := range []int{1, 2, 2} {
		if n = ts.took(n, 0, true); n != want || ts.start() != want {
			t.Errorf("after running out of time: %d doublings and %d for new batches, want %d", n, ts.start(), want)
		}
	}
	ts.took(n, 3*time.Second, false) // in time, but not within the read timeout
	if got := ts.start(); got != 2 {
		t.Errorf("new batches begin with %d doublings although the cluster is still slow, want 2", got)
	}
	ts.took(n, time.Millisecond, false)
	if got := ts.start(); got != 1 {
		t.Errorf("new batches begin with %d doublings after a quick answer, want 1", got)
	}
}
