package sinkkit

import (
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/suiro/suiro/internal/outage"
)

// Outage is what the goroutines of a task know together of an outside system
// that is away: each has a [Retry] of its own, and the log has one warning when
// the first of them fails, a reminder from time to time, and one line when all
// of them are through, which says how long it took. The fields are set before the
// first use; then it may be used from any goroutine.
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
	log     *outage.Outage
}

// State returns when the first of the failures that are not over yet happened, and
// the error of the last one; a zero time and nil while the outside system is there.
// A metric of the outage is made of it.
func (o *Outage) State() (since time.Time, cause error) {
	if o == nil {
		return time.Time{}, nil
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.log.State()
}

// waitingAfter is how long an outage lasts before it is worth an answer of Waiting.
const waitingAfter = 10 * time.Second

// Waiting returns why the outside system is waited for, once it has been away for ten
// seconds, and nil otherwise, as of a nil Outage. A task that is a [github.com/suiro/suiro/connect.Waiter]
// returns it.
func (o *Outage) Waiting() error {
	since, cause := o.State()
	if since.IsZero() || time.Since(since) < waitingAfter {
		return nil
	}
	away := strings.TrimSuffix(o.Away, ", trying again")
	return fmt.Errorf("%s since %s: %w", away, since.UTC().Format(time.RFC3339), cause)
}

// failed notes a failed try of r.
func (o *Outage) failed(r *Retry, cause error) {
	if o == nil {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.log == nil {
		o.log = &outage.Outage{Log: o.Log, Away: o.Away, Back: o.Back, Quiet: o.Quiet, Repeat: o.Repeat}
	}
	if r.tries == 1 {
		o.failing++
	}
	o.log.Failed(cause, "what", r.What, "tries", r.tries)
}

// ended notes that a piece of work which had failed is done, or given up.
func (o *Outage) ended(err error) {
	if o == nil {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.failing--; o.failing > 0 {
		return
	}
	if err != nil {
		o.log.GiveUp()
		return
	}
	o.log.Over()
}
