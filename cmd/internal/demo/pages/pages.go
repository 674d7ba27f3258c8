// Package pages keeps up what a demo shows over HTTP once it has ended: an
// address is taken before anything else starts, and answers later.
package pages

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// Server answers HTTP for one part of the demo.
type Server struct {
	listener net.Listener
	server   *http.Server
}

// Listen takes the address that a flag asks for. Without one it takes the usual
// address, or any port when that is taken.
func Listen(flag, asked, usual string) (*Server, error) {
	listener, err := listen(asked, usual)
	if err != nil {
		return nil, fmt.Errorf("%s: %w: choose another port, 0 for any", flag, err)
	}
	return &Server{listener, &http.Server{ReadHeaderTimeout: 10 * time.Second}}, nil
}

func listen(asked, usual string) (net.Listener, error) {
	if asked != "" {
		return net.Listen("tcp", asked)
	}
	l, err := net.Listen("tcp", usual)
	if err != nil {
		return net.Listen("tcp", "127.0.0.1:0")
	}
	return l, nil
}

// Address is where the server answers, host:port.
func (s *Server) Address() string { return s.listener.Addr().String() }

// URL is the beginning of the server's URLs.
func (s *Server) URL() string { return "http://" + s.Address() }

// Serve answers with handler from now on, until Close. It returns at once.
func (s *Server) Serve(logger *slog.Logger, handler http.Handler) {
	s.server.Handler = handler
	go func() {
		if err := s.server.Serve(s.listener); !errors.Is(err, http.ErrServerClosed) {
			logger.Warn("serve HTTP", "address", s.URL(), "error", err)
		}
	}()
}

// Close frees the address, whether Serve was called or not.
func (s *Server) Close() {
	_ = s.server.Close()   // first, so that Serve knows that the end is meant
	_ = s.listener.Close() // closed already if it was served
}
