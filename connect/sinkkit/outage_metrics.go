package sinkkit

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

// MeasureOutage registers two gauges whose names begin with prefix: up is 1 while the
// outside system is there and 0 while the task tries again, and outage_seconds is how
// long that has been going on, 0 while it is there. what completes the help texts, for
// instance "Elasticsearch takes documents". since is called at each scrape from any
// goroutine, and returns when the outage began or a zero time, as [Outage.State] does.
func MeasureOutage(r prometheus.Registerer, prefix, what string, since func() time.Time) {
	with := promauto.With(r)
	with.NewGaugeFunc(prometheus.GaugeOpts{Name: prefix + "up",
		Help: "1 while " + what + ", 0 while that fails and the task tries again."}, func() float64 {
		if since().IsZero() {
			return 1
		}
		return 0
	})
	with.NewGaugeFunc(prometheus.GaugeOpts{Name: prefix + "outage_seconds",
		Help: "Seconds since the last time that " + what + ", 0 while there is no outage."}, func() float64 {
		if began := since(); !began.IsZero() {
			return time.Since(began).Seconds()
		}
		return 0
	})
}
