package hdfs

import (
	"sync/atomic"

	"github.com/suiro/suiro/connect"
)

// hiveCounters count what a registrar did. Its methods may be called from any
// goroutine.
type hiveCounters struct{ partitions, failures atomic.Int64 }

func (c *hiveCounters) metrics() []connect.Metric {
	return []connect.Metric{
		{Name: "hdfs_sink_hive_partitions_total", Help: "Partitions that were registered in Hive.",
			Value: float64(c.partitions.Load()), Counter: true},
		{Name: "hdfs_sink_hive_failures_total", Help: "Times that the metastore did not take partitions.",
			Value: float64(c.failures.Load()), Counter: true},
	}
}
