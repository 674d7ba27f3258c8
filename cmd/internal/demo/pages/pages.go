// Package pages keeps up what a demo shows over HTTP once it has ended: an
// address is taken before anything else starts, and answers later.
package pages

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"

	"github.com/suiro/suiro/internal/httpserve"
)

// Server answers HTTP for one part of the demo.
type Server struct {
	server *httpserve.Server
	end    context.CancelFunc
	ended  chan struct{} // nil before Serve
}

// Listen takes the address that a flag asks for. Without one it takes the usual
// address, or any port when that is taken.
func Listen(flag, asked, usual string) (*Server, error) {
	server, err := listen(flag, asked, usual)
	if err != nil {
		return nil, fmt.Errorf("%w, such as one with port 0 for any", err)
	}
	return &Server{server: server}, nil
}

func listen(flag, asked, usual string) (*httpserve.Server, error) {
	if asked != "" {
		return httpserve.Open(flag, asked, nil)
	}
	s, err := httpserve.Open(flag, usual, nil)
	if err != nil {
		return httpserve.Open(flag, "127.0.0.1:0", nil)
	}
	return s, nil
}

// Address is where the server answers, host:port.
func (s *Server) Address() string { return s.server.Addr() }

// URL is the beginning of the server's URLs.
func (s *Server) URL() string { return "http://" + s.Address() }

// Serve answers with handler from now on, until Close. It returns at once, and is
// called once.
func (s *Server) Serve(logger *slog.Logger, handler http.Handler) {
	ctx, end := context.WithCancel(context.Background())
	s.end, s.ended = end, make(chan struct{})
	go func() {
		defer close(s.ended)
		if err := s.server.Run(ctx, handler); err != nil {
			logger.Warn("serve HTTP", "address", s.URL(), "error", err)
		}
	}()
}

// Close frees the address, whether Serve was called or not. Requests that are open
// have a few seconds to end.
func (s *Server) Close() {
	if s.ended == nil {
		_ = s.server.Close() // nothing depends on an address that was never served
		return
	}
	s.end()
	<-s.ended
}
