// Package procmetrics has the metrics that every process of Suiro shows, whatever
// it runs: those of Go's runtime (go_*), those of the process as the system sees it
// (process_*), and which Suiro it is (suiro_build_info).
package procmetrics

import (
	"runtime"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/suiro/suiro/internal/buildinfo"
)

// Register adds the metrics to a registry. It panics when they are there already,
// as there is one process.
func Register(r prometheus.Registerer) {
	r.MustRegister(
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		build(),
	)
}

// build is the metric of the version. Its value is always 1: what it tells are its
// labels.
func build() prometheus.Collector {
	info := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "suiro_build_info",
		Help: "Which Suiro this is: its version, its commit and the version of Go, as labels; the value is 1.",
		ConstLabels: prometheus.Labels{
			"version": buildinfo.Version(), "revision": buildinfo.Revision(), "goversion": runtime.Version(),
		},
	})
	info.Set(1)
	return info
}
