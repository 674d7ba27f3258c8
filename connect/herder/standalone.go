package herder

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/plan"
	"github.com/suiro/suiro/connect/worker"
)

// Options are what Go code passes to a herder; nil is fine.
type Options struct {
	// Logger takes the log. Default: nothing is logged.
	Logger *slog.Logger
	// WorkerID is shown as the place where tasks run. Default "127.0.0.1:8083".
	WorkerID string
	// Version and Commit are shown by the REST API. Default "unknown".
	Version, Commit string
}

// Standalone runs connectors in this process. It is safe for concurrent use.
type Standalone struct {
	worker  *worker.Worker
	options Options
	started atomic.Bool

	changing sync.Mutex // held while connectors start or stop; taken before mu

	mu         sync.Mutex // guards connectors
	connectors map[string]*entry
}

type entry struct {
	config  map[string]string
	running *worker.Connector
}

// NewStandalone returns a herder that has not been started. The error is a
// [config.Errors] of everything that is wrong with the worker's properties.
func NewStandalone(props map[string]string, plugins connect.Plugins, o *Options) (*Standalone, error) {
	cfg, err := plan.ParseConfig(props)
	if err != nil {
		return nil, err
	}
	h := &Standalone{connectors: map[string]*entry{}}
	if o != nil {
		h.options = *o
	}
	if h.options.Logger == nil {
		h.options.Logger = slog.New(slog.DiscardHandler)
	}
	for field, value := range map[*string]string{
		&h.options.WorkerID: "127.0.0.1:8083", &h.options.Version: "unknown", &h.options.Commit: "unknown"} {
		if *field == "" {
			*field = value
		}
	}
	h.worker = worker.New(cfg, plugins, &worker.Options{Logger: h.options.Logger})
	return h, nil
}

// Start connects to Kafka. ctx bounds the start only.
func (h *Standalone) Start(ctx context.Context) error {
	if err := h.worker.Start(ctx); err != nil {
		return err
	}
	h.started.Store(true)
	return nil
}

// Ready reports whether Start has succeeded and Stop has not begun.
func (h *Standalone) Ready() bool { return h.started.Load() }

// Put starts a connector, or restarts one with another configuration. created
// is true for a new name. When the configuration is wrong nothing changes.
func (h *Standalone) Put(ctx context.Context, name string, config map[string]string) (info Info, created bool, err error) {
	config = maps.Clone(config)
	if given, ok := config["name"]; ok && given != name {
		return Info{}, false, said{fmt.Sprintf(
			"Connector name configuration (%s) doesn't match connector name in the URL (%s)", given, name), ErrInvalid}
	}
	config["name"] = name
	compiled, err := h.compile(config)
	if err != nil {
		return Info{}, false, err
	}
	h.changing.Lock()
	defer h.changing.Unlock()
	old := h.find(name)
	if old != nil {
		if err := h.halt(ctx, old); err != nil {
			return Info{}, false, errors.Join(err, compiled.Close())
		}
	}
	running, err := h.worker.StartConnector(ctx, compiled)
	if err != nil {
		return Info{}, false, err
	}
	h.mu.Lock()
	h.connectors[name] = &entry{config, running}
	h.mu.Unlock()
	h.options.Logger.Info("connector started", "connector", name, "tasks", len(running.Tasks))
	info, err = h.Info(name)
	return info, old == nil, err
}

// Validate returns everything that is wrong with a connector's configuration,
// in one error that is [ErrInvalid].
func (h *Standalone) Validate(config map[string]string) error {
	compiled, err := h.compile(config)
	if err != nil {
		return err
	}
	return compiled.Close()
}

// compile returns a plan that the caller starts or closes.
func (h *Standalone) compile(config map[string]string) (*plan.Connector, error) {
	compiled, errs, err := h.worker.Compile(config)
	switch {
	case err != nil:
		return nil, said{err.Error(), ErrInvalid}
	case len(errs) > 0:
		return nil, invalid(errs)
	}
	return compiled, nil
}

// Delete stops a connector and forgets it. Its offsets stay.
func (h *Standalone) Delete(ctx context.Context, name string) error {
	h.changing.Lock()
	defer h.changing.Unlock()
	e := h.find(name)
	if e == nil {
		return notFound("Connector %s not found", name)
	}
	return h.halt(ctx, e)
}

// Stop stops all connectors and disconnects. Each task finishes what it began
// within task.shutdown.graceful.timeout.ms.
func (h *Standalone) Stop(ctx context.Context) error {
	h.started.Store(false)
	h.changing.Lock()
	defer h.changing.Unlock()
	h.mu.Lock()
	entries := slices.Collect(maps.Values(h.connectors))
	h.mu.Unlock()
	errs := make([]error, len(entries))
	var all sync.WaitGroup
	for i, e := range entries {
		all.Go(func() { errs[i] = h.halt(ctx, e) })
	}
	all.Wait()
	return errors.Join(append(errs, h.worker.Close())...)
}

// halt stops a connector with some patience beyond the graceful time-out,
// which is the tasks' own.
func (h *Standalone) halt(ctx context.Context, e *entry) error {
	ctx, cancel := context.WithTimeout(ctx, h.worker.GracefulTimeout()+5*time.Second)
	defer cancel()
	h.mu.Lock()
	delete(h.connectors, e.running.Plan.Name)
	h.mu.Unlock()
	return e.running.Stop(ctx)
}

func (h *Standalone) find(name string) *entry {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.connectors[name]
}
