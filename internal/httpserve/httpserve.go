// Package httpserve serves HTTP on one address with the time-outs, the errors
// and the end that all servers of this module share.
//
//	s, err := httpserve.Open("listeners", "127.0.0.1:8083")
//	if err != nil {
//		return err // before anything else is started
//	}
//	return s.Run(ctx, handler)
package httpserve

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"
)

const (
	// headerTimeout is how long a client may take to send its headers.
	headerTimeout = 10 * time.Second
	// idleTimeout is how long a connection without a request stays open.
	idleTimeout = 2 * time.Minute
	// grace is how long requests may take to end once a server is told to.
	grace = 5 * time.Second
)

// Server is an address that is listened on.
type Server struct {
	key      string
	listener net.Listener
}

// Open listens on addr, host:port, where port 0 is any free one. Connections
// wait until Run answers them. key is the configuration key or flag that addr
// comes from; errors name it.
func Open(key, addr string) (*Server, error) {
	l, err := net.Listen("tcp", addr)
	var wrong *net.AddrError
	switch {
	case errors.As(err, &wrong):
		return nil, fmt.Errorf("listen on %s %s: %s: write host:port, such as 127.0.0.1:8080", key, addr, wrong.Err)
	case err != nil:
		return nil, fmt.Errorf("listen on %s %s: %w: choose another address", key, addr, err)
	}
	return &Server{key, l}, nil
}

// Addr returns the address, with the port that the system chose for 0.
func (s *Server) Addr() string { return s.listener.Addr().String() }

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
	server := &http.Server{Handler: h, ReadHeaderTimeout: headerTimeout, IdleTimeout: idleTimeout}
	served := make(chan error, 1)
	go func() { served <- server.Serve(s.listener) }()
	select {
	case err := <-served:
		return fmt.Errorf("serve %s %s: %w", s.key, s.Addr(), err)
	case <-ctx.Done():
	}
	limit, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer cancel()
	if server.Shutdown(limit) != nil {
		_ = server.Close() // whoever still waits for an answer gets none
	}
	<-served
	return nil
}
