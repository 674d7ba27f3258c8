package mirror

import (
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

// counts are what a task counts of each partition that it mirrors. They are safe for concurrent use.
type counts struct {
	partitions     prometheus.Gauge
	records, bytes *prometheus.CounterVec
	lag, latency   *prometheus.GaugeVec
}

// newCounts returns the counts of a task, registered with r.
func newCounts(r prometheus.Registerer) *counts {
	labels := []string{"topic", "partition"} // downstream
	counter := func(name, help string) *prometheus.CounterVec {
		opts := prometheus.CounterOpts{Name: "mirror_source_" + name + "_total", Help: help}
		return promauto.With(r).NewCounterVec(opts, labels)
	}
	gauge := func(name, help string) *prometheus.GaugeVec {
		return promauto.With(r).NewGaugeVec(prometheus.GaugeOpts{Name: "mirror_source_" + name, Help: help}, labels)
	}
	return &counts{
		partitions: promauto.With(r).NewGauge(prometheus.GaugeOpts{Name: "mirror_source_partitions",
			Help: "Partitions that the task mirrors."}),
		records: counter("records", "Records that were read, by the mirrored topic and its partition."),
		bytes:   counter("bytes", "Bytes of the keys and values of these records."),
		lag: gauge("lag_records",
			"Offsets that the source cluster has beyond the last record that was read, as of that time."),
		latency: gauge("replication_latency_seconds",
			"Time from a record's timestamp to its acknowledgement by the target cluster, of the last record of each poll."),
	}
}

// of returns the series of a partition.
func (c *counts) of(topic string, number int32) *series {
	c.partitions.Inc()
	partition := strconv.Itoa(int(number))
	return &series{records: c.records.WithLabelValues(topic, partition), bytes: c.bytes.WithLabelValues(topic, partition),
		lag: c.lag.WithLabelValues(topic, partition), latency: c.latency.WithLabelValues(topic, partition)}
}

// series are the counts of one partition.
type series struct {
	records, bytes prometheus.Counter
	lag, latency   prometheus.Gauge
}

// read counts records and their bytes, and notes how many offsets are behind them.
func (s *series) read(records, bytes int, behind int64) {
	s.records.Add(float64(records))
	s.bytes.Add(float64(bytes))
	s.lag.Set(float64(max(behind, 0)))
}

// written notes that a record was acknowledged that has a timestamp.
func (s *series) written(timestamp time.Time) { s.latency.Set(time.Since(timestamp).Seconds()) }
