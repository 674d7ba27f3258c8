package sinktask

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

// marks are batches in the order of their offsets.
type marks []mark

// add remembers a batch. When there are too many of them every second one is forgotten,
// so that those that are left still tell of the whole time since the last commit.
func (m *marks) add(end int64, at time.Time) {
	if len(*m) == mostMarks {
		half := (*m)[:0]
		for i := 0; i < mostMarks; i += 2 {
			half = append(half, (*m)[i])
		}
		*m = half
	}
	*m = append(*m, mark{end, at})
}

// committed forgets the batches that end at the offset or before, and measures how old
// their first records are now.
func (m *marks) committed(offset int64, latency *counts.Ages) {
	now, done := time.Now(), 0
	for done < len(*m) && (*m)[done].end <= offset {
		latency.Observe((*m)[done].at, now)
		done++
	}
	*m = append((*m)[:0], (*m)[done:]...)
}
