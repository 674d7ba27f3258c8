package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"time"

	"github.com/spf13/cobra"
	"github.com/suiro/suiro/cmd/suiro/builtin"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/herder/standalone"
	"github.com/suiro/suiro/connect/metrics"
	"github.com/suiro/suiro/connect/plan"
	"github.com/suiro/suiro/connect/rest"
	"golang.org/x/sync/errgroup"
)

// connectFlags are the flags of suiro connect.
type connectFlags struct {
	config   string
	logLevel string
}

func newConnectCommand() *cobra.Command {
	var f connectFlags
	cmd := &cobra.Command{
		Use:   "connect --config worker.properties connector.json...",
		Short: "Run connectors in one standalone worker",
		Long: `Run connectors in one standalone worker, until SIGINT or SIGTERM.

The worker's configuration is a Java properties file with Kafka Connect's keys.
A connector's is a JSON file, {"name": ..., "config": {...}} with or without an
initial_state, the answer of GET /connectors/NAME, a flat map with a name, or a
properties file. The REST API listens on the worker's listeners, and Prometheus
finds /metrics there.`,
		Args: func(_ *cobra.Command, args []string) error {
			if f.config == "" {
				return usageError{errors.New("--config is needed: the worker's properties file")}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			logger, err := newLogger(cmd.ErrOrStderr(), f.logLevel)
			if err != nil {
				return err
			}
			return runConnect(cmd.Context(), f.config, args, logger)
		},
	}
	cmd.Flags().StringVar(&f.config, "config", "", "worker properties file")
	cmd.Flags().StringVar(&f.logLevel, "log-level", "info", "debug, info, warn or error")
	return cmd
}

// runConnect runs a worker until ctx is done.
func runConnect(ctx context.Context, workerFile string, connectorFiles []string, logger *slog.Logger) error {
	props, err := readProperties(workerFile)
	if err != nil {
		return usageError{err}
	}
	connectors, err := readConnectors(connectorFiles)
	if err != nil {
		return usageError{err}
	}
	h, listeners, err := prepare(props, workerFile, logger)
	if err != nil {
		return err
	}
	for _, c := range connectors {
		if err := h.Check(c.Config); err != nil {
			return usageError{fmt.Errorf("%s: %w", c.file, err)}
		}
	}
	group, ctx := errgroup.WithContext(ctx)
	for _, l := range listeners {
		serve(ctx, group, l, pages(h))
		logger.Info("rest api listens", "address", "http://"+l.Addr().String())
	}
	group.Go(func() error { return work(ctx, h, connectors) })
	return group.Wait()
}

// prepare makes the herder and opens its listeners, so that a port in use is
// an error before anything is started.
func prepare(props map[string]string, workerFile string, logger *slog.Logger) (*standalone.Herder, []net.Listener, error) {
	cfg, err := plan.ParseConfig(props)
	if err != nil {
		return nil, nil, usageError{fmt.Errorf("%s: %w", workerFile, err)}
	}
	options := &standalone.Options{Logger: logger, Version: version}
	var listeners []net.Listener
	for _, address := range cfg.Listeners {
		u, err := url.Parse(address)
		if err != nil || u.Scheme != "http" || u.Port() == "" {
			return nil, nil, usageError{fmt.Errorf("%s: listeners: %s is not http://host:port", workerFile, address)}
		}
		l, err := net.Listen("tcp", u.Host)
		if err != nil {
			return nil, nil, fmt.Errorf("open the rest api (listeners): %w", err)
		}
		listeners = append(listeners, l)
		options.WorkerID = listeners[0].Addr().String()
	}
	h, err := standalone.New(props, builtin.Plugins(), options)
	return h, listeners, err
}

// pages are what the worker answers over HTTP.
func pages(h *standalone.Herder) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", rest.New(h, nil))
	mux.Handle("/metrics", metrics.Handler(h))
	return mux
}

// serve answers requests until ctx is done.
func serve(ctx context.Context, group *errgroup.Group, l net.Listener, handler http.Handler) {
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	group.Go(func() error {
		if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			return fmt.Errorf("serve the rest api: %w", err)
		}
		return nil
	})
	group.Go(func() error {
		<-ctx.Done()
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		return server.Shutdown(ctx)
	})
}

// work starts the connectors and stops them when ctx is done.
func work(ctx context.Context, h *standalone.Herder, connectors []connectorFile) (err error) {
	start, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	if err := h.Start(start); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.Stop(context.WithoutCancel(ctx))) }()
	for _, c := range connectors {
		if _, _, err := h.Put(start, c.Name, c.Config, c.InitialState); err != nil {
			return fmt.Errorf("%s: %w", c.file, err)
		}
	}
	<-ctx.Done()
	return nil
}

func readProperties(path string) (map[string]string, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	props, err := config.ReadProperties(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return props, nil
}
