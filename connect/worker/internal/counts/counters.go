package counts

import (
	"sync/atomic"
	"time"
)

// Counters count for one task, over all its lives. Their names and meanings are
// those of [Counts]. They are safe for concurrent use.
type Counters struct {
	Read, ReadBytes, Written, WrittenBytes, Filtered, Rejected, DeadLetters atomic.Int64
	Retries, Restarts, Missed, Lag, Uncommitted, Partitions                 atomic.Int64
	EndOfInput                                                              atomic.Bool
	// Topics are those that records were written to, or read from.
	Topics Topics

	commits, failures, last atomic.Int64
}

// Commit counts a commit of offsets, or a failure to commit when err is not nil.
func (c *Counters) Commit(err error) {
	if err != nil {
		c.failures.Add(1)
		return
	}
	c.commits.Add(1)
	c.last.Store(time.Now().UnixMilli())
}

// Snapshot returns the counts so far.
func (c *Counters) Snapshot() Counts {
	s := Counts{
		Read: c.Read.Load(), ReadBytes: c.ReadBytes.Load(),
		Written: c.Written.Load(), WrittenBytes: c.WrittenBytes.Load(),
		Filtered: c.Filtered.Load(), Rejected: c.Rejected.Load(), DeadLetters: c.DeadLetters.Load(),
		Retries: c.Retries.Load(), Commits: c.commits.Load(), CommitFailures: c.failures.Load(),
		Restarts: c.Restarts.Load(), Missed: c.Missed.Load(), Lag: c.Lag.Load(), Uncommitted: c.Uncommitted.Load(),
		Partitions: c.Partitions.Load(), EndOfInput: c.EndOfInput.Load(),
	}
	if at := c.last.Load(); at > 0 {
		s.LastCommit = time.UnixMilli(at)
	}
	return s
}
