package rest

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/suiro/suiro/connect/herder"
)

// New returns the handler of the REST API.
func New(h *herder.Standalone) http.Handler {
	mux := http.NewServeMux()
	for path, get := range map[string]getter{
		"/{$}":                             getServer,
		"/connectors":                      getConnectors,
		"/connectors/{c}":                  getConnector,
		"/connectors/{c}/config":           getConfig,
		"/connectors/{c}/status":           getStatus,
		"/connectors/{c}/tasks":            getTasks,
		"/connectors/{c}/tasks/{t}/status": getTaskStatus,
		"/connector-plugins":               getPlugins,
	} {
		mux.Handle(path, only(acceptsJSON(get.handler(h))))
	}
	mux.Handle("/health", only(acceptsJSON(health(h))))
	mux.Handle("/metrics", only(metrics(h)))
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { routerError(w, http.StatusNotFound) })
	return withoutLastSlash(mux)
}

// withoutLastSlash takes /connectors/ for /connectors, as there.
func withoutLastSlash(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if path := r.URL.Path; len(path) > 1 && strings.HasSuffix(path, "/") && !strings.HasSuffix(path, "//") {
			u := *r.URL
			u.Path, u.RawPath = path[:len(path)-1], strings.TrimSuffix(u.RawPath, "/")
			as := *r
			as.URL = &u
			r = &as
		}
		next.ServeHTTP(w, r)
	})
}

func metrics(h *herder.Standalone) http.Handler {
	registry := prometheus.NewRegistry()
	registry.MustRegister(newCollector(h))
	return promhttp.HandlerFor(registry, promhttp.HandlerOpts{})
}

// errNoPath means that a path looks like one of the API's and is not.
var errNoPath = errors.New("no such path")

// getter answers a GET with what becomes the body.
type getter func(h *herder.Standalone, r *http.Request) (any, error)

func (get getter) handler(h *herder.Standalone) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch body, err := get(h, r); {
		case errors.Is(err, errNoPath):
			routerError(w, http.StatusNotFound)
		case err != nil:
			writeError(w, err)
		default:
			writeJSON(w, http.StatusOK, body)
		}
	})
}

// only lets GET and HEAD through, and answers OPTIONS.
func only(next http.Handler) http.Handler {
	const allowed = "HEAD,GET,OPTIONS"
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.Method {
		case http.MethodGet, http.MethodHead:
			next.ServeHTTP(w, r)
		case http.MethodOptions:
			w.Header().Set("Allow", allowed)
			w.Header().Set("Content-Type", "text/plain")
			_, _ = w.Write([]byte(allowed)) // the client may be gone
		default:
			w.Header().Set("Allow", allowed)
			routerError(w, http.StatusMethodNotAllowed)
		}
	})
}

// acceptsJSON refuses clients that do not take JSON.
func acceptsJSON(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		accept := r.Header.Get("Accept")
		for _, part := range strings.Split(accept, ",") {
			kind, _, _ := strings.Cut(strings.TrimSpace(part), ";")
			switch kind {
			case "", "*/*", "application/*", "application/json":
				next.ServeHTTP(w, r)
				return
			}
		}
		routerError(w, http.StatusNotAcceptable)
	})
}

type errorBody struct {
	Code    int    `json:"error_code"`
	Message string `json:"message"`
}

func writeError(w http.ResponseWriter, err error) {
	code := http.StatusInternalServerError
	switch {
	case errors.Is(err, herder.ErrNotFound):
		code = http.StatusNotFound
	case errors.Is(err, herder.ErrInvalid):
		code = http.StatusBadRequest
	}
	writeJSON(w, code, errorBody{code, err.Error()})
}

// routerError is an answer without a Content-Type.
func routerError(w http.ResponseWriter, code int) {
	w.Header()["Content-Type"] = nil
	body := errorBody{code, fmt.Sprintf("HTTP %d %s", code, http.StatusText(code))}
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(body) // the client may be gone
}

func writeJSON(w http.ResponseWriter, code int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	_ = e.Encode(body) // the client may be gone
}
