package filesets

import (
	"errors"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
	"github.com/suiro/suiro/connect/sinkkit"
	"github.com/suiro/suiro/connectors/filesets/claim"
)

// Counters count and measure what a [Sink] does. Their methods may be called from
// any goroutine.
type Counters struct {
	commits, files, records, bytes, takeOvers, missing, retries prometheus.Counter
	rejected                                                    *prometheus.CounterVec
	seconds                                                     prometheus.Histogram
	open                                                        prometheus.Gauge

	sink atomic.Pointer[Sink] // what is measured; nil before there is one
}

// NewCounters returns the counters of a task, registered with r. Their names begin
// with the connector's kind, such as hdfs_sink.
func NewCounters(r prometheus.Registerer, kind string) *Counters {
	with := promauto.With(r)
	counter := func(name, help string) prometheus.Counter {
		return with.NewCounter(prometheus.CounterOpts{Name: kind + "_" + name + "_total", Help: help})
	}
	c := &Counters{
		commits: counter("commits", "Sets of files that were committed."),
		files:   counter("files", "Files that were committed."),
		records: counter("file_records", "Records in the committed files."),
		bytes:   counter("file_bytes", "Size of the committed files in bytes."),
		takeOvers: counter("take_overs", "Times that a partition was taken over: once when it is assigned, and again after "+
			"each failure of the storage."),
		missing: counter("missing_offsets", "Offsets between two records for which no record came, because retention or "+
			"compaction removed it, a transform dropped it, or it is part of a transaction."),
		retries: counter("retries", "Failures of the storage after which a partition is written again from its last commit."),
		rejected: with.NewCounterVec(prometheus.CounterOpts{Name: kind + "_records_rejected_total",
			Help: "Records that cannot be written to a file. reason is null (no value), topic (its name cannot be a " +
				"folder's), decode (the value cannot be read), partition (no directory can be chosen for it) or encode (it " +
				"does not fit the format)."}, []string{"reason"}),
		seconds: with.NewHistogram(prometheus.HistogramOpts{Name: kind + "_commit_duration_seconds",
			Help:    "Time from the end of a set of files, through closing them, to its commit.",
			Buckets: []float64{.01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 180}}),
		open: with.NewGauge(prometheus.GaugeOpts{Name: kind + "_open_files", Help: "Files that are being written."}),
	}
	for _, reason := range []string{badNull, badTopic, badDecode, badPartition, badEncode} {
		c.rejected.WithLabelValues(reason)
	}
	c.measure(r, kind)
	return c
}

// measure registers what is measured at each scrape.
func (c *Counters) measure(r prometheus.Registerer, kind string) {
	with := promauto.With(r)
	of := func(what func(*Sink) int64) func() float64 {
		return func() float64 {
			if s := c.sink.Load(); s != nil {
				return float64(what(s))
			}
			return 0
		}
	}
	with.NewCounterFunc(prometheus.CounterOpts{Name: kind + "_pauses_total",
		Help: "Times that a full buffer paused the partitions."},
		of(func(s *Sink) int64 { return s.budget.Pauses() }))
	with.NewGaugeFunc(prometheus.GaugeOpts{Name: kind + "_buffered_bytes",
		Help: "Bytes of records that are queued and not written to a file yet."},
		of(func(s *Sink) int64 { return s.budget.Used().Bytes }))
	sinkkit.MeasureOutage(r, kind+"_", "files can be written", func() time.Time {
		since, _ := c.outage().State()
		return since
	})
}

// outage returns what is known of the storage, nil before there is a sink.
func (c *Counters) outage() *sinkkit.Outage {
	if s := c.sink.Load(); s != nil {
		return &s.outage
	}
	return nil
}

// Waiting returns why the storage is waited for, nil while files can be written. A
// task that is a [github.com/suiro/suiro/connect.Waiter] returns it.
func (c *Counters) Waiting() error { return c.outage().Waiting() }

// committed counts a set, whose commit began then.
func (c *Counters) committed(set claim.Set, began time.Time) {
	c.seconds.Observe(time.Since(began).Seconds())
	c.commits.Inc()
	c.files.Add(float64(len(set.Files)))
	for _, f := range set.Files {
		c.records.Add(float64(f.Records))
		c.bytes.Add(float64(f.Bytes))
	}
}

// rejects counts a record that cannot be written, by the error of its preparation.
func (c *Counters) rejects(err error) {
	var bad *badError
	if errors.As(err, &bad) {
		c.rejected.WithLabelValues(bad.reason).Inc()
	}
}
