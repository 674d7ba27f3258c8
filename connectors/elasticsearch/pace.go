package elasticsearch

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"
)

const (
	// maxBackoff bounds the wait between two tries.
	maxBackoff = 10 * time.Second
	// quiet is the least time between two warnings of the same trouble.
	quiet = 10 * time.Second
)

// pace spaces the tries of one batch.
type pace struct {
	s     *settings
	what  string // for logs and errors
	born  time.Time
	tries int
	steps int // tries without progress; the wait doubles with each
	slow  int // how often the read timeout is doubled
}

// timeout is how long the next try may take: a cluster that is slower than the
// read timeout would otherwise never be done with any request.
func (p *pace) timeout() time.Duration {
	t := p.s.readTimeout
	for range p.slow {
		if t >= p.s.flushTimeout {
			break
		}
		t = min(t*2, p.s.flushTimeout)
	}
	return t
}

// wait is how long to wait before the next try, with jitter. From nothing it
// grows as well, so that a cluster that is away is not asked without a pause.
func (p *pace) wait() time.Duration {
	most := max(maxBackoff, p.s.backoff)
	d := p.s.backoff
	for range p.steps - 1 {
		if d = max(2*d, time.Millisecond); d >= most {
			d = most
			break
		}
	}
	return d/2 + time.Duration(rand.Int64N(int64(d/2)+1))
}

// again waits before the next try, or gives up when the retries are used up.
func (w *writer) again(ctx context.Context, p *pace, cause error) error {
	p.tries++
	p.steps++
	w.stats.retries.Add(1)
	if w.s.retries >= 0 && p.tries > w.s.retries {
		return fmt.Errorf("%s: still refused after %d retries (max.retries): %w", p.what, w.s.retries, cause)
	}
	if w.health.worse(p, time.Now()) {
		w.log.Warn("elasticsearch takes no documents, trying again", "what", p.what, "tries", p.tries,
			"for", time.Since(p.born).Round(time.Millisecond), "error", cause)
	}
	select {
	case <-time.After(p.wait()):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// done ends what again began, with success or with the error of giving up.
func (w *writer) done(p *pace, err error) {
	if w.health.better(p, err) {
		w.log.Info("elasticsearch takes documents again")
	}
}

// health knows how many batches are being tried again, so that trouble is told
// once and not once a batch.
type health struct {
	mu       sync.Mutex
	retrying int
	warned   time.Time
	told     bool
	slow     int // what new batches start with as pace.slow
}

// slowness is how often the read timeout of a new batch is doubled: as often as
// that of the last ones had to be.
func (h *health) slowness() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.slow
}

// took notes how long a request took, and whether it ran out of time.
func (h *health) took(p *pace, d time.Duration, timedOut bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case timedOut && p.timeout() < p.s.flushTimeout:
		p.slow++
		h.slow = max(h.slow, p.slow)
	case !timedOut && d < p.s.readTimeout && h.slow > 0:
		h.slow--
	}
}

// worse notes a failed try, and reports whether to warn: when trouble begins,
// and again for a batch that waits longer than the flush timeout.
func (h *health) worse(p *pace, now time.Time) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if p.tries == 1 {
		h.retrying++
	}
	since := now.Sub(h.warned)
	if h.told && since < p.s.flushTimeout || since < quiet {
		return false
	}
	h.warned, h.told = now, true
	return true
}

// better notes that a batch is through, or given up when there is an error, and
// reports whether trouble that was warned of is over.
func (h *health) better(p *pace, err error) bool {
	if p.tries == 0 {
		return false
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.retrying--
	over := h.retrying == 0 && h.told
	h.told = h.told && !over
	return over && err == nil
}

// remind reports whether to warn again of a cluster that does not answer.
func (h *health) remind(now time.Time) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if now.Sub(h.warned) < time.Minute {
		return false
	}
	h.warned = now
	return true
}
