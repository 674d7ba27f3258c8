package elasticsearch

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
	"github.com/suiro/suiro/connect/sinkkit"
)

// counts are what a task counts.
type counts struct {
	written, rejected, conflicts, skipped, requests, retries, sent prometheus.Counter
}

// newCounts returns the counts of a task, registered with r together with what
// its writer holds. w returns the writer, nil before there is one; it is called
// from any goroutine.
func newCounts(r prometheus.Registerer, w func() *writer) *counts {
	const prefix = "elasticsearch_sink_"
	with := promauto.With(r)
	counter := func(name, help string) prometheus.Counter {
		return with.NewCounter(prometheus.CounterOpts{Name: prefix + name, Help: help})
	}
	measured := func(of func(*writer) int64) func() float64 {
		return func() float64 {
			if w := w(); w != nil {
				return float64(of(w))
			}
			return 0
		}
	}
	gauge := func(name, help string, of func(*writer) int64) {
		with.NewGaugeFunc(prometheus.GaugeOpts{Name: prefix + name, Help: help}, measured(of))
	}
	held := func(of func(sinkkit.Load) int64) func(*writer) int64 {
		return func(w *writer) int64 { return of(w.buffered()) }
	}
	with.NewCounterFunc(prometheus.CounterOpts{Name: prefix + "pauses_total",
		Help: "Times that a full buffer paused the partitions."},
		measured(func(w *writer) int64 { return w.sender.budget.Pauses() }))
	gauge("buffered_records", "Records that are held and not written.",
		held(func(l sinkkit.Load) int64 { return l.Records }))
	gauge("buffered_bytes", "Bytes of bulk bodies, and of the records they came from, that are not written.",
		held(func(l sinkkit.Load) int64 { return l.Bytes }))
	gauge("requests_in_flight", "Bulk requests under way.",
		func(w *writer) int64 { return int64(w.sender.requests.count()) })
	return &counts{
		written: counter("documents_written_total",
			"Records that Elasticsearch holds as written, read again or for the first time."),
		rejected:  counter("records_rejected_total", "Records that could not become documents or were refused."),
		conflicts: counter("version_conflicts_total", "Records not written because a newer or another document is there."),
		skipped:   counter("records_skipped_total", "Records without value that mean nothing."),
		requests:  counter("bulk_requests_total", "Bulk requests sent."),
		retries:   counter("bulk_retries_total", "Bulk requests that were tried again."),
		sent:      counter("sent_bytes_total", "Bytes of bulk bodies sent, before compression."),
	}
}
