// Package stalls notices that a sink task makes no progress while its lag grows.
package stalls

import (
	"time"

	"github.com/suiro/suiro/connect/worker/internal/counts"
	"github.com/suiro/suiro/connect/worker/internal/lives"
)

// Watch looks at one life of a task. Its zero value is ready, and one goroutine uses it.
type Watch struct {
	since time.Time // the last progress
	then  counts.Numbers[int64]
}

// Look sets whether the task is stalled: it has neither taken nor committed a record for
// the time-out, 0 for none, and its lag has grown since. A task that is paused has nothing
// to do.
func (w *Watch) Look(now time.Time, c *counts.Counters, g *lives.Gate, timeout time.Duration) {
	n := c.Snapshot().Numbers
	paused, _ := g.Paused()
	if w.since.IsZero() || paused || n.Written != w.then.Written || n.Filtered != w.then.Filtered ||
		n.Rejected != w.then.Rejected || n.Uncommitted != w.then.Uncommitted || n.Partitions != w.then.Partitions {
		w.since, w.then = now, n
	}
	stalled := int64(0)
	if timeout > 0 && now.Sub(w.since) >= timeout && n.Lag > w.then.Lag {
		stalled = 1
	}
	c.Stalled.Store(stalled)
}
