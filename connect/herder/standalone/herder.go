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
	"time"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/backing/connectors"
	"github.com/suiro/suiro/connect/herder"
	"github.com/suiro/suiro/connect/herder/api"
	"github.com/suiro/suiro/connect/herder/internal/address"
	"github.com/suiro/suiro/connect/herder/internal/catalog"
	"github.com/suiro/suiro/connect/herder/internal/loggers"
	"github.com/suiro/suiro/connect/herder/internal/offsets"
	"github.com/suiro/suiro/connect/herder/internal/renewal"
	"github.com/suiro/suiro/connect/plan"
	"github.com/suiro/suiro/connect/worker"
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
	*roster
	*lifecycle
	*positions
	cfg     *plan.Worker
	options Options

	warnings []string  // about the worker's keys
	began    time.Time // when Start ended
	pending  pending
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
	h := &Herder{cfg: cfg, warnings: append(slices.Clone(cfg.Warnings), warnings...), options: withDefaults(cfg, o)}
	h.levels = loggers.New(h.options.Logger)
	w := worker.New(cfg, plugins, &worker.Options{Logger: h.levels.Logger("worker")})
	h.catalogue = catalog.New(w, cfg)
	h.roster = &roster{worker: w, log: h.levels.Logger("herder"), compile: h.Compile, connectors: map[string]*entry{}}
	h.positions = &positions{roster: h.roster, kept: offsets.New(w)}
	h.lifecycle = &lifecycle{roster: h.roster, status: h.status}
	h.renewals = renewal.New(h.renew)
	h.life, h.stop = context.WithCancel(context.Background())
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
	if err := h.openFile(); err != nil {
		return err
	}
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
// is wrong. Initial offsets are for [Herder.Create] alone.
func (h *Herder) Prepare(r api.CreateConnectorRequest) (*Prepared, error) {
	if r.InitialOffsets != nil {
		return nil, herder.Errorf(herder.ErrInvalid, "initial_offsets of connector %s would be set again at each start of "+
			"the worker: remove them here, and create the connector once with POST /connectors", r.Name)
	}
	p, err := h.prepare(r)
	if err == nil {
		p.kept = false
	}
	return p, err
}

func (h *Herder) prepare(r api.CreateConnectorRequest) (*Prepared, error) {
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
	return &Prepared{herder: h, plan: compiled, initial: r.InitialState, kept: true}, nil
}

// Kept prepares the connectors that the worker was given over its REST API before it was
// last stopped, as config.storage.file.filename has them, without those of a name that
// is prepared already. It is called before Start, by whoever starts them behind it; Stop
// is called also when there is no Start.
func (h *Herder) Kept() (out []*Prepared, err error) {
	if err := h.openFile(); err != nil || h.file == nil {
		return nil, err
	}
	var errs []error
	for _, r := range h.file.All() {
		if slices.Contains(h.pending.names(), r.Name) {
			h.log.Warn("connector of config.storage.file.filename is not started: another of its name was given",
				"connector", r.Name)
			continue
		}
		p, err := h.prepare(r)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: connector %s: %w", h.cfg.ConnectorFile, r.Name, err))
			continue
		}
		out = append(out, p)
	}
	return out, errors.Join(errs...)
}

// openFile opens what keeps connectors, once.
func (h *Herder) openFile() (err error) {
	if h.cfg.ConnectorFile != "" && h.file == nil {
		h.file, err = connectors.Open(h.cfg.ConnectorFile)
	}
	return err
}

// Create implements [herder.Connectors].
func (h *Herder) Create(ctx context.Context, r api.CreateConnectorRequest) (info api.ConnectorInfo, err error) {
	p, err := h.prepare(r)
	if err != nil {
		return info, err
	}
	unlock, err := h.change(r.Name)
	if err != nil {
		return info, errors.Join(err, p.Close())
	}
	defer unlock()
	if h.find(r.Name) != nil {
		return info, errors.Join(herder.Errorf(herder.ErrExists, "Connector %s already exists", r.Name), p.Close())
	}
	var kept api.Message
	if r.InitialOffsets != nil {
		if kept, err = h.kept.Replace(ctx, p.plan, r.InitialOffsets); err != nil {
			return info, errors.Join(err, p.Close())
		}
	}
	info, err = p.replace(ctx, nil)
	info.OffsetsStatus = kept.Message
	return info, err
}

// Patch implements [herder.Connectors].
func (h *Herder) Patch(ctx context.Context, name string, patch map[string]*string) (info api.ConnectorInfo, err error) {
	unlock, err := h.change(name)
	if err != nil {
		return info, err
	}
	defer unlock()
	old := h.find(name)
	if old == nil {
		return info, missing(name)
	}
	config := maps.Clone(old.plan.Props)
	for key, value := range patch {
		if value == nil {
			delete(config, key)
		} else {
			config[key] = *value
		}
	}
	p, err := h.prepare(api.CreateConnectorRequest{Name: name, Config: config})
	if err != nil {
		return info, err
	}
	return p.replace(ctx, old)
}

// Put implements [herder.Connectors].
func (h *Herder) Put(ctx context.Context, name string, config map[string]string, initial api.InitialState) (
	info api.ConnectorInfo, created bool, err error) {
	p, err := h.prepare(api.CreateConnectorRequest{Name: name, Config: config, InitialState: initial})
	if err != nil {
		return info, false, err
	}
	return p.Start(ctx)
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
	if h.file != nil && e.kept {
		if err := h.file.Remove(name); err != nil {
			return err
		}
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
	if h.file != nil {
		err = errors.Join(err, h.file.Close())
	}
	if started {
		h.log.Info("worker stopped", "ran", asked.Sub(h.began).Round(time.Millisecond),
			"took", time.Since(asked).Round(time.Millisecond))
	}
	return err
}
