package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/access"
	"github.com/suiro/suiro/connect/cli/internal/check"
	"github.com/suiro/suiro/connect/cli/internal/command"
	"github.com/suiro/suiro/connect/herder"
	"github.com/suiro/suiro/connect/herder/distributed"
	"github.com/suiro/suiro/connect/herder/standalone"
	"github.com/suiro/suiro/connect/metrics"
	"github.com/suiro/suiro/connect/rest"
	"github.com/suiro/suiro/internal/buildinfo"
	"github.com/suiro/suiro/internal/configfiles"
	"github.com/suiro/suiro/internal/httpserve"
	"github.com/suiro/suiro/internal/memory"
)

// process is a worker that its files have nothing wrong with.
type process struct {
	*check.Setup
	plugins connect.Plugins
}

// run runs the worker until ctx is done. Everything that can be wrong with addresses
// is found before anything is started.
func (s process) run(ctx context.Context, logger *slog.Logger) error {
	s.Worker.Memory.LimitRuntime()
	defer memory.LetHeapGrow(s.Worker.Memory.Of(memory.Heap))()
	servers, admin, err := listen(s.Worker, logger)
	if err != nil {
		return err
	}
	h, connectors, err := s.herder(advertised(s.Worker, servers), logger)
	if err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	// The API answers until the worker has stopped, as /health and /ready say that too.
	answering, stopped := context.WithCancel(context.WithoutCancel(ctx))
	signing, _ := h.(access.Signing) // of a cluster
	serve := func(servers []*httpserve.Server, pages http.Handler) {
		locked := s.Worker.Lock.Handler(pages, signing)
		for _, s := range servers {
			group.Go(func() error { return s.Run(answering, locked) })
			logger.Info("rest api listens", "address", s.URL())
		}
	}
	part := rest.Whole
	if s.Worker.AdminApart {
		part = rest.WithoutAdmin
	}
	peers := rest.NewClient(s.Worker.HTTPS.Client)
	api := rest.New(h, &rest.Options{Part: part, Client: peers})
	serve(servers, pages(api, metrics.Handler(h, certificates(s.Worker))))
	serve(admin, rest.New(h, &rest.Options{Part: rest.AdminAlone, Client: peers}))
	group.Go(func() error {
		defer stopped()
		return work(ctx, h, connectors)
	})
	return group.Wait()
}

// runner is a herder of either mode.
type runner interface {
	herder.Herder
	metrics.Worker
	Start(ctx context.Context) error
	Stop(ctx context.Context) error
}

// herder makes the herder of the mode that the files ask for, and prepares the
// connectors of a standalone one. address is where the REST API listens.
func (s process) herder(address string, logger *slog.Logger) (runner, []*standalone.Prepared, error) {
	version, commit := buildinfo.Version(), buildinfo.Revision()
	if s.Worker.Distributed != nil {
		h, err := distributed.New(s.Worker, s.plugins, &distributed.Options{Logger: logger, WorkerID: address,
			Version: version, Commit: commit, Leader: func(sign func(http.Header, []byte) error) distributed.Leader {
				return rest.NewLeader(rest.NewClient(s.Worker.HTTPS.Client), sign)
			}})
		return h, nil, err
	}
	h, err := standalone.New(s.Worker, s.plugins, &standalone.Options{Logger: logger, WorkerID: address,
		Version: version, Commit: commit})
	if err != nil {
		return nil, nil, err
	}
	connectors, err := prepare(h, s.Connectors)
	if err != nil {
		return nil, nil, command.Usage(err)
	}
	kept, err := h.Kept()
	if err != nil {
		return nil, nil, command.Usage(errors.Join(err, h.Stop(context.Background())))
	}
	return h, append(connectors, kept...), nil
}

// prepare checks the connectors of all files and reports every one that is
// wrong.
func prepare(h *standalone.Herder, list []configfiles.Connector) ([]*standalone.Prepared, error) {
	var out []*standalone.Prepared
	var errs []error
	for _, f := range list {
		p, err := h.Prepare(f.CreateConnectorRequest)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", f.Path, err))
			continue
		}
		out = append(out, p)
	}
	return out, errors.Join(errs...)
}

// pages are what the worker answers over HTTP. A [http.ServeMux] would redirect
// paths that the REST API answers with 404.
func pages(api, metrics http.Handler) http.Handler {
	const scrapes = 4 // at a time, as each collects all series
	numbers := httpserve.Few(scrapes, metrics)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path != "/metrics":
			api.ServeHTTP(w, r)
		case r.Method != http.MethodGet && r.Method != http.MethodHead:
			w.Header().Set("Allow", "GET, HEAD")
			w.WriteHeader(http.StatusMethodNotAllowed)
		default:
			numbers.ServeHTTP(w, r)
		}
	})
}

// startTimeout bounds the start of the worker, and of each connector.
const startTimeout = time.Minute

// work starts the connectors and stops them when ctx is done.
func work(ctx context.Context, h runner, connectors []*standalone.Prepared) (err error) {
	if err := within(ctx, h.Start); err != nil {
		return unlessStopped(ctx, err)
	}
	defer func() { err = errors.Join(err, h.Stop(context.WithoutCancel(ctx))) }()
	for _, c := range connectors {
		start := func(ctx context.Context) error {
			_, _, err := c.Start(ctx)
			return err
		}
		if err := within(ctx, start); err != nil {
			return unlessStopped(ctx, err)
		}
	}
	<-ctx.Done()
	return nil
}

// unlessStopped is the error of a start, or nil when the worker was told to stop before it
// had started, which is no failure.
func unlessStopped(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}

func within(ctx context.Context, start func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	return start(ctx)
}
