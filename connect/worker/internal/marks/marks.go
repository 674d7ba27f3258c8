// Package marks remembers when the batches of a partition were written that a sink task has
// been given, until their offsets are committed.
package marks

import (
	"time"

	"github.com/suiro/suiro/connect/worker/internal/counts"
)

// mostMarks is how many batches of a partition are remembered that are not committed.
const mostMarks = 32

// mark is a batch of a partition that was put: the timestamp of its first record, and
// where it ends.
type mark struct {
	end int64
	at  time.Time
}

// Marks are batches of a partition in the order of their offsets. One goroutine at a time
// uses them; the zero Marks remember nothing.
type Marks []mark

// Add remembers a batch that ends before the offset end and whose first record has the
// timestamp at. When there are too many of them every second one is forgotten,
// so that those that are left still tell of the whole time since the last commit.
func (m *Marks) Add(end int64, at time.Time) {
	if len(*m) == mostMarks {
		half := (*m)[:0]
		for i := 0; i < mostMarks; i += 2 {
			half = append(half, (*m)[i])
		}
		*m = half
	}
	*m = append(*m, mark{end, at})
}

// Committed forgets the batches that end at the offset or before, and measures how old
// their first records are now.
func (m *Marks) Committed(offset int64, latency *counts.Ages) {
	now, done := time.Now(), 0
	for done < len(*m) && (*m)[done].end <= offset {
		latency.Observe((*m)[done].at, now)
		done++
	}
	*m = append((*m)[:0], (*m)[done:]...)
}
