// Package httpserve serves HTTP on one address with the limits, the errors and the
// end that all servers of this module share, so that a visitor decides neither how
// long a connection lives nor how many there are nor how much a request holds.
//
//	s, err := httpserve.Open("listeners", "127.0.0.1:8083", nil)
//	if err != nil {
//		return err // before anything else is started
//	}
//	return s.Run(ctx, handler)
//
// # Clients that are slow, and many
//
// A client has ten seconds to send a header of at most 64 KiB, a minute to send a
// body, half a minute to take each 64 KiB of an answer and two minutes to take all of
// it; a connection without a request is closed after two minutes. A server keeps at most
// [Options.MaxConnections]. When one more comes, the connection goes that has kept
// the server waiting for the longest, be it for a header, a body or for room to
// write to; when all are being worked for, the new one is answered with 503. A
// system that has no more files, or another error of accept, is waited out.
//
// # Browsers
//
// A page of another site must not reach a server through the browser of somebody who
// can. A request must name a host that is the server's: an IP address, localhost, the
// name that is listened on, or one of [Options.AllowedHosts]; a name that an attacker
// made to point at the server (DNS rebinding) is answered with 403, and so is every
// request of which the browser says that another site makes it, unless it opens a
// page or the site is one of [Options.AllowedOrigins]. Every answer tells browsers not to
// guess types.
//
// # Answers that are large
//
// [Few] lets only some requests at a time make an answer that needs much memory or time.
package httpserve

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"
)

const (
	// headerTimeout is how long a client may take to send its headers.
	headerTimeout = 10 * time.Second
	// bodyTimeout is how long a client may take to send a body.
	bodyTimeout = time.Minute
	// writeTimeout is how long a client may take to accept writeChunk bytes.
	writeTimeout = 30 * time.Second
	writeChunk   = 64 << 10
	// answerTimeout is how long a client may take to accept an answer, from its
	// first byte on.
	answerTimeout = 2 * time.Minute
	// idleTimeout is how long a connection without a request stays open.
	idleTimeout = 2 * time.Minute
	// grace is how long requests may take to end once a server is told to.
	grace = 5 * time.Second

	maxHeader = 64 << 10
	maxBody   = 8 << 20
)

// Options are what a program may change; nil is fine.
type Options struct {
	// AllowedHosts are names that requests may name as their host, without scheme
	// and port, besides those that are always allowed. A single * allows every
	// name. Default: none.
	AllowedHosts []string
	// AllowedHostsKey is the configuration key that AllowedHosts comes from; the
	// answer to a request for another host names it. Default: allowed.hosts.
	AllowedHostsKey string
	// AllowedOrigins are the sites whose pages may send requests, each scheme://host or
	// scheme://host:port, in which one * is any text without a slash; a single * is every
	// site. Default: none.
	AllowedOrigins []string
	// AllowedMethods are the methods that such pages may use. Default: GET, POST, HEAD.
	AllowedMethods []string
	// Headers are headers of every answer. Default: none.
	Headers Headers
	// MaxConnections is the greatest number of open connections. Default: 256, or an
	// eighth of the files that the process may have open when that is fewer.
	MaxConnections int
	// MaxBody is the greatest body of a request, in bytes. Default: 8 MiB.
	MaxBody int64
	// TLS has the server speak HTTPS, with the certificate that is in it. Default: HTTP.
	TLS *tls.Config
	// Logger gets a warning when connections or requests are refused, at most one a
	// minute of each kind. Default: nothing is logged.
	Logger *slog.Logger
}

// withDefaults returns a copy of o in which every field is set.
func (o *Options) withDefaults() Options {
	var out Options
	if o != nil {
		out = *o
	}
	if out.AllowedHostsKey == "" {
		out.AllowedHostsKey = "allowed.hosts"
	}
	if out.MaxConnections <= 0 {
		out.MaxConnections = maxConnections()
	}
	if out.MaxBody <= 0 {
		out.MaxBody = maxBody
	}
	if out.Logger == nil {
		out.Logger = slog.New(slog.DiscardHandler)
	}
	return out
}

// Server is an address that is listened on.
type Server struct {
	key      string
	options  Options
	hosts    hosts
	origins  origins
	listener *limitedListener
}

// Open listens on addr, host:port, where port 0 is any free one. Connections
// wait until Run answers them. key is the configuration key or flag that addr
// comes from; errors name it.
func Open(key, addr string, o *Options) (*Server, error) {
	options := o.withDefaults()
	allowed, err := newHosts(options, addr)
	if err != nil {
		return nil, err
	}
	sites, err := newOrigins(options)
	if err != nil {
		return nil, err
	}
	l, err := net.Listen("tcp", addr)
	var wrong *net.AddrError
	switch {
	case errors.As(err, &wrong):
		return nil, fmt.Errorf("listen on %s %s: %s: write host:port, such as 127.0.0.1:8080", key, addr, wrong.Err)
	case err != nil:
		return nil, fmt.Errorf("listen on %s %s: %w: choose another address", key, addr, err)
	}
	return &Server{key, options, allowed, sites, newLimitedListener(l, options)}, nil
}

// Addr returns the address, with the port that the system chose for 0.
func (s *Server) Addr() string { return s.listener.Addr().String() }

// URL returns the address as a URL, such as https://127.0.0.1:8443.
func (s *Server) URL() string {
	if s.options.TLS != nil {
		return "https://" + s.Addr()
	}
	return "http://" + s.Addr()
}

// Close stops listening. It is for a Server that is not run, and does nothing
// after Run.
func (s *Server) Close() error {
	if err := s.listener.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
		return fmt.Errorf("close %s %s: %w", s.key, s.Addr(), err)
	}
	return nil
}

// Run answers requests until ctx is done, and then lets those that are open end
// for five seconds. It returns nil when it was ctx that ended it. It is called
// once.
func (s *Server) Run(ctx context.Context, h http.Handler) error {
	server := s.server(h)
	served := make(chan error, 1)
	go func() {
		if server.TLSConfig != nil {
			served <- server.ServeTLS(s.listener, "", "") // the certificate is in the configuration
			return
		}
		served <- server.Serve(s.listener)
	}()
	select {
	case err := <-served:
		return fmt.Errorf("serve %s %s: %w", s.key, s.Addr(), err)
	case <-ctx.Done():
	}
	_ = s.listener.Close() // Shutdown closes it too
	s.listener.closeSilent()
	limit, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer cancel()
	if server.Shutdown(limit) != nil {
		_ = server.Close() // whoever still waits for an answer gets none
	}
	<-served
	return nil
}

// server is the standard library's server with this package's limits. It speaks
// HTTP/1 alone: nothing here needs more, and what is not spoken cannot be abused.
func (s *Server) server(h http.Handler) *http.Server {
	var protocols http.Protocols
	protocols.SetHTTP1(true)
	return &http.Server{
		TLSConfig:                    s.options.TLS,
		Handler:                      newGuard(s.options, s.hosts, s.origins, h),
		ReadHeaderTimeout:            headerTimeout,
		IdleTimeout:                  idleTimeout,
		MaxHeaderBytes:               maxHeader,
		Protocols:                    &protocols,
		DisableGeneralOptionsHandler: true,
		ErrorLog:                     slog.NewLogLogger(s.options.Logger.Handler(), slog.LevelDebug),
		ConnContext:                  withConn,
	}
}
