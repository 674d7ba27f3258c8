package rest

import (
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/suiro/suiro/connect/herder"
	"github.com/suiro/suiro/connect/plan"
	"github.com/suiro/suiro/connect/worker"
)

// taskMetric is a counter or gauge of each task of some type.
type taskMetric struct {
	desc  *prometheus.Desc
	kind  prometheus.ValueType
	of    plan.Type // "" is for both
	value func(worker.Counts) float64
}

// collector reads the herder's counts at each scrape. Names are those of Kafka
// Connect's metrics with underscores; bytes, restarts and times are its own.
type collector struct {
	h          *herder.Standalone
	tasks      []taskMetric
	status     *prometheus.Desc
	connectors *prometheus.Desc
	taskCount  *prometheus.Desc
}

var _ prometheus.Collector = (*collector)(nil)

func newCollector(h *herder.Standalone) *collector {
	labels := []string{"connector", "task"}
	return &collector{
		h:     h,
		tasks: append(append(sourceMetrics(labels), sinkMetrics(labels)...), commonMetrics(labels)...),
		status: prometheus.NewDesc("kafka_connect_connector_task_metrics_status",
			"State of the task, as a label; the value is 1.", append(labels, "status"), nil),
		connectors: prometheus.NewDesc("kafka_connect_connect_worker_metrics_connector_count",
			"Connectors in this worker.", nil, nil),
		taskCount: prometheus.NewDesc("kafka_connect_connect_worker_metrics_task_count",
			"Tasks in this worker.", nil, nil),
	}
}

func sourceMetrics(labels []string) []taskMetric {
	m := func(name, help string, kind prometheus.ValueType, value func(worker.Counts) float64) taskMetric {
		desc := prometheus.NewDesc("kafka_connect_source_task_metrics_"+name, help, labels, nil)
		return taskMetric{desc, kind, plan.Source, value}
	}
	counter, gauge := prometheus.CounterValue, prometheus.GaugeValue
	return []taskMetric{
		m("source_record_poll_total", "Records polled from the source.", counter,
			func(c worker.Counts) float64 { return float64(c.Read) }),
		m("source_record_write_total", "Records that Kafka acknowledged.", counter,
			func(c worker.Counts) float64 { return float64(c.Written) }),
		m("source_record_write_bytes_total", "Keys and values that Kafka acknowledged.", counter,
			func(c worker.Counts) float64 { return float64(c.WrittenBytes) }),
		m("source_record_active_count", "Records whose offset is not kept yet.", gauge,
			func(c worker.Counts) float64 { return float64(c.Uncommitted) }),
	}
}

func sinkMetrics(labels []string) []taskMetric {
	m := func(name, help string, kind prometheus.ValueType, value func(worker.Counts) float64) taskMetric {
		desc := prometheus.NewDesc("kafka_connect_sink_task_metrics_"+name, help, labels, nil)
		return taskMetric{desc, kind, plan.Sink, value}
	}
	counter, gauge := prometheus.CounterValue, prometheus.GaugeValue
	return []taskMetric{
		m("sink_record_read_total", "Records read from Kafka.", counter,
			func(c worker.Counts) float64 { return float64(c.Read) }),
		m("sink_record_read_bytes_total", "Keys and values read from Kafka.", counter,
			func(c worker.Counts) float64 { return float64(c.ReadBytes) }),
		m("sink_record_send_total", "Records put to the task and not rejected.", counter,
			func(c worker.Counts) float64 { return float64(c.Written) }),
		m("sink_record_active_count", "Records read whose offset is not committed yet.", gauge,
			func(c worker.Counts) float64 { return float64(c.Uncommitted) }),
		m("sink_record_lag", "Offsets to the end of the partitions.", gauge,
			func(c worker.Counts) float64 { return float64(c.Lag) }),
		m("partition_count", "Partitions that the task owns.", gauge,
			func(c worker.Counts) float64 { return float64(c.Partitions) }),
	}
}

func commonMetrics(labels []string) []taskMetric {
	m := func(name, help string, kind prometheus.ValueType, value func(worker.Counts) float64) taskMetric {
		return taskMetric{prometheus.NewDesc("kafka_connect_"+name, help, labels, nil), kind, "", value}
	}
	counter, gauge := prometheus.CounterValue, prometheus.GaugeValue
	return []taskMetric{
		m("task_error_metrics_total_records_skipped", "Bad records, dead-lettered or passed over.", counter,
			func(c worker.Counts) float64 { return float64(c.Rejected) }),
		m("task_error_metrics_total_records_filtered", "Records that a transform dropped.", counter,
			func(c worker.Counts) float64 { return float64(c.Filtered) }),
		m("task_error_metrics_total_retries", "Calls made again after an error.", counter,
			func(c worker.Counts) float64 { return float64(c.Retries) }),
		m("task_error_metrics_deadletterqueue_produce_requests", "Dead letters that Kafka acknowledged.", counter,
			func(c worker.Counts) float64 { return float64(c.DeadLetters) }),
		m("connector_task_metrics_offset_commit_completion_total", "Commits of offsets.", counter,
			func(c worker.Counts) float64 { return float64(c.Commits) }),
		m("connector_task_metrics_offset_commit_failure_total", "Commits of offsets that failed.", counter,
			func(c worker.Counts) float64 { return float64(c.CommitFailures) }),
		m("connector_task_metrics_restart_total", "Starts after a failure.", counter,
			func(c worker.Counts) float64 { return float64(c.Restarts) }),
		m("connector_task_metrics_last_commit_timestamp_seconds", "When offsets were last kept, 0 before.", gauge,
			func(c worker.Counts) float64 { return seconds(c.LastCommit) }),
	}
}

func seconds(t time.Time) float64 {
	if t.IsZero() {
		return 0
	}
	return float64(t.UnixMilli()) / 1000
}

// Describe implements [prometheus.Collector].
func (c *collector) Describe(ch chan<- *prometheus.Desc) {
	for _, m := range c.tasks {
		ch <- m.desc
	}
	ch <- c.status
	ch <- c.connectors
	ch <- c.taskCount
}

// Collect implements [prometheus.Collector].
func (c *collector) Collect(ch chan<- prometheus.Metric) {
	counts := c.h.AllCounts()
	for _, t := range counts {
		id := strconv.Itoa(t.Task)
		for _, m := range c.tasks {
			if m.of == "" || m.of == t.Type {
				ch <- prometheus.MustNewConstMetric(m.desc, m.kind, m.value(t.Counts), t.Connector, id)
			}
		}
		ch <- prometheus.MustNewConstMetric(c.status, prometheus.GaugeValue, 1, t.Connector, id, strings.ToLower(t.State))
	}
	ch <- prometheus.MustNewConstMetric(c.connectors, prometheus.GaugeValue, float64(len(c.h.Connectors())))
	ch <- prometheus.MustNewConstMetric(c.taskCount, prometheus.GaugeValue, float64(len(counts)))
}
