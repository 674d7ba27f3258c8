// Package metrics is what a task of the sink counts and measures, for Prometheus.
package metrics

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
	"github.com/suiro/suiro/connect/sinkkit"
)

// Prefix is how the names of the metrics begin.
const Prefix = "elasticsearch_sink_"

// The reasons of records that are not written.
const (
	Invalid   = "invalid"   // cannot become a document
	Malformed = "malformed" // refused for what is in it
	Conflict  = "conflict"  // another or a newer document is there, and that is not accepted
	Refused   = "refused"   // refused for another reason
)

// The reasons of requests that are tried again.
const (
	Unreachable = "unreachable" // no connection, or it was lost
	Timeout     = "timeout"     // no answer in time
	Busy        = "busy"        // statuses 429, 502, 503 and 504
	Documents   = "documents"   // some documents are to be sent again
	Failure     = "error"       // anything else
)

// Metrics are those of one task. They may be used from any goroutine.
type Metrics struct {
	// Written counts records that Elasticsearch holds.
	Written prometheus.Counter
	// Conflicts counts records whose document is there already, newer or other.
	Conflicts prometheus.Counter
	// Skipped counts records that mean nothing.
	Skipped prometheus.Counter
	// Requests counts bulk requests, and Sent their bytes.
	Requests, Sent prometheus.Counter
	// Seconds and Documents are the time and the length of each bulk request.
	Seconds, Documents prometheus.Histogram

	rejected, retries *prometheus.CounterVec
}

// Now is what is measured at each scrape.
type Now struct {
	// Held is what is buffered and not written.
	Held sinkkit.Load
	// InFlight is the number of bulk requests under way.
	InFlight int
	// Pauses is how often a full buffer paused the partitions.
	Pauses int64
	// Away is since when Elasticsearch takes no documents; zero while it does.
	Away time.Time
}

// New returns the metrics of a task, registered with r. now is called at each
// scrape, from any goroutine.
func New(r prometheus.Registerer, now func() Now) *Metrics {
	with := promauto.With(r)
	counter := func(name, help string) prometheus.Counter {
		return with.NewCounter(prometheus.CounterOpts{Name: Prefix + name, Help: help})
	}
	byReason := func(name, help string, reasons ...string) *prometheus.CounterVec {
		v := with.NewCounterVec(prometheus.CounterOpts{Name: Prefix + name, Help: help}, []string{"reason"})
		for _, reason := range reasons {
			v.WithLabelValues(reason)
		}
		return v
	}
	histogram := func(name, help string, buckets ...float64) prometheus.Histogram {
		return with.NewHistogram(prometheus.HistogramOpts{Name: Prefix + name, Help: help, Buckets: buckets})
	}
	gauges(r, now)
	return &Metrics{
		Written: counter("documents_written_total",
			"Records that Elasticsearch holds as written, read again or for the first time."),
		Conflicts: counter("version_conflicts_total", "Records not written because a newer or another document is there."),
		Skipped:   counter("records_skipped_total", "Records without value that mean nothing."),
		Requests:  counter("bulk_requests_total", "Bulk requests sent, each retry included."),
		Sent:      counter("sent_bytes_total", "Bytes of bulk bodies sent, before compression."),
		rejected: byReason("records_rejected_total", "Records that were not written and went to the dead-letter queue, "+
			"were dropped, or ended the task. reason is invalid (cannot become a document), malformed (refused for what "+
			"is in it), conflict (a newer or another document is there) or refused (any other refusal).",
			Invalid, Malformed, Conflict, Refused),
		retries: byReason("retries_total", "Requests that failed and were tried again. reason is unreachable (no "+
			"connection), timeout (no answer in time), busy (Elasticsearch is overloaded), documents (it took only some "+
			"of the documents) or error (any other answer).", Unreachable, Timeout, Busy, Documents, Failure),
		Seconds: histogram("bulk_request_duration_seconds", "Time from sending a bulk request to its answer or failure.",
			.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 180),
		Documents: histogram("bulk_request_documents", "Documents in a bulk request.",
			1, 10, 50, 100, 250, 500, 1000, 2000, 5000, 10000),
	}
}

// gauges registers what is measured at each scrape.
func gauges(r prometheus.Registerer, now func() Now) {
	with := promauto.With(r)
	gauge := func(name, help string, of func(Now) float64) {
		with.NewGaugeFunc(prometheus.GaugeOpts{Name: Prefix + name, Help: help}, func() float64 { return of(now()) })
	}
	with.NewCounterFunc(prometheus.CounterOpts{Name: Prefix + "pauses_total",
		Help: "Times that a full buffer paused the partitions."}, func() float64 { return float64(now().Pauses) })
	gauge("buffered_records", "Records that are held and not written.",
		func(n Now) float64 { return float64(n.Held.Records) })
	gauge("buffered_bytes", "Bytes of bulk bodies, and of the records they came from, that are not written.",
		func(n Now) float64 { return float64(n.Held.Bytes) })
	gauge("requests_in_flight", "Bulk requests under way.", func(n Now) float64 { return float64(n.InFlight) })
	sinkkit.MeasureOutage(r, Prefix, "Elasticsearch takes documents", func() time.Time { return now().Away })
}

// Reject counts a record that is not written, by one of the reasons.
func (m *Metrics) Reject(reason string) { m.rejected.WithLabelValues(reason).Inc() }

// Retry counts a request that is tried again, by one of the reasons.
func (m *Metrics) Retry(reason string) { m.retries.WithLabelValues(reason).Inc() }
