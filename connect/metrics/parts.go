package metrics

import (
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/suiro/suiro/internal/procmetrics"
)

// Part is one of several workers in a process.
type Part struct {
	// Labels tell its metrics from those of the others.
	Labels map[string]string
	// Worker is what has the metrics.
	Worker Worker
}

// HandlerOf is [Handler] for a process with several workers.
func HandlerOf(parts []Part, c Certificates) http.Handler {
	registry := prometheus.NewRegistry()
	procmetrics.Register(registry)
	registry.MustRegister(c)
	for _, p := range parts {
		prometheus.WrapRegistererWith(p.Labels, registry).MustRegister(New(p.Worker))
	}
	return promhttp.HandlerFor(registry, promhttp.HandlerOpts{ErrorHandling: promhttp.ContinueOnError, Registry: registry})
}
