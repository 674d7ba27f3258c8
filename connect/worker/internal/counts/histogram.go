package counts

import (
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// mostEnds is how many buckets a histogram has at most, without the one for what is
// beyond all of them.
const mostEnds = 9

// The upper ends of the buckets.
var (
	// Of durations: from a millisecond, which a fast outside system takes for a batch, to a
	// minute, after which something is stuck.
	durations = []time.Duration{time.Millisecond, 4 * time.Millisecond, 16 * time.Millisecond, 64 * time.Millisecond,
		250 * time.Millisecond, time.Second, 4 * time.Second, 16 * time.Second, time.Minute}
	// Of ages: from what is fresh to what is read again from the beginning.
	ages = []time.Duration{10 * time.Millisecond, 100 * time.Millisecond, 500 * time.Millisecond, 2 * time.Second,
		10 * time.Second, time.Minute, 10 * time.Minute, time.Hour, 24 * time.Hour}
	// Of sizes, in records.
	sizes = []int{1, 10, 50, 100, 500, 1000, 2000, 5000, 20000}
)

// measured is what a histogram has measured so far.
type measured interface {
	metric(d *prometheus.Desc) prometheus.Metric
}

// buckets count values by their size. They are safe for concurrent use.
type buckets struct {
	counts [mostEnds + 1]atomic.Uint64 // the last one is for what is beyond all ends
	sum    atomic.Int64
}

func observe[T ~int | ~int64](b *buckets, ends []T, value T) {
	i := 0
	for i < len(ends) && value > ends[i] {
		i++
	}
	b.counts[i].Add(1)
	b.sum.Add(int64(value))
}

// shown is what has been measured so far, in another unit than it was: of so many is
// one.
func shown[T ~int | ~int64](b *buckets, ends []T, unit float64, d *prometheus.Desc) prometheus.Metric {
	count := uint64(0)
	upTo := make(map[float64]uint64, len(ends))
	for i, end := range ends {
		count += b.counts[i].Load()
		upTo[float64(end)/unit] = count
	}
	count += b.counts[len(ends)].Load()
	return prometheus.MustNewConstHistogram(d, count, float64(b.sum.Load())/unit, upTo)
}

// Histogram measures how long something takes. It is safe for concurrent use; the
// zero value is ready.
type Histogram struct{ buckets }

// Observe adds one duration.
func (h *Histogram) Observe(d time.Duration) { observe(&h.buckets, durations, d) }

func (h *Histogram) metric(d *prometheus.Desc) prometheus.Metric {
	return shown(&h.buckets, durations, float64(time.Second), d)
}

// Ages measure how old records are. They are safe for concurrent use; the zero value is
// ready.
type Ages struct{ buckets }

// Observe adds a record with the timestamp as it is at the time, unless it has none. One
// from the future is new.
func (a *Ages) Observe(timestamp, now time.Time) {
	if !timestamp.IsZero() && timestamp.UnixMilli() > 0 {
		observe(&a.buckets, ages, max(now.Sub(timestamp), 0))
	}
}

func (a *Ages) metric(d *prometheus.Desc) prometheus.Metric {
	return shown(&a.buckets, ages, float64(time.Second), d)
}

// Sizes measure how many records there are in something. They are safe for concurrent
// use; the zero value is ready.
type Sizes struct{ buckets }

// Observe adds one size.
func (s *Sizes) Observe(records int) { observe(&s.buckets, sizes, records) }

func (s *Sizes) metric(d *prometheus.Desc) prometheus.Metric { return shown(&s.buckets, sizes, 1, d) }
