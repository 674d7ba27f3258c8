package httpserve

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"
)

// guard looks at each request before its handler does.
type guard struct {
	next    http.Handler
	hosts   hosts
	key     string // that allows hosts
	maxBody int64
	sites   origins
	origins *http.CrossOriginProtection
	headers Headers
	log     *slog.Logger
	refused notice
}

func newGuard(o Options, allowed hosts, sites origins, next http.Handler) *guard {
	return &guard{next: next, hosts: allowed, key: o.AllowedHostsKey, maxBody: o.MaxBody, sites: sites, headers: o.Headers,
		origins: http.NewCrossOriginProtection(), log: o.Logger,
		refused: notice{log: o.Logger, message: "http refuses a request"}}
}

// ServeHTTP implements [http.Handler].
func (g *guard) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := connOf(r.Context())
	c.serve(true)
	defer c.serve(false)
	defer g.recovered()
	w.Header().Set("X-Content-Type-Options", "nosniff")
	g.headers.apply(w.Header())
	g.sites.share(w, r)
	if err := g.refuse(r); err != nil {
		g.refused.say("method", r.Method, "from", r.RemoteAddr, "reason", err)
		w.Header().Set("Connection", "close") // a body that may follow is not read
		writeError(w, http.StatusForbidden, err.Error())
		return
	}
	if r.ProtoMajor != 1 { // the preface of HTTP/2, which the standard library leaves to handlers
		w.Header().Set("Connection", "close")
		writeError(w, http.StatusHTTPVersionNotSupported, "HTTP/1.1 is spoken here")
		return
	}
	if g.sites.answer(w, r) {
		return
	}
	if r.Body != nil && r.Body != http.NoBody {
		control := http.NewResponseController(w)
		_ = control.SetReadDeadline(time.Now().Add(bodyTimeout))
		r.Body = &body{http.MaxBytesReader(w, r.Body, g.maxBody), c, control}
	}
	g.next.ServeHTTP(w, r)
}

// refuse says why a request is not answered, or returns nil.
func (g *guard) refuse(r *http.Request) error {
	const longest = 100
	if host := r.Host; !g.hosts.allow(host) {
		return fmt.Errorf("host %q is not a name of this server: add it to %s if it is",
			host[:min(len(host), longest)], g.key)
	}
	site, dest := r.Header.Get("Sec-Fetch-Site"), r.Header.Get("Sec-Fetch-Dest")
	opened := r.Header.Get("Sec-Fetch-Mode") == "navigate" && (dest == "document" || dest == "")
	foreign := g.origins.Check(r) != nil || site == "cross-site" && !opened
	if foreign && !g.sites.takes(r) {
		return errors.New("a page of another site makes this request: send it from this server's own pages or " +
			"from a program that is not a browser")
	}
	return nil
}

// recovered ends the connection of a handler that has panicked, as what was written
// may be half an answer. The stack trace is for the log alone.
func (g *guard) recovered() {
	p := recover()
	if p == nil {
		return
	}
	if p != http.ErrAbortHandler { //nolint:errorlint // the value itself is the sign
		g.log.Error("http handler panicked", "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
	}
	panic(http.ErrAbortHandler)
}

// writeError answers in the form of Kafka Connect's errors.
func writeError(w http.ResponseWriter, code int, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(struct { // the client may be gone
		Code    int    `json:"error_code"`
		Message string `json:"message"`
	}{code, message})
}

// body is the body of a request, which has to come in time.
type body struct {
	io.ReadCloser
	conn    *conn
	control *http.ResponseController
}

// Read implements [io.Reader].
func (b *body) Read(p []byte) (int, error) {
	defer b.conn.waits()()
	n, err := b.ReadCloser.Read(p)
	if err == io.EOF {
		_ = b.control.SetReadDeadline(time.Time{}) // whatever the answer takes, the client has done its part
	}
	return n, err
}
