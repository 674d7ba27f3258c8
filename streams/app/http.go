package app

import (
	"fmt"
	"net/http"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/suiro/suiro/internal/buildinfo"
	"github.com/suiro/suiro/streams/internal/health"
)

// Handler answers these paths. A program with pages of its own mounts it together
// with them.
//
//	GET /health    whether a restart could help: 200 healthy, 503 starting, 500 unhealthy
//	GET /ready     whether the app does its work now: 200 or 503, with the reasons
//	GET /metrics   metrics in the Prometheus text format
//	GET /topology  the topology as text
//
// The app is starting until it has joined its group for the first time. After that it
// is unhealthy only when it has ended, or when a thread has been stuck for
// max.poll.interval.ms although brokers could be reached. Brokers that are away,
// rebalances and state that is restored are shown, but they do not make it unhealthy:
// a restart would not help. They make it not ready, and so does [App.Pause]. An instance for which
// the group has no partitions is ready, because it takes over when another one goes.
func (a *App) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(a.registry, promhttp.HandlerOpts{}))
	mux.HandleFunc("GET /topology", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, a.topology) })
	p := &health.Probe{
		ApplicationID: a.id, Version: buildinfo.Version(), Life: a.life, Brokers: a.brokers, Paused: a.Paused,
		Patience: a.props.Millis("max.poll.interval.ms"),
	}
	p.Handle(mux)
	return mux
}
