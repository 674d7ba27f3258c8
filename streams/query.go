package streams

import (
	"fmt"
	"slices"
	"sync"

	"github.com/suiro/suiro/stores"
	"github.com/suiro/suiro/streams/internal/task"
	"github.com/suiro/suiro/streams/topology"
)

// storeIndex knows which tasks run here, for queries.
type storeIndex struct {
	app *App
	mu  sync.RWMutex
	db  stores.DB
	// tasks are those that have recovered.
	tasks map[topology.TaskID]*task.Task
}

func (x *storeIndex) open(db stores.DB) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.db, x.tasks = db, map[topology.TaskID]*task.Task{}
}

func (x *storeIndex) close() {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.db, x.tasks = nil, nil
}

// follow adds a task when it is ready and removes it when it stops.
func (x *storeIndex) follow(t *task.Task) {
	go func() {
		select {
		case <-t.Ready():
		case <-t.Stopped():
			return
		}
		x.set(t, true)
		<-t.Stopped()
		x.set(t, false)
	}()
}

func (x *storeIndex) set(t *task.Task, running bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	switch {
	case x.tasks == nil:
	case running:
		x.tasks[t.ID] = t
	case x.tasks[t.ID] == t:
		delete(x.tasks, t.ID)
	}
}

// Partition is the part of a store that one local task holds.
type Partition struct {
	// Partition is the task's partition.
	Partition int32
	// Reader reads what is committed.
	*stores.Reader
}

// Store returns the parts of the named store that are on this instance, by
// partition: only committed state, so that what a query has seen is never
// taken back. Other parts are on other instances. It may be called from any
// goroutine while the app runs; the readers are valid as long as it does. The
// error says that no such store exists, or that the app does not run.
func (a *App) Store(name string) ([]Partition, error) {
	sub := slices.IndexFunc(a.topology.Subtopologies(), func(s topology.Subtopology) bool {
		return slices.Contains(s.Stores, name)
	})
	if sub < 0 {
		return nil, fmt.Errorf("query store %q: the topology has no store of this name", name)
	}
	x := &a.stores
	x.mu.RLock()
	defer x.mu.RUnlock()
	if x.db == nil {
		return nil, fmt.Errorf("query store %q: the app is not running", name)
	}
	var out []Partition
	for id := range x.tasks {
		if id.Subtopology == sub {
			r := stores.Committed(x.db, stores.TaskPrefix(id.String()), name)
			out = append(out, Partition{Partition: id.Partition, Reader: r})
		}
	}
	slices.SortFunc(out, func(a, b Partition) int { return int(a.Partition - b.Partition) })
	return out, nil
}
