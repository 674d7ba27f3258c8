package streams

import (
	"time"

	"github.com/suiro/suiro/streams/internal/spans"
)

// SlidingWindows are windows around the records of a key, both ends included: one that ends
// with each record, and one that begins right after it if another record is in it. So there
// is a window for each set of records that are close enough to each other. Records within
// TimeDifference after 1970-01-01 UTC share the window that begins there.
type SlidingWindows struct {
	// TimeDifference is how far apart the records of a window may be, at least a
	// millisecond.
	TimeDifference time.Duration
	// Grace is how long after its end a window still takes records, by the largest
	// timestamp that has come to the aggregate. Later ones are late. Default: 0.
	Grace time.Duration
	// Retention is how long after its start a window is kept for queries, at least
	// 2 * TimeDifference + Grace. Default: the larger of that and 24 hours.
	Retention time.Duration
}

func (w SlidingWindows) kept(onClose bool) (spans.Spans, error) {
	return spans.Sliding(w.TimeDifference, w.Grace, w.Retention, onClose)
}
