package standalone

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/herder"
	"github.com/suiro/suiro/connect/herder/api"
	"github.com/suiro/suiro/connect/herder/internal/address"
	"github.com/suiro/suiro/connect/herder/internal/catalog"
	"github.com/suiro/suiro/connect/herder/internal/loggers"
	"github.com/suiro/suiro/connect/plan"
	"github.com/suiro/suiro/connect/worker"
	"github.com/suiro/suiro/internal/backoff"
	"github.com/suiro/suiro/internal/buildinfo"
)

// Options are what Go code passes to a herder; nil is fine.
type Options struct {
	// Logger takes the log. Default: nothing is logged.
	Logger *slog.Logger
	// WorkerID is host:port where the REST API of this worker listens, which is
	// shown as the place where tasks run: with the name of this host when it listens
	// on all addresses, and with rest.advertised.host.name and rest.advertised.port
	// when they are set. Default: the first of listeners.
	WorkerID string
	// Version is the version that the REST API shows. Default: that of the build.
	Version string
	// Commit is the revision that the REST API shows. Default: that of the build.
	Commit string
}

// These are embedded under names of their own, so that [Herder] shows their methods
// alone.
type (
	levels    = loggers.Levels
	catalogue = catalog.Catalog
)

var _ herder.Herder = (*Herder)(nil)

// Herder runs connectors in this process. It is safe for concurrent use.
type Herder struct {
	*catalogue
	*levels
	worker  *worker.Worker
	cfg     *plan.Worker
	options Options
	log     *slog.Logger

	warnings []string // about the worker's keys

	running  atomic.Bool     // between Start and Stop
	began    time.Time       // when Start ended
	life     context.Context // ends with Stop
	stop     context.CancelFunc
	restarts sync.WaitGroup // of failed connectors

	// Taken in this order: changing, one of names, mu.
	changing   sync.RWMutex // held for reading while a connector changes, for writing by Stop
	names      locks        // each is held while its connector changes
	mu         sync.Mutex   // guards connectors
	connectors map[string]*entry

	used    usedTopics
	pending pending
}

// New returns a herder that has not been started. The error names plugins that
// [connect.Plugins.Check] refuses, or is about the worker's converters, as
// [plan.CheckConverters] finds them.
func New(cfg *plan.Worker, plugins connect.Plugins, o *Options) (*Herder, error) {
	if err := plugins.Check(); err != nil {
		return nil, fmt.Errorf("plugins of the worker: %w", err)
	}
	warnings, errs := plan.CheckConverters(cfg, plugins)
	if err := errs.OrNil(); err != nil {
		return nil, err
	}
	h := &Herder{cfg: cfg, warnings: append(slices.Clone(cfg.Warnings), warnings...),
		connectors: map[string]*entry{}, options: withDefaults(cfg, o)}
	h.life, h.stop = context.WithCancel(context.Background())
	h.levels = loggers.New(h.options.Logger)
	h.log = h.levels.Logger("herder")
	h.worker = worker.New(cfg, plugins, &worker.Options{Logger: h.levels.Logger("worker")})
	h.catalogue = catalog.New(h.worker, cfg)
	return h, nil
}

func withDefaults(cfg *plan.Worker, o *Options) Options {
	var out Options
	if o != nil {
		out = *o
	}
	if out.Logger == nil {
		out.Logger = slog.New(slog.DiscardHandler)
	}
	out.WorkerID = address.Of(cfg, out.WorkerID)
	if out.Version == "" {
		out.Version = buildinfo.Version()
	}
	if out.Commit == "" {
		out.Commit = buildinfo.Revision()
	}
	return out
}

// Start connects to Kafka. ctx bounds the start only.
func (h *Herder) Start(ctx context.Context) error {
	for _, warning := range h.warnings {
		h.log.Warn(warning)
	}
	if err := h.worker.Start(ctx); err != nil {
		return err
	}
	h.running.Store(true)
	h.began = time.Now()
	h.log.Info("worker started", h.worker.About("version", h.options.Version, "worker_id", h.options.WorkerID,
		"connectors", strings.Join(h.pending.names(), ","))...)
	return nil
}

// Prepare checks a connector and makes what its configuration names; the herder
// need not be started. An error that is [herder.ErrInvalid] lists everything that
// is wrong.
func (h *Herder) Prepare(r api.CreateConnectorRequest) (*Prepared, error) {
	if given, ok := r.Config["name"]; ok && given != r.Name {
		return nil, herder.Errorf(herder.ErrInvalid,
			"Connector name configuration (%s) doesn't match connector name in the URL (%s)", given, r.Name)
	}
	config := map[string]string{"name": r.Name}
	maps.Copy(config, r.Config)
	if old := h.find(r.Name); old != nil {
		config = old.plan.Restore(config)
	}
	compiled, err := h.Compile(config)
	var invalid *herder.InvalidConfigError
	if errors.As(err, &invalid) && !h.running.Load() {
		invalid.Class = ""
	}
	if err != nil {
		return nil, err
	}
	h.pending.add(r.Name)
	return &Prepared{herder: h, plan: compiled, initial: r.InitialState}, nil
}

// Put implements [herder.Connectors].
func (h *Herder) Put(ctx context.Context, name string, config map[string]string, initial api.InitialState) (
	info api.ConnectorInfo, created bool, err error) {
	p, err := h.Prepare(api.CreateConnectorRequest{Name: name, Config: config, InitialState: initial})
	if err != nil {
		return info, false, err
	}
	return p.Start(ctx)
}

// change takes what a connector's change needs; it waits for another change of
// the same connector.
func (h *Herder) change(name string) (unlock func(), err error) {
	h.changing.RLock()
	if !h.running.Load() {
		h.changing.RUnlock()
		return nil, herder.Errorf(herder.ErrStarting, "worker is not running: connector %s was not changed", name)
	}
	free := h.names.lock(name)
	return func() {
		free()
		h.changing.RUnlock()
	}, nil
}

// start runs a connector if it is meant to run, and makes it known. A connector
// that cannot be started keeps the reason.
func (h *Herder) start(ctx context.Context, e *entry) {
	log := h.log.With("connector", e.plan.Name)
	if e.target == api.InitialRunning {
		e.failure = h.run(ctx, e)
	}
	switch {
	case e.failure != nil:
		log.Error("connector failed", "error", e.plan.HideText(e.failure.Error()))
	case e.running == nil:
		log.Info("connector is not started", "initial_state", string(e.target))
	default:
		log.Info("connector started", e.running.About(len(e.tasks))...)
	}
	h.mu.Lock()
	h.connectors[e.plan.Name] = e
	h.mu.Unlock()
}

// run starts the connector of an entry and its tasks, or nothing.
func (h *Herder) run(ctx context.Context, e *entry) (err error) {
	if e.running, err = h.worker.StartConnector(ctx, e.plan, nil); err != nil {
		return err
	}
	configs, err := e.running.TaskConfigs()
	for id := 0; id < len(configs) && err == nil; id++ {
		var t *worker.Task
		if t, err = h.worker.StartTask(e.plan, id, configs[id], nil); err == nil {
			e.tasks = append(e.tasks, t)
		}
	}
	if err == nil {
		return nil
	}
	err = errors.Join(err, h.worker.StopTasks(ctx, e.tasks), e.running.Stop(ctx))
	e.running, e.tasks = nil, nil
	return err
}

// restart starts a failed connector again as a failed task is: with pauses that
// double, until it runs, is changed, or cannot work with its configuration.
func (h *Herder) restart(e *entry) {
	pause := backoff.Backoff{First: e.plan.Restarts.Delay, Max: e.plan.Restarts.DelayMax}
	for try := 0; e.restarts() && (e.plan.Restarts.Max < 0 || try < e.plan.Restarts.Max); try++ {
		if backoff.Sleep(h.life, pause.Next()) != nil {
			return
		}
		next, err := h.again(e)
		if next == nil || err != nil {
			return // it was changed, or the herder stops
		}
		e = next
	}
}

// again starts a connector that failed, unless it has changed since.
func (h *Herder) again(e *entry) (*entry, error) {
	unlock, err := h.change(e.plan.Name)
	if err != nil {
		return nil, err
	}
	defer unlock()
	if h.find(e.plan.Name) != e {
		return nil, nil
	}
	compiled, err := h.Compile(e.plan.Props)
	if err != nil {
		return nil, err
	}
	next := &entry{plan: compiled, target: e.target, starts: e.starts + 1}
	if err := e.plan.Close(); err != nil {
		h.log.Warn("close what was made of the configuration", "connector", e.plan.Name, "error", err)
	}
	h.start(h.life, next)
	return next, nil
}

// Delete implements [herder.Connectors].
func (h *Herder) Delete(ctx context.Context, name string) error {
	unlock, err := h.change(name)
	if err != nil {
		return err
	}
	defer unlock()
	e := h.find(name)
	if e == nil {
		return missing(name)
	}
	err = h.halt(ctx, e, "it is deleted")
	h.used.forget(name, nil)
	return err
}

// Stop stops all connectors and disconnects. Each task finishes what it began
// within task.shutdown.graceful.timeout.ms.
func (h *Herder) Stop(ctx context.Context) error {
	started, asked := h.running.Swap(false), time.Now()
	h.stop()
	h.waitForChanges()
	h.restarts.Wait()
	h.mu.Lock()
	entries := slices.Collect(maps.Values(h.connectors))
	h.mu.Unlock()
	if started {
		h.log.Info("worker stops", "connectors", len(entries))
	}
	errs := make([]error, len(entries))
	var all sync.WaitGroup
	for i, e := range entries {
		all.Go(func() { errs[i] = h.halt(ctx, e, "the worker stops") })
	}
	all.Wait()
	err := errors.Join(append(errs, h.worker.Close())...)
	if started {
		h.log.Info("worker stopped", "ran", asked.Sub(h.began).Round(time.Millisecond),
			"took", time.Since(asked).Round(time.Millisecond))
	}
	return err
}

// waitForChanges waits for the changes under way. Later ones see that the herder
// stops.
func (h *Herder) waitForChanges() {
	h.changing.Lock()
	defer h.changing.Unlock()
}

// halt stops a connector and its tasks, and forgets it.
func (h *Herder) halt(ctx context.Context, e *entry, why string) error {
	h.mu.Lock()
	delete(h.connectors, e.plan.Name)
	h.mu.Unlock()
	err := e.plan.Close() // what still runs has a use of its own
	if e.running == nil {
		return err
	}
	defer h.used.keep(e)
	began := time.Now()
	err = errors.Join(h.worker.StopTasks(ctx, e.tasks), h.stopConnector(ctx, e.running), err)
	n := e.counts()
	written := "written"
	if e.plan.Type == plan.Sink {
		written = "put" // it may still be on its way, or be read again
	}
	h.log.Info("connector stopped", "connector", e.plan.Name, "why", why,
		"took", time.Since(began).Round(time.Millisecond), "read", n.Read, written, n.Written, "rejected", n.Rejected)
	return err
}

// stopConnector stops a connector whose tasks have ended.
func (h *Herder) stopConnector(ctx context.Context, c *worker.Connector) error {
	ctx, cancel := context.WithTimeout(ctx, h.worker.GracefulTimeout())
	defer cancel()
	return c.Stop(ctx)
}

func (h *Herder) find(name string) *entry {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.connectors[name]
}
