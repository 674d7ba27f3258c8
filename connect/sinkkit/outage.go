package sinkkit

import (
	"log/slog"
	"sync"
	"time"
)

// The defaults of an [Outage].
const (
	defaultQuiet  = 10 * time.Second
	defaultRepeat = time.Minute
)

// Outage is what the goroutines of a task know together of an outside system
// that is away: each has a [Retry] of its own, and the log has one warning when
// the first of them fails, a reminder from time to time, and one line when all
// of them are through. The fields are set before the first use; then it may be
// used from any goroutine.
type Outage struct {
	// Log takes the messages.
	Log *slog.Logger
	// Away is the message of the warning, for instance "elasticsearch takes no
	// documents, trying again".
	Away string
	// Back is the message when it is over, for instance "elasticsearch takes
	// documents again".
	Back string
	// Quiet is the least time between two warnings, also of two outages.
	// Default: ten seconds.
	Quiet time.Duration
	// Repeat is how long after a warning the next one comes while the outage
	// lasts. Default: a minute.
	Repeat time.Duration

	mu      sync.Mutex // guards the rest
	failing int        // pieces of work that are being tried again
	warned  time.Time
	told    bool // a warning of this outage was logged
}

// failed notes a failed try of r.
func (o *Outage) failed(r *Retry, cause error) {
	if o == nil {
		return
	}
	if now := time.Now(); o.warns(r.tries == 1, now) {
		o.Log.Warn(o.Away, "what", r.What, "tries", r.tries, "for", now.Sub(r.since).Round(time.Millisecond),
			"error", cause)
	}
}

// warns reports whether to warn; first is set for the first failure of a piece
// of work.
func (o *Outage) warns(first bool, now time.Time) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if first {
		o.failing++
	}
	since := now.Sub(o.warned)
	if since < orDefault(o.Quiet, defaultQuiet) || o.told && since < orDefault(o.Repeat, defaultRepeat) {
		return false
	}
	o.warned, o.told = now, true
	return true
}

func orDefault(d, def time.Duration) time.Duration {
	if d > 0 {
		return d
	}
	return def
}

// ended notes that a piece of work which had failed is done, or given up.
func (o *Outage) ended(err error) {
	if o == nil {
		return
	}
	o.mu.Lock()
	o.failing--
	over := o.failing == 0 && o.told
	o.told = o.told && !over
	o.mu.Unlock()
	if over && err == nil {
		o.Log.Info(o.Back)
	}
}
