package hdfs

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

// hiveCounters count what a registrar did. They may be used from any goroutine.
type hiveCounters struct{ partitions, failures prometheus.Counter }

// newHiveCounters returns the counters of a task, registered with r.
func newHiveCounters(r prometheus.Registerer) *hiveCounters {
	return &hiveCounters{
		partitions: promauto.With(r).NewCounter(prometheus.CounterOpts{Name: "hdfs_sink_hive_partitions_total",
			Help: "Partitions that were registered in Hive."}),
		failures: promauto.With(r).NewCounter(prometheus.CounterOpts{Name: "hdfs_sink_hive_failures_total",
			Help: "Times that the metastore did not take partitions."}),
	}
}
