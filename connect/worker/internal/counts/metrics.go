package counts

import (
	"time"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/plan"
)

// metric is one number of [Counts] as monitoring sees it.
type metric struct {
	of    plan.Type // "" is for both
	name  string
	help  string
	count bool // it only grows; the others are gauges
	value func(Counts) float64
}

// metrics are the numbers of Counts, by the names of Kafka Connect's metrics as
// Prometheus wants them: with underscores, and _total at the end of what only
// grows. Bytes, restarts and times are Suiro's own.
var metrics = []metric{
	{plan.Source, "kafka_connect_source_task_metrics_source_record_poll_total",
		"Records polled from the source.", true, func(c Counts) float64 { return float64(c.Read) }},
	{plan.Source, "kafka_connect_source_task_metrics_source_record_write_total",
		"Records that Kafka acknowledged.", true, func(c Counts) float64 { return float64(c.Written) }},
	{plan.Source, "kafka_connect_source_task_metrics_source_record_write_bytes_total",
		"Keys and values that Kafka acknowledged.", true, func(c Counts) float64 { return float64(c.WrittenBytes) }},
	{plan.Source, "kafka_connect_source_task_metrics_source_record_active",
		"Records whose offset is not committed yet.", false, func(c Counts) float64 { return float64(c.Uncommitted) }},

	{plan.Sink, "kafka_connect_sink_task_metrics_sink_record_read_total",
		"Records read from Kafka.", true, func(c Counts) float64 { return float64(c.Read) }},
	{plan.Sink, "kafka_connect_sink_task_metrics_sink_record_read_bytes_total",
		"Keys and values read from Kafka.", true, func(c Counts) float64 { return float64(c.ReadBytes) }},
	{plan.Sink, "kafka_connect_sink_task_metrics_sink_record_send_total",
		"Records put to the task and not rejected.", true, func(c Counts) float64 { return float64(c.Written) }},
	{plan.Sink, "kafka_connect_sink_task_metrics_sink_record_active",
		"Records read whose offset is not committed yet.", false, func(c Counts) float64 { return float64(c.Uncommitted) }},
	{plan.Sink, "kafka_connect_sink_task_metrics_sink_record_lag",
		"Offsets to the end of the partitions.", false, func(c Counts) float64 { return float64(c.Lag) }},
	{plan.Sink, "kafka_connect_sink_task_metrics_partitions",
		"Partitions that the task owns.", false, func(c Counts) float64 { return float64(c.Partitions) }},
	{plan.Sink, "kafka_connect_sink_task_metrics_sink_record_missed_total",
		"Offsets that retention deleted before they were read.", true, func(c Counts) float64 { return float64(c.Missed) }},

	{"", "kafka_connect_task_error_metrics_records_skipped_total",
		"Bad records, dead-lettered or skipped.", true, func(c Counts) float64 { return float64(c.Rejected) }},
	{"", "kafka_connect_task_error_metrics_records_filtered_total",
		"Records that a transform dropped.", true, func(c Counts) float64 { return float64(c.Filtered) }},
	{"", "kafka_connect_task_error_metrics_retries_total",
		"Calls made again after an error.", true, func(c Counts) float64 { return float64(c.Retries) }},
	{"", "kafka_connect_task_error_metrics_deadletterqueue_produce_requests_total",
		"Dead letters that Kafka acknowledged.", true, func(c Counts) float64 { return float64(c.DeadLetters) }},
	{"", "kafka_connect_connector_task_metrics_offset_commit_completion_total",
		"Commits of offsets.", true, func(c Counts) float64 { return float64(c.Commits) }},
	{"", "kafka_connect_connector_task_metrics_offset_commit_failure_total",
		"Commits of offsets that failed.", true, func(c Counts) float64 { return float64(c.CommitFailures) }},
	{"", "kafka_connect_connector_task_metrics_restart_total",
		"Starts after a failure.", true, func(c Counts) float64 { return float64(c.Restarts) }},
	{"", "kafka_connect_connector_task_metrics_last_commit_timestamp_seconds",
		"When offsets were last committed, 0 before the first time.", false,
		func(c Counts) float64 { return seconds(c.LastCommit) }},
}

// Metrics returns the counts of a task of a connector of the type, as
// monitoring sees them.
func (c Counts) Metrics(of plan.Type) []connect.Metric {
	var out []connect.Metric
	for _, m := range metrics {
		if m.of == "" || m.of == of {
			out = append(out, connect.Metric{Name: m.name, Help: m.help, Value: m.value(c), Counter: m.count})
		}
	}
	return out
}

func seconds(t time.Time) float64 {
	if t.IsZero() {
		return 0
	}
	return float64(t.UnixMilli()) / 1000
}
