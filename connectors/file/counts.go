package file

import (
	"sync"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

// counts are what a source task counts. They are safe for concurrent use.
type counts struct {
	rotations, truncations, lost, lines, bytes, rejected prometheus.Counter
	unread                                               prometheus.Gauge

	mu     sync.Mutex // guards logged
	logged map[int64]bool
}

// newCounts returns the counts of a task, registered with r.
func newCounts(r prometheus.Registerer) *counts {
	counter := func(name, help string) prometheus.Counter {
		return promauto.With(r).NewCounter(prometheus.CounterOpts{Name: "file_source_" + name + "_total", Help: help})
	}
	return &counts{
		rotations:   counter("rotations", "Rotated files that were read to their end before the next file."),
		truncations: counter("truncations", "Times that the file had become shorter than what had been read of it."),
		lost: counter("lost_files",
			"Files that could not be read to their end, because they were gone or compressed in an unknown way."),
		lines:    counter("lines", "Lines that were read, without those that are too long."),
		bytes:    counter("line_bytes", "Bytes of these lines, without their line ends."),
		rejected: counter("lines_rejected", "Lines that are longer than line.max.bytes."),
		unread: promauto.With(r).NewGauge(prometheus.GaugeOpts{Name: "file_source_unread_bytes",
			Help: "Bytes of the open file that are not read yet, as of the last poll; rotated files that come after it are " +
				"not counted, nor are compressed files and pipes."}),
		logged: map[int64]bool{},
	}
}

// maxLogged bounds what first remembers.
const maxLogged = 10_000

// first reports whether it has not been called with this inode before, as far as it
// remembers.
func (c *counts) first(inode int64) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.logged) >= maxLogged {
		clear(c.logged)
	}
	before := c.logged[inode]
	c.logged[inode] = true
	return !before
}
