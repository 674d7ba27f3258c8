package standalone

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"sync"
	"sync/atomic"
	"time"

	"github.com/suiro/suiro/connect/backing/connectors"
	"github.com/suiro/suiro/connect/herder"
	"github.com/suiro/suiro/connect/herder/api"
	"github.com/suiro/suiro/connect/herder/internal/renewal"
	"github.com/suiro/suiro/connect/plan"
	"github.com/suiro/suiro/connect/worker"
	"github.com/suiro/suiro/internal/backoff"
)

// roster is what runs: the connectors that the herder knows, each of which changes in
// one place at a time. It is safe for concurrent use.
type roster struct {
	worker  *worker.Worker
	log     *slog.Logger
	compile func(map[string]string) (*plan.Connector, error)

	running  atomic.Bool     // between the herder's Start and Stop
	life     context.Context // ends with Stop
	stop     context.CancelFunc
	restarts sync.WaitGroup           // of failed connectors
	renewals *renewal.Watcher[string] // by connector

	// Taken in this order: changing, one of names, mu.
	changing   sync.RWMutex // held for reading while a connector changes, for writing by Stop
	names      locks        // each is held while its connector changes
	mu         sync.Mutex   // guards connectors
	connectors map[string]*entry

	used usedTopics
	file *connectors.Store // of connectors that are kept, nil for none; open from the start to Stop
}

// change takes what a connector's change needs; it waits for another change of
// the same connector.
func (r *roster) change(name string) (unlock func(), err error) {
	unuse, err := r.use()
	if err != nil {
		return nil, herder.Errorf(herder.ErrStarting, "%v: connector %s was not changed", err, name)
	}
	free := r.names.lock(name)
	return func() {
		free()
		unuse()
	}, nil
}

// use keeps the worker open until the answer is called.
func (r *roster) use() (unuse func(), err error) {
	r.changing.RLock()
	if !r.running.Load() {
		r.changing.RUnlock()
		return nil, herder.Errorf(herder.ErrStarting, "worker is not running")
	}
	return r.changing.RUnlock, nil
}

// start runs a connector and makes it known. One that cannot be started keeps the
// reason; then the answer is false.
func (r *roster) start(ctx context.Context, e *entry) bool {
	log := r.log.With("connector", e.plan.Name)
	if e.failure = r.run(ctx, e); e.failure != nil {
		log.Error("connector failed", "error", e.plan.HideText(e.failure.Error()))
	} else {
		log.Info("connector started", e.running.About(len(e.tasks))...)
	}
	r.keep(e)
	return e.failure == nil
}

// remember keeps a connector over a restart of the worker, if it is one of those. It
// comes before the change that it is about.
func (r *roster) remember(e *entry) error {
	if r.file == nil || !e.kept {
		return nil
	}
	return r.file.Put(api.CreateConnectorRequest{Name: e.plan.Name, Config: e.plan.Props, InitialState: e.target})
}

// keep makes a connector known, in place of what it was before.
func (r *roster) keep(e *entry) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.connectors[e.plan.Name] = e
}

// launch starts a connector, and goes on trying when it could not be started for a
// reason that may pass.
func (r *roster) launch(ctx context.Context, e *entry) {
	if !r.start(ctx, e) {
		r.restarts.Go(func() { r.restart(e) })
	}
}

// run starts the connector of an entry and the tasks that it plans, paused when that is
// the target. Tasks that the entry has go on when their configurations stay the same.
func (r *roster) run(ctx context.Context, e *entry) (err error) {
	r.renewals.Watch(e.plan.Name, e.plan)
	e.running, err = r.worker.StartConnector(ctx, e.plan, &worker.ConnectorOptions{Replan: r.replanner(e.plan.Name)})
	if err != nil {
		return err
	}
	if e.target == api.InitialPaused {
		e.running.Pause()
	}
	if err = r.plan(ctx, e); err != nil {
		err = errors.Join(err, r.stopConnector(ctx, e.running))
		e.running = nil
	}
	return err
}

// plan asks the connector for its tasks. Tasks that are gone or changed are stopped
// before any is started, because what one gives up another may get.
func (r *roster) plan(ctx context.Context, e *entry) error {
	configs, err := e.running.TaskConfigs()
	if err != nil {
		return err
	}
	old := e.tasks
	same := func(id int) bool {
		return id < len(old) && id < len(configs) && maps.Equal(old[id].Config, configs[id])
	}
	var gone []*worker.Task
	for id, t := range old {
		if !same(id) {
			gone = append(gone, t)
		}
	}
	r.stopTasks(ctx, e, gone)
	e.tasks = nil
	for id, config := range configs {
		if same(id) {
			e.tasks = append(e.tasks, old[id])
			continue
		}
		t, err := r.worker.StartTask(e.plan, id, config, &worker.TaskOptions{Paused: e.target == api.InitialPaused})
		if err != nil {
			r.stopTasks(ctx, e, append(e.tasks, old[min(id, len(old)):]...))
			e.tasks = nil
			return err
		}
		e.tasks = append(e.tasks, t)
	}
	return nil
}

// stopTasks stops tasks of a connector. Those that do not end in time are left behind.
func (r *roster) stopTasks(ctx context.Context, e *entry, tasks []*worker.Task) {
	if err := r.worker.StopTasks(ctx, tasks); err != nil {
		r.log.Error("tasks did not end in time and are left behind", "connector", e.plan.Name, "error", err)
		e.late = ending(e.late, tasks)
	}
	r.used.keep(e.plan.Name, tasks)
}

// replanner returns what a connector calls for new configurations of its tasks. It asks
// no further time while an answer is due.
func (r *roster) replanner(name string) func() {
	due := &atomic.Bool{}
	return func() {
		if due.CompareAndSwap(false, true) {
			go r.replan(name, due) // Stop waits for it, as it holds the lock of changes
		}
	}
}

func (r *roster) replan(name string, due *atomic.Bool) {
	unlock, err := r.change(name)
	if err != nil {
		return // the herder stops
	}
	defer unlock()
	due.Store(false)
	e := r.find(name)
	if e == nil || e.running == nil {
		return
	}
	next := *e
	if err := r.plan(r.life, &next); err != nil {
		r.log.Error("tasks cannot be planned again", "connector", name, "error", e.plan.HideText(err.Error()))
	}
	r.keep(&next)
	r.log.Info("tasks are planned again", "connector", name, "tasks", len(next.tasks))
}

// restart starts a failed connector again as a failed task is: with pauses that
// double, until it runs, is changed, or cannot work with its configuration.
func (r *roster) restart(e *entry) {
	pause := backoff.Backoff{First: e.plan.Restarts.Delay, Max: e.plan.Restarts.DelayMax}
	for try := 0; e.restarts() && (e.plan.Restarts.Max < 0 || try < e.plan.Restarts.Max); try++ {
		wait := pause.Next()
		if worker.Denied(e.failure) {
			wait = max(wait, e.plan.Restarts.DelayMax)
		}
		if backoff.Sleep(r.life, wait) != nil {
			return
		}
		next, err := r.again(e)
		if next == nil || err != nil {
			return // it was changed, or the herder stops
		}
		e = next
	}
}

// again starts a connector that failed, unless it has changed since.
func (r *roster) again(e *entry) (*entry, error) {
	unlock, err := r.change(e.plan.Name)
	if err != nil {
		return nil, err
	}
	defer unlock()
	if r.find(e.plan.Name) != e {
		return nil, nil
	}
	compiled, err := r.compile(e.plan.Props)
	if err != nil {
		return nil, err
	}
	next := *e
	next.plan, next.starts = compiled, e.starts+1
	r.closePlan(e)
	r.start(r.life, &next)
	return &next, nil
}

// waitForChanges waits for the changes under way. Later ones see that the herder
// stops.
func (r *roster) waitForChanges() {
	r.changing.Lock()
	defer r.changing.Unlock()
}

// halt stops a connector and its tasks, and forgets it.
func (r *roster) halt(ctx context.Context, e *entry, why string) error {
	r.mu.Lock()
	delete(r.connectors, e.plan.Name)
	r.mu.Unlock()
	err := r.quiet(ctx, e, why)
	return errors.Join(err, e.plan.Close()) // what still runs has a use of its own
}

// quiet stops what runs of a connector.
func (r *roster) quiet(ctx context.Context, e *entry, why string) error {
	r.renewals.Forget(e.plan.Name)
	if e.running == nil && len(e.tasks) == 0 {
		return nil
	}
	defer r.used.keep(e.plan.Name, e.tasks)
	began := time.Now()
	err := r.worker.StopTasks(ctx, e.tasks)
	if e.running != nil {
		err = errors.Join(err, r.stopConnector(ctx, e.running))
	}
	n := e.counts()
	written := "written"
	if e.plan.Type == plan.Sink {
		written = "put" // it may still be on its way, or be read again
	}
	r.log.Info("connector stopped", "connector", e.plan.Name, "why", why,
		"took", time.Since(began).Round(time.Millisecond), "read", n.Read, written, n.Written, "rejected", n.Rejected)
	return err
}

// closePlan ends the entry's use of its plan.
func (r *roster) closePlan(e *entry) {
	if err := e.plan.Close(); err != nil {
		r.log.Warn("close what was made of the configuration", "connector", e.plan.Name, "error", err)
	}
}

// stopConnector stops a connector whose tasks have ended.
func (r *roster) stopConnector(ctx context.Context, c *worker.Connector) error {
	ctx, cancel := context.WithTimeout(ctx, r.worker.GracefulTimeout())
	defer cancel()
	return c.Stop(ctx)
}

func (r *roster) find(name string) *entry {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.connectors[name]
}
