package streams

import (
	"fmt"
	"net/http"

	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Handler answers GET /health, GET /metrics in the Prometheus text format and GET
// /topology. A program with pages of its own mounts it together with them.
func (a *App) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(a.registry, promhttp.HandlerOpts{}))
	mux.HandleFunc("GET /topology", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, a.topology) })
	mux.HandleFunc("GET /health", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"status":"healthy","application_id":%q}`+"\n", a.id)
	})
	return mux
}
