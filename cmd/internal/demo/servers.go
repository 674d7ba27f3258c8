package demo

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/suiro/suiro/connect/metrics"
	"github.com/suiro/suiro/connect/rest"
)

// server answers HTTP for a part of the demo.
type server struct {
	listener net.Listener
	server   *http.Server
}

func (s *server) url() string { return "http://" + s.listener.Addr().String() }

// servers are those that Serve keeps up; empty without.
type servers []*server

// The servers, in the order of servers.
const (
	statsServer = iota
	restServer
)

// listenAll opens the ports, so that one that is taken is an error before
// anything is started.
func listenAll(o *Options) (servers, error) {
	var all servers
	for _, l := range []struct{ flag, address, usual string }{
		{"--http-listen", o.HTTPListen, DefaultHTTP},
		{"--rest-listen", o.RESTListen, DefaultREST},
	} {
		listener, err := listen(l.address, l.usual)
		if err != nil {
			all.close()
			return nil, fmt.Errorf("%s: %w: choose another port, 0 for any", l.flag, err)
		}
		all = append(all, &server{listener, &http.Server{ReadHeaderTimeout: 10 * time.Second}})
	}
	return all, nil
}

// listen takes the usual address, or any port when that is taken and no other
// was asked for.
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

// serve answers from now on, each server with its handler.
func (all servers) serve(logger *slog.Logger, handlers ...http.Handler) {
	for i, s := range all {
		s.server.Handler = handlers[i]
		go func() {
			if err := s.server.Serve(s.listener); !errors.Is(err, http.ErrServerClosed) {
				logger.Warn("serve HTTP", "address", s.url(), "error", err)
			}
		}()
	}
}

func (all servers) close() {
	for _, s := range all {
		_ = s.server.Close()   // first, so that Serve knows it was meant
		_ = s.listener.Close() // closed already when it was served
	}
}

// workerPages are what the worker answers over HTTP.
func workerPages(w *worker) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", rest.New(w.Herder, nil))
	mux.Handle("/metrics", metrics.Handler(w.Herder))
	return mux
}
