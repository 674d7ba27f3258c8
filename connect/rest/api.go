package rest

import (
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/suiro/suiro/connect/herder"
	"github.com/suiro/suiro/internal/backoff"
)

const (
	// maxBody bounds the body of a request. A configuration must fit a record of a
	// topic, which is no longer by default.
	maxBody = 1 << 20
	// maxTasks bounds the body of a request with the configurations of all tasks of a
	// connector, each of which fits a record.
	maxTasks = 4 << 20
	// maxChecks and maxChanges are how many requests of a kind are worked for at a
	// time. A configuration is checked by making all that it names; a change may wait
	// for what a connector talks to, and must not hold up a check meanwhile.
	maxChecks  = 4
	maxChanges = 32
	// timeout is how long a request may take, as in Kafka Connect.
	timeout = 90 * time.Second
)

// Options are what Go code passes to the API; nil is fine.
type Options struct {
	// Client sends requests on to the leader, when the herder says that this worker
	// cannot answer. Default: [NewClient] without settings of TLS.
	Client *http.Client
	// Part is what is answered. Default: all of it.
	Part Part
	// Timeout is how long a request may take. Default: 90 seconds, as in Kafka Connect.
	Timeout time.Duration
}

// Part is a part of the API.
type Part int

// The parts of the API, for a worker whose paths below /admin have addresses of their own.
const (
	// Whole is every line of the table.
	Whole Part = iota
	// WithoutAdmin is all but the paths below /admin.
	WithoutAdmin
	// AdminAlone is the paths below /admin.
	AdminAlone
)

// has reports whether a path belongs to the part.
func (p Part) has(path string) bool {
	return p == Whole || strings.HasPrefix(path, "/admin/") == (p == AdminAlone)
}

// Staged is a [herder.Herder] that knows what it is doing. The answer to a request that
// takes too long says so.
type Staged interface {
	// Stage says in the words that follow "The worker is currently" what the herder
	// does, and since when. It is called from any goroutine and does not wait.
	Stage() (does string, since time.Time)
}

// New returns the handler of the REST API over a herder.
func New(h herder.Herder, o *Options) http.Handler {
	var options Options
	if o != nil {
		options = *o
	}
	if options.Timeout <= 0 {
		options.Timeout = timeout
	}
	s := &server{herder: h, timeout: options.Timeout, forward: newForwarder(options.Client),
		checks: make(chan struct{}, maxChecks), changes: make(chan struct{}, maxChanges)}
	methods := map[string]map[string]route{}
	for _, r := range table() {
		if !options.Part.has(r.Path) {
			continue
		}
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
	herder          herder.Herder
	forward         *forwarder
	timeout         time.Duration
	checks, changes chan struct{} // one in it for each request that is worked for
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
			w.Header().Set("Allow", strings.Join(allowed, ","))
			w.Header().Set("Content-Type", "text/plain")
			_, _ = io.WriteString(w, strings.Join(allowed, ", ")) // the client may be gone
		default:
			w.Header().Set("Allow", strings.Join(allowed, ","))
			writeRouterError(w, http.StatusMethodNotAllowed)
		}
	})
}

// allow lists the methods of a path in the order of Kafka Connect.
func allow(methods map[string]route) []string {
	out := []string{http.MethodHead, http.MethodDelete, http.MethodPost, http.MethodGet, http.MethodOptions,
		http.MethodPut, http.MethodPatch}
	return slices.DeleteFunc(out, func(m string) bool {
		if m == http.MethodHead {
			m = http.MethodGet
		}
		_, known := methods[m]
		return !known && m != http.MethodOptions
	})
}

// serve answers one request, or sends it on to the leader.
func (s *server) serve(w http.ResponseWriter, r *http.Request, route route) {
	if !acceptsJSON(r) {
		writeRouterError(w, http.StatusNotAcceptable)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, route.maxBody()))
	if err != nil {
		writeRouterError(w, http.StatusRequestEntityTooLarge)
		return
	}
	switch {
	case route.anyType || sendsJSON(r, len(body) > 0):
	case r.Header.Get("Content-Type") == "":
		writeJSON(w, http.StatusUnsupportedMediaType, routerError(http.StatusUnsupportedMediaType))
		return
	default:
		writeRouterError(w, http.StatusUnsupportedMediaType)
		return
	}
	ctx := r.Context()
	if route.changes() {
		ctx = context.WithoutCancel(ctx) // what has begun is brought to its end, as half a change helps nobody
	}
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	c := &call{Herder: s.herder, ctx: ctx, request: r, body: body}
	answer, leaders, err := s.resolve(c, route)
	switch {
	case leaders != nil:
		pass(w, c, leaders)
	case errors.Is(ctx.Err(), context.DeadlineExceeded) && errors.Is(err, context.DeadlineExceeded):
		writeError(w, s.timedOut())
	default:
		answer.write(w, c, err)
	}
}

// resolve returns the answer of this worker, or the leader's.
func (s *server) resolve(c *call, route route) (answer, *http.Response, error) {
	pause := backoff.Backoff{First: firstPause, Max: maxPause}
	for {
		a, err := s.answer(c, route)
		var elsewhere *herder.NotLeaderError
		if !errors.As(err, &elsewhere) || elsewhere.URL == "" {
			return a, nil, err
		}
		forward, ok := hop(c.request)
		if !ok {
			return a, nil, err
		}
		leaders, err := s.forward.send(c, elsewhere.URL, forward)
		if err != nil {
			err = wait(c.ctx, &pause, err)
		}
		if leaders != nil || err != nil {
			return a, leaders, err
		}
	}
}

// answer waits for the request's turn and answers it.
func (s *server) answer(c *call, route route) (answer, error) {
	turns := s.checks
	switch {
	case route.changes():
		turns = s.changes
	case len(c.body) == 0:
		return route.answer(c)
	}
	select {
	case turns <- struct{}{}:
		defer func() { <-turns }()
	case <-c.ctx.Done():
		return answer{}, c.ctx.Err()
	}
	return route.answer(c)
}

// timedOut is the error of a request that took too long, in Kafka Connect's words.
func (s *server) timedOut() error {
	staged, ok := s.herder.(Staged)
	if !ok {
		return herder.Errorf(errTimeLimit, "Request timed out")
	}
	does, since := staged.Stage()
	return herder.Errorf(errTimeLimit, "Request timed out. The worker is currently %s, which began at %s", does,
		since.UTC().Format("2006-01-02T15:04:05.000Z"))
}
