package crew

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/suiro/suiro/connect/herder"
	"github.com/suiro/suiro/connect/herder/api"
	"github.com/suiro/suiro/connect/worker"
	"github.com/suiro/suiro/internal/backoff"
)

// fencers ask, for exactly-once sources whose tasks wait here, that those before them are
// shut out. That done, the config topic says so, and Apply starts the tasks.
type fencers struct {
	crew    *Crew
	running sync.WaitGroup

	mu     sync.Mutex // guards asking
	asking map[string]context.CancelFunc
}

func newFencers(c *Crew) *fencers { return &fencers{crew: c, asking: map[string]context.CancelFunc{}} }

// want makes fencers ask for the connectors of tasks that wait, and for no other.
func (f *fencers) want(waiting map[string][]api.TaskID) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for name, cancel := range f.asking {
		if waiting[name] == nil {
			cancel()
		}
	}
	for name, tasks := range waiting {
		if f.asking[name] != nil {
			continue
		}
		ctx, cancel := context.WithCancel(context.Background())
		f.asking[name] = cancel
		f.running.Go(func() {
			f.ask(ctx, name, tasks)
			cancel()
			f.mu.Lock()
			delete(f.asking, name)
			f.mu.Unlock()
			f.crew.o.Again() // others may wait by now
		})
	}
}

// ask asks until it succeeds or ctx is done.
func (f *fencers) ask(ctx context.Context, name string, tasks []api.TaskID) {
	pause := backoff.Backoff{First: 250 * time.Millisecond, Max: 30 * time.Second}
	for {
		err := f.crew.o.Fence(ctx, name)
		if err == nil || ctx.Err() != nil {
			return
		}
		f.tell(name, tasks, err)
		if backoff.Sleep(ctx, pause.Next()) != nil {
			return
		}
	}
}

// tell says why tasks do not start.
func (f *fencers) tell(name string, tasks []api.TaskID, err error) {
	log := f.crew.log.With("connector", name)
	var elsewhere *herder.NotLeaderError
	if errors.As(err, &elsewhere) {
		log.Info("the tasks start once the group has a leader, which fences those before them")
		return
	}
	log.Warn("the tasks do not start before those before them are fenced, which is tried again", "error", err)
	for _, id := range tasks {
		f.crew.reports.task(id, "", worker.Status{State: worker.Failed, Trace: err.Error()})
	}
}
