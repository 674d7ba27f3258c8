package elasticsearch

import (
	"sync/atomic"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/sinkkit"
)

// counts are counters since the task started.
type counts struct {
	written   atomic.Int64
	rejected  atomic.Int64
	conflicts atomic.Int64
	skipped   atomic.Int64
	requests  atomic.Int64
	retries   atomic.Int64
	sent      atomic.Int64
}

var _ connect.MetricsReporter = (*SinkTask)(nil)

// Metrics returns the task's counters and gauges.
func (t *SinkTask) Metrics() []connect.Metric {
	c := &t.counts
	counter := func(name, help string, v int64) connect.Metric {
		return connect.Metric{Name: "elasticsearch_sink_" + name, Help: help, Value: float64(v), Counter: true}
	}
	gauge := func(name, help string, v int64) connect.Metric {
		return connect.Metric{Name: "elasticsearch_sink_" + name, Help: help, Value: float64(v)}
	}
	var held sinkkit.Load
	var pauses, inFlight int64
	if w := t.running.Load(); w != nil {
		held, pauses, inFlight = w.buffered(), w.sender.budget.Pauses(), int64(w.sender.requests.count())
	}
	return []connect.Metric{
		counter("documents_written_total", "Records that Elasticsearch holds as written, read again or for the first time.",
			c.written.Load()),
		counter("records_rejected_total", "Records that could not become documents or were refused.", c.rejected.Load()),
		counter("version_conflicts_total", "Records not written because a newer or another document is there.",
			c.conflicts.Load()),
		counter("records_skipped_total", "Records without value that mean nothing.", c.skipped.Load()),
		counter("bulk_requests_total", "Bulk requests sent.", c.requests.Load()),
		counter("bulk_retries_total", "Bulk requests that were tried again.", c.retries.Load()),
		counter("sent_bytes_total", "Bytes of bulk bodies sent, before compression.", c.sent.Load()),
		counter("pauses_total", "Times that a full buffer paused the partitions.", pauses),
		gauge("buffered_records", "Records that are held and not written.", held.Records),
		gauge("buffered_bytes", "Bytes of bulk bodies, and of the records they came from, that are not written.",
			held.Bytes),
		gauge("requests_in_flight", "Bulk requests under way.", inFlight),
	}
}
