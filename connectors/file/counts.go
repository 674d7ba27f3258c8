package file

import (
	"sync"
	"sync/atomic"

	"github.com/suiro/suiro/connect"
)

// counts are what a source task counts, over its lives. They are safe for
// concurrent use.
type counts struct {
	rotations, truncations, lost atomic.Int64

	mu   sync.Mutex // guards told
	told map[int64]bool
}

// tell reports whether nothing was told of the file with this inode before.
func (c *counts) tell(inode int64) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.told == nil {
		c.told = map[int64]bool{}
	}
	before := c.told[inode]
	c.told[inode] = true
	return !before
}

func (c *counts) metrics() []connect.Metric {
	return []connect.Metric{
		{Name: "file_source_rotations_total", Counter: true, Value: float64(c.rotations.Load()),
			Help: "Rotated files that were read to their end before the next was begun."},
		{Name: "file_source_truncations_total", Counter: true, Value: float64(c.truncations.Load()),
			Help: "Times that the file was found shorter than what had been read of it."},
		{Name: "file_source_lost_files_total", Counter: true, Value: float64(c.lost.Load()),
			Help: "Files that could not be read to their end, because they were gone or cannot be read."},
	}
}
