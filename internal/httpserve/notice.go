package httpserve

import (
	"log/slog"
	"sync"
	"time"
)

// noticePause is how long a notice is not repeated, so that visitors do not decide
// how long the log is.
const noticePause = time.Minute

// notice is a warning that may have a cause very often.
type notice struct {
	log     *slog.Logger
	message string

	mu     sync.Mutex // guards what follows
	last   time.Time
	unsaid int
}

// say logs the notice unless it was logged within noticePause.
func (n *notice) say(args ...any) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if now := time.Now(); n.last.IsZero() || now.Sub(n.last) >= noticePause {
		n.log.Warn(n.message, append(args, "times_before", n.unsaid)...)
		n.last, n.unsaid = now, 0
		return
	}
	n.unsaid++
}
