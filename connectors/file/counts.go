package file

import (
	"sync"
	"sync/atomic"

	"github.com/suiro/suiro/connect"
)

// counts are what a source task has counted since it was created. They are safe
// for concurrent use.
type counts struct {
	rotations, truncations, lost atomic.Int64

	mu     sync.Mutex // guards logged
	logged map[int64]bool
}

// first reports whether it has not been called with this inode before.
func (c *counts) first(inode int64) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.logged == nil {
		c.logged = map[int64]bool{}
	}
	before := c.logged[inode]
	c.logged[inode] = true
	return !before
}

func (c *counts) metrics() []connect.Metric {
	return []connect.Metric{
		{Name: "file_source_rotations_total", Counter: true, Value: float64(c.rotations.Load()),
			Help: "Rotated files that were read to their end before the next file."},
		{Name: "file_source_truncations_total", Counter: true, Value: float64(c.truncations.Load()),
			Help: "Times that the file had become shorter than what had been read of it."},
		{Name: "file_source_lost_files_total", Counter: true, Value: float64(c.lost.Load()),
			Help: "Files that could not be read to their end, because they were gone or compressed in an unknown way."},
	}
}
