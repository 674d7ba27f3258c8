package filesets

import (
	"log/slog"

	"github.com/prometheus/client_golang/prometheus"
)

// gaps counts the offsets of a partition that are never put, and says which they
// are. Retention and compaction remove records, and so does making a topic
// again; a transform drops them, the runtime rejects them, and a transaction
// leaves its end and what it aborted. The sink cannot tell these apart, so it
// alarms nobody: the worker, which can, warns of what retention took.
//
// Because most topics with transactions have a gap after each, only the first
// gap is logged, for debugging, and then one that is at least twice as long as any
// before.
type gaps struct {
	logger  *slog.Logger
	missing prometheus.Counter // offsets, of all partitions of the task
	end     int64              // of the last gap; what is put again is not counted again
	longest int64
}

// note takes in that nothing was put between two offsets, the second exclusive.
func (g *gaps) note(from, to int64) {
	from = max(from, g.end)
	n := to - from
	if n <= 0 {
		return
	}
	g.end = to
	g.missing.Add(float64(n))
	if n < 2*g.longest {
		return
	}
	g.longest = n
	g.logger.Debug("offsets are missing: retention or compaction removed the records, a transform dropped or the "+
		"worker rejected them, or they belong to transactions", "first", from, "last", to-1)
}
