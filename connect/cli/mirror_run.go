package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/cli/internal/mirrormaker"
	"github.com/suiro/suiro/connect/herder"
	"github.com/suiro/suiro/connect/herder/api"
	"github.com/suiro/suiro/connect/herder/distributed"
	"github.com/suiro/suiro/connect/metrics"
	"github.com/suiro/suiro/connect/plan"
	"github.com/suiro/suiro/connect/rest"
	"github.com/suiro/suiro/internal/buildinfo"
	"github.com/suiro/suiro/internal/kafka"
	"github.com/suiro/suiro/internal/memory"
)

// mirrors are the flows of a file that nothing is wrong with.
type mirrors struct {
	*mirrormaker.Setup
	plugins connect.Plugins
}

// run runs all flows until ctx is done. A target that is away when the process starts is waited for by
// its flows alone.
func (m mirrors) run(ctx context.Context, logger *slog.Logger) error {
	m.Memory.LimitRuntime()
	defer memory.LetHeapGrow(m.Memory.Of(memory.Heap))()
	first := m.Flows[0].Worker // the REST API is one for all
	servers, _, err := listen(first, logger)
	if err != nil {
		return err
	}
	var running []*mirrored
	for _, f := range m.Flows {
		r, err := m.mirrored(f, advertised(first, servers), logger)
		if err != nil {
			return err
		}
		running = append(running, r)
	}
	group, ctx := errgroup.WithContext(ctx)
	// The pages answer until all flows have stopped.
	answering, stopped := context.WithCancel(context.WithoutCancel(ctx))
	locked := first.Lock.Handler(m.pages(first, running), nil)
	for _, s := range servers {
		group.Go(func() error { return s.Run(answering, locked) })
		logger.Info("health and metrics are shown", "address", s.URL())
	}
	group.Go(func() error {
		defer stopped()
		flows, ctx := errgroup.WithContext(ctx)
		for _, r := range running {
			flows.Go(func() error { return r.run(ctx) })
		}
		return flows.Wait()
	})
	return group.Wait()
}

// mirrored is a flow that runs.
type mirrored struct {
	*mirrormaker.Flow
	herder  *distributed.Herder
	plugins connect.Plugins
	shares  bool // processes ask each other
	log     *slog.Logger
}

// path is where the flow is in the REST API, as in MirrorMaker 2.
func path(f *mirrormaker.Flow) string {
	return "/" + url.PathEscape(f.Source) + "/" + url.PathEscape(f.Target)
}

// leaderOf asks the leader of a flow, whose REST API has the flow's path.
type leaderOf struct {
	*rest.Leader
	path string
}

// PutTasks implements [distributed.Leader].
func (l leaderOf) PutTasks(ctx context.Context, at, connector string, tasks []map[string]string) error {
	return l.Leader.PutTasks(ctx, strings.TrimSuffix(at, "/")+l.path, connector, tasks)
}

// Fence implements [distributed.Leader].
func (l leaderOf) Fence(ctx context.Context, at, connector string) error {
	return l.Leader.Fence(ctx, strings.TrimSuffix(at, "/")+l.path, connector)
}

// mirrored makes what runs a flow. address is where the process listens.
func (m mirrors) mirrored(f *mirrormaker.Flow, address string, logger *slog.Logger) (*mirrored, error) {
	o := &distributed.Options{Logger: logger.With("flow", f.String()), WorkerID: address,
		Version: buildinfo.Version(), Commit: buildinfo.Revision()}
	if m.InternalREST {
		o.Leader = func(sign func(http.Header, []byte) error) distributed.Leader {
			return leaderOf{rest.NewLeader(rest.NewClient(f.Worker.HTTPS.Client), sign), path(f)}
		}
	}
	h, err := distributed.New(f.Worker, m.plugins, o)
	if err != nil {
		return nil, fmt.Errorf("flow %s: %w", f, err)
	}
	return &mirrored{f, h, m.plugins, m.InternalREST, o.Logger}, nil
}

// await waits until the target answers: a data centre that is cut off does not end the flows to
// others. The error is what is wrong with the configuration, or that of ctx.
func (m *mirrored) await(ctx context.Context) error {
	opts, err := m.Worker.Admin.Options()
	if err != nil {
		return err
	}
	var told time.Time
	return kafka.Outlast(ctx, math.MaxInt64, func() error {
		err := kafka.Check(ctx, opts...)
		if err != nil && kafka.IsAway(err) && time.Since(told) > time.Minute && ctx.Err() == nil {
			m.log.Warn("the target of the flow cannot be reached, trying again", "error", err)
			told = time.Now()
		}
		return err
	})
}

// run starts the worker, gives it the connectors, and stops it when ctx is done.
func (m *mirrored) run(ctx context.Context) error {
	if err := m.await(ctx); err != nil {
		if err = unlessStopped(ctx, err); err != nil {
			err = fmt.Errorf("flow %s: connect to kafka: %w", m, err)
		}
		return err
	}
	defer func() {
		if err := m.herder.Stop(context.WithoutCancel(ctx)); err != nil {
			m.log.Warn("the worker of the flow stopped with an error", "error", err)
		}
	}()
	if err := within(ctx, m.herder.Start); err != nil {
		if err = unlessStopped(ctx, err); err != nil {
			err = fmt.Errorf("flow %s: %w", m, err)
		}
		return err
	}
	look := time.NewTicker(2 * time.Second) // at who leads, and what the connectors are
	defer look.Stop()
	told := false
	for given := map[string]bool{}; ; {
		select {
		case <-ctx.Done():
			return nil
		case <-look.C:
		}
		err := m.configure(ctx, given)
		var elsewhere *herder.NotLeaderError
		switch {
		case errors.As(err, &elsewhere):
			if !m.shares && !told && elsewhere.URL != "" {
				told = true
				m.log.Warn("another process leads the flow, and connectors of this one get no tasks: set "+
					mirrormaker.InternalREST+"=true, and listeners that the others reach", "leader", elsewhere.URL)
			}
		case err != nil && ctx.Err() == nil:
			m.log.Warn("the connectors of the flow cannot be configured, which is tried again", "error", err)
		}
	}
}

// configure gives the group the connectors as the file has them. Only the leader can, others get a
// [herder.NotLeaderError] when something is to be changed. given are those that this process has
// configured: what is secret cannot be compared, and is given once.
func (m *mirrored) configure(ctx context.Context, given map[string]bool) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	wanted := map[string]bool{}
	for _, c := range m.Connectors {
		wanted[c.Name] = true
		is, err := m.herder.Connector(ctx, c.Name)
		if same := err == nil && maps.Equal(is.Config, c.Shown); same && (given[c.Name] || maps.Equal(c.Config, c.Shown)) {
			continue
		}
		if _, _, err := m.herder.Put(ctx, c.Name, c.Config, ""); err != nil {
			delete(given, c.Name)
			return err
		}
		given[c.Name] = true
		m.log.Info("connector configured", "connector", c.Name)
	}
	if _, err := m.herder.Connector(ctx, mirrormaker.Checkpoints); err == nil && !wanted[mirrormaker.Checkpoints] {
		return m.herder.Delete(ctx, mirrormaker.Checkpoints) // the file has switched it off
	}
	return nil
}

// pages are what the process answers over HTTP: health and metrics of all flows, and below the path of
// each what can be read of it and what processes ask each other.
func (m mirrors) pages(first *plan.Worker, running []*mirrored) http.Handler {
	collected := make([]metrics.Part, len(running))
	parts := map[string]http.Handler{}
	for i, r := range running {
		collected[i] = metrics.Part{Labels: map[string]string{"flow": r.String()}, Worker: r.herder}
		parts[path(r.Flow)] = r.pages(first)
	}
	ownAPI := rest.New(health{running[0].herder, running}, nil)
	own := pages(ownAPI, metrics.HandlerOf(collected, certificates(first)))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch p := strings.SplitN(r.URL.EscapedPath(), "/", 4); {
		case r.URL.Path == "/health", r.URL.Path == "/ready", r.URL.Path == "/metrics", r.URL.Path == "/":
			own.ServeHTTP(w, r)
		case len(p) >= 3 && parts["/"+p[1]+"/"+p[2]] != nil:
			http.StripPrefix("/"+p[1]+"/"+p[2], parts["/"+p[1]+"/"+p[2]]).ServeHTTP(w, r)
		default:
			http.NotFound(w, r)
		}
	})
}

// pages are those of a flow.
func (m *mirrored) pages(first *plan.Worker) http.Handler {
	all := rest.New(m.herder, &rest.Options{Client: rest.NewClient(first.HTTPS.Client)})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked := r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/tasks") ||
			r.Method == http.MethodPut && strings.HasSuffix(r.URL.Path, "/fence")
		switch {
		case r.Method == http.MethodGet || r.Method == http.MethodHead:
		case asked && m.shares:
			r = r.Clone(r.Context()) // whoever is not the leader says so, and the other one asks again
			r.URL.RawQuery = "forward=false"
		default:
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "connectors are as the file of the mirror has them: change that, and start the mirror again",
				http.StatusMethodNotAllowed)
			return
		}
		all.ServeHTTP(w, r)
	})
}

// health is a herder that answers for all flows.
type health struct {
	*distributed.Herder
	running []*mirrored
}

// Health is that of the flow that is worst off, with what has failed in all.
func (h health) Health() api.HealthStatus {
	out := h.running[0].herder.Health()
	worse := map[string]int{api.Healthy: 0, api.Starting: 1, api.Unhealthy: 2}
	for _, r := range h.running[1:] {
		is := r.herder.Health()
		if worse[is.Status] > worse[out.Status] {
			out.Status, out.Message = is.Status, is.Message
		}
		if !is.Brokers.Reachable && out.Brokers.Reachable {
			out.Brokers = is.Brokers
		}
		out.FailedConnectors = append(out.FailedConnectors, is.FailedConnectors...)
		out.FailedTasks = append(out.FailedTasks, is.FailedTasks...)
	}
	return out
}

// Ready says that all flows are.
func (h health) Ready() api.Readiness {
	out := api.Readiness{Ready: true, Reasons: []string{}}
	for _, r := range h.running {
		is := r.herder.Ready()
		out.Ready = out.Ready && is.Ready
		for _, why := range is.Reasons {
			out.Reasons = append(out.Reasons, r.String()+": "+why)
		}
	}
	return out
}
