package demo

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sort"
	"time"

	"github.com/suiro/suiro/connect/metrics"
	"github.com/suiro/suiro/connect/rest"
	serverstats "github.com/suiro/suiro/examples/server-stats/app"
)

// server answers HTTP for a part of the demo.
type server struct {
	listener net.Listener
	server   *http.Server
}

func (s *server) url() string { return "http://" + s.listener.Addr().String() }

// The servers, in the order of demo.servers.
const (
	statsServer = iota
	restServer
)

// listen opens the ports that Serve needs, so that one that is taken is an
// error before anything is started.
func (d *demo) listen() error {
	if !d.o.Serve {
		return nil
	}
	for _, l := range []struct{ flag, address, usual string }{
		{"--http-listen", d.o.HTTPListen, DefaultHTTP},
		{"--rest-listen", d.o.RESTListen, DefaultREST},
	} {
		listener, err := listen(l.address, l.usual)
		if err != nil {
			return fmt.Errorf("%s: %w: choose another port, 0 for any", l.flag, err)
		}
		s := &server{listener, &http.Server{ReadHeaderTimeout: 10 * time.Second}}
		d.servers = append(d.servers, s)
		d.closing(func() { _ = listener.Close() }) // closed already when it was served
		d.closing(func() { _ = s.server.Close() }) // first, so that Serve knows it was meant
	}
	return nil
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

// serveNow answers from now on.
func (d *demo) serveNow() error {
	if !d.o.Serve {
		return nil
	}
	for i, h := range []http.Handler{d.apps[stageStats].pages, workerPages(d.worker)} {
		s := d.servers[i]
		s.server.Handler = h
		go func() {
			if err := s.server.Serve(s.listener); !errors.Is(err, http.ErrServerClosed) {
				d.log.Warn("serve HTTP", "address", s.url(), "error", err)
			}
		}()
	}
	return nil
}

// workerPages are what the worker answers over HTTP.
func workerPages(w *worker) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", rest.New(w.Herder, nil))
	mux.Handle("/metrics", metrics.Handler(w.Herder))
	return mux
}

// serve keeps everything up until ctx is done, if that was asked for.
func (d *demo) serve(ctx context.Context) error {
	if !d.o.Serve {
		return nil
	}
	d.screen.println("\n  Everything is up until Ctrl-C.")
	for {
		if err := d.stageFailure(); err != nil {
			return err
		}
		if pause(ctx, time.Second) != nil {
			return nil
		}
	}
}

// showWhatToTry shows some of what came out and where the rest is.
func (d *demo) showWhatToTry() {
	d.screen.println()
	d.showBusiest()
	d.screen.println("  Look into")
	d.screen.println("    " + d.storedAt())
	if d.o.HiveServer != "" {
		d.screen.printf("    scripts/services/hive.sh sql 'SELECT status, count(*) FROM %s GROUP BY status'", d.names.table())
	}
	if d.o.Elasticsearch != "" {
		d.screen.printf("    curl '%s/%s/_search?q=status:404&size=1&pretty'", d.o.Elasticsearch, d.names.index)
	}
	if !d.o.Serve {
		target := "demo"
		if d.o.external() {
			target = "demo-full"
		}
		d.screen.printf("  Ask server-stats over HTTP: add --serve (make %s ARGS=--serve), then curl http://%s/stats and /metrics",
			target, DefaultHTTP)
		return
	}
	stats, worker := d.servers[statsServer].url(), d.servers[restServer].url()
	d.screen.printf("    curl '%s/stats?server=%s'", stats, d.aServer())
	d.screen.printf("    curl %s/metrics", stats)
	d.screen.printf("    curl '%s/connectors?expand=status'", worker)
}

// stats asks the store; without an answer there is nothing to show.
func (d *demo) stats() []serverstats.Stats {
	all, err := serverstats.Query(d.apps[stageStats].app, serverstats.All())
	if err != nil {
		return nil
	}
	sort.SliceStable(all, func(i, j int) bool { return all[i].Requests > all[j].Requests })
	return all
}

func (d *demo) aServer() string {
	if all := d.stats(); len(all) > 0 {
		return all[0].Server
	}
	return ""
}

// showBusiest shows the minutes with most requests.
func (d *demo) showBusiest() {
	all := d.stats()
	if len(all) == 0 {
		return
	}
	d.screen.println("  Busiest minutes, from the store of server-stats")
	for _, s := range all[:min(3, len(all))] {
		line := fmt.Sprintf("    %s  %-22s %s requests", s.Minute, s.Server, pad(number(s.Requests), 7))
		if s.P50 != nil {
			line += fmt.Sprintf(", response time p50 %.3f s, p99 %.3f s", *s.P50, *s.P99)
		}
		d.screen.println(line)
	}
	d.screen.println()
}
