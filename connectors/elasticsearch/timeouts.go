package elasticsearch

import (
	"sync"
	"time"
)

// timeouts are how long the answer to a request may take. A request that runs
// out of time gets twice as long the next time, up to a limit: a cluster that is
// slower than the read timeout would otherwise never be done with any request.
// New batches begin with what the last ones needed. It may be used from any
// goroutine.
type timeouts struct {
	first, limit time.Duration

	mu   sync.Mutex // guards the rest
	slow int        // how often the timeout of a new batch is doubled
}

// start is how often the timeout of a new batch is doubled.
func (t *timeouts) start() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.slow
}

// after is first, doubled.
func (t *timeouts) after(doublings int) time.Duration {
	d := t.first
	for range doublings {
		if d >= t.limit {
			break
		}
		d = min(2*d, t.limit)
	}
	return d
}

// took notes how long a request took whose timeout was doubled that often, and
// whether it ran out of time. It returns how often to double that of the next.
func (t *timeouts) took(doublings int, d time.Duration, timedOut bool) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case timedOut && t.after(doublings) < t.limit:
		doublings++
		t.slow = max(t.slow, doublings)
	case !timedOut && d < t.first && t.slow > 0:
		t.slow--
	}
	return doublings
}
