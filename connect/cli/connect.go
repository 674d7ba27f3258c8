package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/spf13/cobra"
	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/herder/standalone"
	"github.com/suiro/suiro/connect/metrics"
	"github.com/suiro/suiro/connect/plan"
	"github.com/suiro/suiro/connect/rest"
	"github.com/suiro/suiro/internal/buildinfo"
	"github.com/suiro/suiro/internal/flags"
	"github.com/suiro/suiro/internal/httpserve"
	"github.com/suiro/suiro/internal/logs"
	"golang.org/x/sync/errgroup"
)

// connectFlags are the flags of suiro connect.
type connectFlags struct {
	config    string
	logLevel  string
	logFormat string
}

func newConnectCommand(plugins connect.Plugins) *cobra.Command {
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
				return UsageError{errors.New("--config is needed: the worker's properties file")}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			logger, err := logs.New(cmd.ErrOrStderr(), f.logLevel, f.logFormat)
			if err != nil {
				return UsageError{err}
			}
			return runConnect(cmd.Context(), plugins, f.config, args, logger)
		},
	}
	cmd.Flags().StringVar(&f.config, "config", "", "worker properties file")
	cmd.Flags().StringVar(&f.logLevel, "log-level", "info", logs.Levels)
	cmd.Flags().StringVar(&f.logFormat, "log-format", "text", logs.Formats)
	return cmd
}

// runConnect runs a worker until ctx is done. Everything that can be wrong with
// files and addresses is found before anything is started.
func runConnect(ctx context.Context, plugins connect.Plugins, workerFile string, connectorFiles []string,
	logger *slog.Logger) error {
	cfg, err := readWorker(workerFile)
	if err != nil {
		return UsageError{err}
	}
	files, err := readConnectors(connectorFiles)
	if err != nil {
		return UsageError{err}
	}
	servers, err := listen(workerFile, cfg.Listeners)
	if err != nil {
		return err
	}
	options := &standalone.Options{Logger: logger, Version: buildinfo.Version(), Commit: buildinfo.Revision()}
	if len(servers) > 0 {
		options.WorkerID = servers[0].Addr()
	}
	h, err := standalone.New(cfg, plugins, options)
	if err != nil {
		return err
	}
	connectors, err := prepare(h, files)
	if err != nil {
		return UsageError{err}
	}
	group, ctx := errgroup.WithContext(ctx)
	for _, s := range servers {
		group.Go(func() error { return s.Run(ctx, pages(h)) })
		logger.Info("rest api listens", "address", "http://"+s.Addr())
	}
	group.Go(func() error { return work(ctx, h, connectors) })
	return group.Wait()
}

func readWorker(file string) (*plan.Worker, error) {
	props, err := flags.ReadProperties(file)
	if err != nil {
		return nil, err
	}
	cfg, err := plan.ParseConfig(props)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return cfg, nil
}

// listen opens the addresses of the REST API.
func listen(workerFile string, addresses []string) ([]*httpserve.Server, error) {
	var servers []*httpserve.Server
	for _, address := range addresses {
		u, err := url.Parse(address)
		if err != nil || u.Scheme != "http" || u.Port() == "" {
			return nil, UsageError{fmt.Errorf("%s: listeners: %s is not http://host:port", workerFile, address)}
		}
		s, err := httpserve.Open("listeners", u.Host)
		if err != nil {
			return nil, err
		}
		servers = append(servers, s)
	}
	return servers, nil
}

// prepare checks the connectors of all files and reports every one that is
// wrong.
func prepare(h *standalone.Herder, files []connectorFile) ([]*standalone.Prepared, error) {
	var out []*standalone.Prepared
	var errs []error
	for _, f := range files {
		p, err := h.Prepare(f.CreateConnectorRequest)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", f.file, err))
			continue
		}
		out = append(out, p)
	}
	return out, errors.Join(errs...)
}

// pages are what the worker answers over HTTP. A [http.ServeMux] would redirect
// paths that the REST API answers with 404.
func pages(h *standalone.Herder) http.Handler {
	api, numbers := rest.New(h, nil), metrics.Handler(h)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/metrics" && (r.Method == http.MethodGet || r.Method == http.MethodHead) {
			numbers.ServeHTTP(w, r)
			return
		}
		api.ServeHTTP(w, r)
	})
}

// startTimeout bounds the start of the worker, and of each connector.
const startTimeout = time.Minute

// work starts the connectors and stops them when ctx is done.
func work(ctx context.Context, h *standalone.Herder, connectors []*standalone.Prepared) (err error) {
	if err := within(ctx, h.Start); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.Stop(context.WithoutCancel(ctx))) }()
	for _, c := range connectors {
		start := func(ctx context.Context) error {
			_, _, err := c.Start(ctx)
			return err
		}
		if err := within(ctx, start); err != nil {
			return err
		}
	}
	<-ctx.Done()
	return nil
}

func within(ctx context.Context, start func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	return start(ctx)
}
