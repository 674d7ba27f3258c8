// Package away says in the log that something fails which is tried again, unless
// that is only because brokers are away: this the process says once for all of its
// clients, see [kafka.Brokers].
package away

import (
	"log/slog"
	"sync"
	"time"

	"github.com/suiro/suiro/internal/kafka"
	"github.com/suiro/suiro/internal/outage"
)

// grace is how long what sounds like brokers that are away may go on while they can
// be reached, before it is said.
const grace = 10 * time.Second

// Notice is one thing that may fail. It is safe for concurrent use.
type Notice struct {
	brokers *kafka.Brokers
	outage  outage.Outage

	mu    sync.Mutex // guards since
	since time.Time  // of the first failure; zero while it does not fail
}

// New returns a notice that says failing at first and every minute, and then over.
func New(log *slog.Logger, brokers *kafka.Brokers, failing, over string) *Notice {
	return &Notice{brokers: brokers, outage: outage.Outage{Log: log, Away: failing, Back: over}}
}

// Failed notes a failure, with pairs of a name and a value for the log.
func (n *Notice) Failed(err error, attrs ...any) {
	if kafka.IsAway(err) && !n.isLong() {
		return
	}
	n.outage.Failed(err, attrs...)
}

// isLong reports whether it has failed for long although brokers can be reached.
func (n *Notice) isLong() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	reachable, _, _ := n.brokers.State()
	if n.since.IsZero() || !reachable {
		n.since = time.Now()
	}
	return time.Since(n.since) > grace
}

// Over notes that it does not fail.
func (n *Notice) Over(attrs ...any) {
	n.mu.Lock()
	n.since = time.Time{}
	n.mu.Unlock()
	n.outage.Over(attrs...)
}
