package file

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

// sinkCounts are what a sink task counts.
type sinkCounts struct{ lines, bytes, rejected prometheus.Counter }

// newSinkCounts returns the counts of a sink task, registered with r.
func newSinkCounts(r prometheus.Registerer) *sinkCounts {
	counter := func(name, help string) prometheus.Counter {
		return promauto.With(r).NewCounter(prometheus.CounterOpts{Name: "file_sink_" + name + "_total", Help: help})
	}
	return &sinkCounts{
		lines:    counter("lines", "Lines that were written."),
		bytes:    counter("line_bytes", "Bytes of these lines, without their line ends."),
		rejected: counter("records_rejected", "Records whose value cannot be a line."),
	}
}
