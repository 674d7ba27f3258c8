// Package registry holds the metrics that one life of a task registers.
//
// They come from a plugin, so they are held apart: a name that belongs to the
// worker is refused, a panic at a scrape costs these metrics alone, and all of them
// are forgotten with the life.
package registry

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/suiro/suiro/connect/worker/internal/lives"
)

// reserved are the beginnings of names that a plugin must not use.
var reserved = []string{"kafka_connect_", "go_", "process_", "promhttp_", "suiro_"}

var (
	_ prometheus.Registerer = (*Registry)(nil)
	_ prometheus.Collector  = (*Registry)(nil)
)

// Registry is where a task registers its metrics. It is safe for concurrent use.
type Registry struct {
	class  string
	logger *slog.Logger
	inner  *prometheus.Registry
	labels prometheus.Registerer // inner, with the labels of the task

	mu    sync.Mutex // guards known
	known map[string]*guarded
}

// New returns an empty registry for a task of a connector of the class. All its
// metrics have the labels.
func New(class string, labels prometheus.Labels, logger *slog.Logger) *Registry {
	inner := prometheus.NewRegistry()
	return &Registry{class: class, logger: logger, inner: inner, labels: prometheus.WrapRegistererWith(labels, inner),
		known: map[string]*guarded{}}
}

// Register implements [prometheus.Registerer]. The error names the plugin. One that
// no restart of the task can cure says so to the supervisor.
func (r *Registry) Register(c prometheus.Collector) error {
	id, err := r.identify(c)
	if err != nil {
		return lives.Fatal(fmt.Errorf("register a metric of class %s: %w", r.class, err))
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	g := &guarded{inner: c, logger: r.logger}
	err = r.labels.Register(g)
	var twice prometheus.AlreadyRegisteredError
	switch known := r.known[id]; {
	case err == nil:
		r.known[id] = g
		return nil
	case errors.As(err, &twice) && known != nil:
		return prometheus.AlreadyRegisteredError{ExistingCollector: known.inner, NewCollector: c}
	}
	return lives.Fatal(fmt.Errorf("register a metric of class %s: %w", r.class, err))
}

// MustRegister implements [prometheus.Registerer]. It panics with the error of
// Register.
func (r *Registry) MustRegister(all ...prometheus.Collector) {
	for _, c := range all {
		if err := r.Register(c); err != nil {
			panic(err)
		}
	}
}

// Unregister implements [prometheus.Registerer].
func (r *Registry) Unregister(c prometheus.Collector) bool {
	id, err := r.identify(c)
	if err != nil {
		return false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	g := r.known[id]
	delete(r.known, id)
	return g != nil && r.labels.Unregister(g)
}

// Describe implements [prometheus.Collector]. It describes nothing in advance.
func (r *Registry) Describe(chan<- *prometheus.Desc) {}

// Collect implements [prometheus.Collector].
func (r *Registry) Collect(ch chan<- prometheus.Metric) { r.inner.Collect(ch) }

// identify returns what tells a collector from others, or why a plugin must not
// register it.
func (r *Registry) identify(c prometheus.Collector) (id string, err error) {
	ch := make(chan *prometheus.Desc)
	done := make(chan error, 1)
	go func() {
		defer close(ch)
		done <- lives.Protect(func() error { c.Describe(ch); return nil })
	}()
	var all []string
	for d := range ch {
		all = append(all, d.String())
		if name := nameOf(d); hasReservedName(name) && err == nil {
			err = fmt.Errorf("%s: names that begin with %s are the worker's: give it another name", name,
				strings.Join(reserved, ", "))
		}
	}
	slices.Sort(all)
	return strings.Join(all, "\n"), errors.Join(<-done, err)
}

func hasReservedName(name string) bool {
	return slices.ContainsFunc(reserved, func(prefix string) bool { return strings.HasPrefix(name, prefix) })
}

// nameOf returns the name of a metric, which a description shows in its text
// alone.
func nameOf(d *prometheus.Desc) (name string) {
	_, _ = fmt.Sscanf(d.String(), "Desc{fqName: %q,", &name) // "" for a description that is an error
	return name
}

// guarded is a collector of a plugin whose panics are logged.
type guarded struct {
	inner  prometheus.Collector
	logger *slog.Logger
	once   sync.Once // logs
}

// Describe implements [prometheus.Collector].
func (g *guarded) Describe(ch chan<- *prometheus.Desc) { g.inner.Describe(ch) }

// Collect implements [prometheus.Collector].
func (g *guarded) Collect(ch chan<- prometheus.Metric) {
	if err := lives.Protect(func() error { g.inner.Collect(ch); return nil }); err != nil {
		g.once.Do(func() {
			g.logger.Error("metrics of the task are left out, as collecting them panicked", "error", err)
		})
	}
}
