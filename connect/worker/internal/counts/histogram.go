package counts

import (
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// bounds are the upper ends of the buckets: from a millisecond, which a fast
// outside system takes for a batch, to a minute, after which something is stuck.
var bounds = [...]time.Duration{time.Millisecond, 4 * time.Millisecond, 16 * time.Millisecond, 64 * time.Millisecond,
	250 * time.Millisecond, time.Second, 4 * time.Second, 16 * time.Second, time.Minute}

// Histogram measures how long something takes. It is safe for concurrent use; the
// zero value is ready.
type Histogram struct {
	buckets [len(bounds) + 1]atomic.Uint64 // the last one is for what is longer
	sum     atomic.Int64                   // in nanoseconds
}

// Observe adds one duration.
func (h *Histogram) Observe(d time.Duration) {
	i := 0
	for i < len(bounds) && d > bounds[i] {
		i++
	}
	h.buckets[i].Add(1)
	h.sum.Add(int64(d))
}

// metric is what has been measured so far.
func (h *Histogram) metric(d *prometheus.Desc) prometheus.Metric {
	count := uint64(0)
	upTo := make(map[float64]uint64, len(bounds))
	for i := range bounds {
		count += h.buckets[i].Load()
		upTo[bounds[i].Seconds()] = count
	}
	count += h.buckets[len(bounds)].Load()
	return prometheus.MustNewConstHistogram(d, count, time.Duration(h.sum.Load()).Seconds(), upTo)
}
