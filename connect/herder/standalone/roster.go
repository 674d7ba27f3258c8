package standalone

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/suiro/suiro/connect/herder"
	"github.com/suiro/suiro/connect/herder/api"
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
	restarts sync.WaitGroup // of failed connectors

	// Taken in this order: changing, one of names, mu.
	changing   sync.RWMutex // held for reading while a connector changes, for writing by Stop
	names      locks        // each is held while its connector changes
	mu         sync.Mutex   // guards connectors
	connectors map[string]*entry

	used usedTopics
}

// change takes what a connector's change needs; it waits for another change of
// the same connector.
func (r *roster) change(name string) (unlock func(), err error) {
	r.changing.RLock()
	if !r.running.Load() {
		r.changing.RUnlock()
		return nil, herder.Errorf(herder.ErrStarting, "worker is not running: connector %s was not changed", name)
	}
	free := r.names.lock(name)
	return func() {
		free()
		r.changing.RUnlock()
	}, nil
}

// start runs a connector if it is meant to run, and makes it known. A connector
// that cannot be started keeps the reason.
func (r *roster) start(ctx context.Context, e *entry) {
	log := r.log.With("connector", e.plan.Name)
	if e.target == api.InitialRunning {
		e.failure = r.run(ctx, e)
	}
	switch {
	case e.failure != nil:
		log.Error("connector failed", "error", e.plan.HideText(e.failure.Error()))
	case e.running == nil:
		log.Info("connector is not started", "initial_state", string(e.target))
	default:
		log.Info("connector started", e.running.About(len(e.tasks))...)
	}
	r.mu.Lock()
	r.connectors[e.plan.Name] = e
	r.mu.Unlock()
}

// run starts the connector of an entry and its tasks, or nothing.
func (r *roster) run(ctx context.Context, e *entry) (err error) {
	if e.running, err = r.worker.StartConnector(ctx, e.plan, nil); err != nil {
		return err
	}
	configs, err := e.running.TaskConfigs()
	for id := 0; id < len(configs) && err == nil; id++ {
		var t *worker.Task
		if t, err = r.worker.StartTask(e.plan, id, configs[id], nil); err == nil {
			e.tasks = append(e.tasks, t)
		}
	}
	if err == nil {
		return nil
	}
	err = errors.Join(err, r.worker.StopTasks(ctx, e.tasks), e.running.Stop(ctx))
	e.running, e.tasks = nil, nil
	return err
}

// restart starts a failed connector again as a failed task is: with pauses that
// double, until it runs, is changed, or cannot work with its configuration.
func (r *roster) restart(e *entry) {
	pause := backoff.Backoff{First: e.plan.Restarts.Delay, Max: e.plan.Restarts.DelayMax}
	for try := 0; e.restarts() && (e.plan.Restarts.Max < 0 || try < e.plan.Restarts.Max); try++ {
		if backoff.Sleep(r.life, pause.Next()) != nil {
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
	next := &entry{plan: compiled, target: e.target, starts: e.starts + 1}
	if err := e.plan.Close(); err != nil {
		r.log.Warn("close what was made of the configuration", "connector", e.plan.Name, "error", err)
	}
	r.start(r.life, next)
	return next, nil
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
	err := e.plan.Close() // what still runs has a use of its own
	if e.running == nil {
		return err
	}
	defer r.used.keep(e)
	began := time.Now()
	err = errors.Join(r.worker.StopTasks(ctx, e.tasks), r.stopConnector(ctx, e.running), err)
	n := e.counts()
	written := "written"
	if e.plan.Type == plan.Sink {
		written = "put" // it may still be on its way, or be read again
	}
	r.log.Info("connector stopped", "connector", e.plan.Name, "why", why,
		"took", time.Since(began).Round(time.Millisecond), "read", n.Read, written, n.Written, "rejected", n.Rejected)
	return err
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
