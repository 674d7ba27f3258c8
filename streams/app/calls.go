package app

import (
	"context"
	"fmt"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/suiro/suiro/internal/buildinfo"
	"github.com/suiro/suiro/streams/internal/crew"
	"github.com/suiro/suiro/streams/internal/health"
	"github.com/suiro/suiro/streams/internal/reset"
	"github.com/suiro/suiro/streams/internal/thread"
	"github.com/suiro/suiro/streams/query"
)

// State returns what the app is doing. Any goroutine may call it at any time.
func (a *App) State() State { return a.life.Now().State }

// Partition is one partition of a store, as far as it is committed.
type Partition = query.Partition

// Store returns the partitions of the named store that this instance has, in order; a
// global store is whole, and so one partition. They show only committed state, so what a
// query has seen is never taken back. Other partitions are on other instances. Store may be
// called from any goroutine while the app runs, and the readers are valid for as long. The
// error says that no such store exists, or that the app is not running.
func (a *App) Store(name string) ([]Partition, error) { return a.stores.Query(name) }

// Metrics returns the app's metrics.
func (a *App) Metrics() *prometheus.Registry { return a.registry }

// Handler answers these paths. A program with pages of its own mounts it together
// with them.
//
//	GET /health    whether a restart could help: 200 healthy, 503 starting, 500 unhealthy
//	GET /ready     whether the app does its work now: 200 or 503, with the reasons
//	GET /metrics   metrics in the Prometheus text format
//	GET /topology  the topology as text
//
// The app is starting until it has joined its group for the first time. After that it
// is unhealthy only when it has ended, or when a thread has been stuck for
// max.poll.interval.ms although brokers could be reached. Brokers that are away,
// rebalances and state that is restored are shown, but they do not make it unhealthy:
// a restart would not help. They make it not ready, and so does [App.Pause]. An instance for which
// the group has no partitions is ready, because it takes over when another one goes.
func (a *App) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(a.registry, promhttp.HandlerOpts{}))
	mux.HandleFunc("GET /topology", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, a.topology) })
	p := &health.Probe{
		ApplicationID: a.id, Version: buildinfo.Version(), Life: a.life, Brokers: a.brokers, Paused: a.Paused,
		Patience: a.props.Millis("max.poll.interval.ms"),
	}
	p.Handle(mux)
	return mux
}

// ErrStoppedByGroup ends an app because another instance has failed, and its handler of
// uncaught errors has told all to stop.
var ErrStoppedByGroup = crew.ErrStopped

// AddThread starts one more stream thread, in addition to num.stream.threads, and returns
// its name: a member of the group, with a producer of its own. The group then gives it
// tasks of others. Any goroutine may call it while the app runs; before and after that it is
// an error.
func (a *App) AddThread() (name string, err error) {
	if name, err = a.crew.Add(); err != nil {
		return "", fmt.Errorf("add a stream thread to %s: %w", a.id, err)
	}
	return name, nil
}

// RemoveThread ends the stream thread that was added last, and returns its name once it has
// committed what it had in process, and has left the group, which gives its tasks to others.
// Without any thread the app runs on and processes nothing. Any goroutine may call it while
// the app runs, but none that the thread waits for, such as a function of the topology. The
// error says that there is no thread, or that ctx was done before: the thread ends all the
// same.
func (a *App) RemoveThread(ctx context.Context) (name string, err error) {
	if name, err = a.crew.Remove(ctx); err != nil {
		return name, fmt.Errorf("remove a stream thread of %s: %w", a.id, err)
	}
	return name, nil
}

// Pause makes the app process nothing until [App.Resume]. It stays a member of its group, and
// its state RUNNING: tasks come and go, and restore their state. What is in process is
// committed. Any goroutine may call it, also before Run.
func (a *App) Pause() {
	a.paused.Store(true)
	a.life.Each((*thread.Thread).Wake)
}

// Resume makes a paused app go on. Any goroutine may call it at any time.
func (a *App) Resume() {
	a.paused.Store(false)
	a.life.Each((*thread.Thread).Wake)
}

// Paused reports whether the app is paused.
func (a *App) Paused() bool { return a.paused.Load() }

// Reset sets the app back, so that it begins again when it is run next: it moves the
// offsets of the input topics, deletes repartition topics and changelogs, and deletes
// the stores of this instance. The other instances have to do the same before they run,
// as their stores do not fit the new changelogs. Output topics stay as they are. It may
// be called from any goroutine while no instance of the app runs: the error says which
// members the group still has, or that another process uses the state folder.
func (a *App) Reset(ctx context.Context, o *ResetOptions) (*ResetReport, error) {
	if o == nil {
		o = &ResetOptions{}
	}
	inputs, internal := a.topics.Reset()
	here := reset.Instance{Check: a.check, Client: a.client, StateDir: a.props.StateDir()}
	r, state, err := here.Run(ctx, reset.Options{Group: a.id, Inputs: inputs, Internal: append(internal, o.Topics...),
		To: o.To, Force: o.Force, DryRun: o.DryRun})
	if r == nil {
		return nil, err
	}
	return &ResetReport{Report: *r, State: state}, err
}
