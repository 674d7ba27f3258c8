package hdfs

import (
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
	"github.com/suiro/suiro/connect/sinkkit"
)

// hiveCounters count what a registrar did. They may be used from any goroutine.
type hiveCounters struct {
	partitions, failures prometheus.Counter
	seconds              prometheus.Histogram

	registrar atomic.Pointer[registrar] // what is measured; nil without Hive
}

// newHiveCounters returns the counters of a task, registered with r.
func newHiveCounters(r prometheus.Registerer) *hiveCounters {
	with := promauto.With(r)
	c := &hiveCounters{
		partitions: with.NewCounter(prometheus.CounterOpts{Name: "hdfs_sink_hive_partitions_total",
			Help: "Partitions that were registered in Hive."}),
		failures: with.NewCounter(prometheus.CounterOpts{Name: "hdfs_sink_hive_failures_total",
			Help: "Times that the metastore did not take partitions."}),
		seconds: with.NewHistogram(prometheus.HistogramOpts{Name: "hdfs_sink_hive_registration_duration_seconds",
			Help:    "Time that the metastore took to register the partitions of a topic, or to refuse them.",
			Buckets: []float64{.01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60}}),
	}
	sinkkit.MeasureOutage(r, "hdfs_sink_hive_", "Hive takes partitions or is not used", c.away)
	return c
}

// away is since when the metastore does not answer; zero while it does.
func (c *hiveCounters) away() time.Time {
	r := c.registrar.Load()
	if r == nil {
		return time.Time{}
	}
	since, _ := r.retry.Outage.State()
	return since
}
