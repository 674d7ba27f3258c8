package rest

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/suiro/suiro/connect/herder"
)

const (
	// maxBody bounds the body of a request. A configuration must fit a record of a
	// topic, which is no longer by default.
	maxBody = 1 << 20
	// maxAtOnce is how many requests with a body are worked for at a time, as a
	// configuration is checked by making all that it names.
	maxAtOnce = 4
)

// Options are what Go code passes to the API; nil is fine.
type Options struct {
	// Forward sends a request on to the leader, whose REST API answers at the
	// URL, when the herder says that this worker cannot answer; the request's
	// body can be read again. Default: the client is told to try again later.
	Forward func(w http.ResponseWriter, r *http.Request, leader string)
}

// New returns the handler of the REST API over a herder.
func New(h herder.Herder, o *Options) http.Handler {
	s := &server{herder: h, turns: make(chan struct{}, maxAtOnce)}
	if o != nil {
		s.forward = o.Forward
	}
	methods := map[string]map[string]route{}
	for _, r := range routes {
		if methods[r.Path] == nil {
			methods[r.Path] = map[string]route{}
		}
		methods[r.Path][r.Method] = r
	}
	mux := http.NewServeMux()
	for pattern, of := range methods {
		mux.Handle(pattern, s.path(of))
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { writeRouterError(w, http.StatusNotFound) })
	return cleanPaths(mux)
}

// server answers requests by the table.
type server struct {
	herder  herder.Herder
	forward func(http.ResponseWriter, *http.Request, string)
	turns   chan struct{} // of requests with a body
}

// path answers the requests of one path.
func (s *server) path(methods map[string]route) http.Handler {
	allowed := allow(methods)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		method := r.Method
		if method == http.MethodHead {
			method = http.MethodGet
		}
		route, ok := methods[method]
		switch {
		case ok:
			s.serve(w, r, route)
		case method == http.MethodOptions:
			w.Header().Set("Allow", allowed)
			w.Header().Set("Content-Type", "text/plain")
			_, _ = io.WriteString(w, allowed) // the client may be gone
		default:
			w.Header().Set("Allow", allowed)
			writeRouterError(w, http.StatusMethodNotAllowed)
		}
	})
}

// allow lists the methods of a path, as OPTIONS answers them.
func allow(methods map[string]route) string {
	var out []string
	if _, ok := methods[http.MethodGet]; ok {
		out = append(out, http.MethodHead)
	}
	for _, m := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
		if _, ok := methods[m]; ok {
			out = append(out, m)
		}
	}
	return strings.Join(append(out, http.MethodOptions), ",")
}

// serve answers one request, or sends it on to the leader.
func (s *server) serve(w http.ResponseWriter, r *http.Request, route route) {
	if !acceptsJSON(r) {
		writeRouterError(w, http.StatusNotAcceptable)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		writeRouterError(w, http.StatusRequestEntityTooLarge)
		return
	}
	if !sendsJSON(r, len(body) > 0) {
		writeRouterError(w, http.StatusUnsupportedMediaType)
		return
	}
	if len(body) > 0 {
		select {
		case s.turns <- struct{}{}:
			defer func() { <-s.turns }()
		case <-r.Context().Done():
			return // the client is gone
		}
	}
	a, err := route.answer(&call{s.herder, r, body})
	var elsewhere *herder.NotLeaderError
	switch {
	case errors.As(err, &elsewhere) && elsewhere.URL != "" && s.forward != nil:
		r.Body = io.NopCloser(bytes.NewReader(body))
		s.forward(w, r, elsewhere.URL)
	case errors.Is(err, errNoPath):
		writeRouterError(w, http.StatusNotFound)
	case err != nil:
		writeError(w, err)
	case a.members != nil:
		writeObject(w, a.members)
	default:
		writeJSON(w, a.status, a.body)
	}
}
