package app

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/suiro/suiro/stores"
	"github.com/suiro/suiro/stores/kinds"
	"github.com/suiro/suiro/streams/internal/global"
	"github.com/suiro/suiro/streams/internal/task"
	"github.com/suiro/suiro/streams/query"
	"github.com/suiro/suiro/streams/topology"
)

// storeIndex knows which tasks run in this process, for queries.
type storeIndex struct {
	app *App
	mu  sync.RWMutex
	db  stores.DB
	// whole are the global stores, nil when there are none.
	whole *global.Stores
	// tasks are those that have recovered.
	tasks map[topology.TaskID]*task.Task
	sizes map[string]int64 // of stores on disk, as of sized; it does not change
	sized time.Time
}

func (x *storeIndex) open(db stores.DB) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.db, x.tasks = db, map[topology.TaskID]*task.Task{}
}

func (x *storeIndex) close() {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.db, x.tasks, x.whole = nil, nil, nil
}

// globals adds the global stores.
func (x *storeIndex) globals(s *global.Stores) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.whole = s
}

// global returns the reader of a global store, nil when there is none of the name.
func (x *storeIndex) global(name string) *kinds.KeyValueReader {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return x.whole.Reader(name)
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

// expired calls each with the changelogs of the tasks, and up to where their records have
// expired.
func (x *storeIndex) expired(each func(topic string, partition int32, below int64)) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	for _, t := range x.tasks {
		t.Expired(each)
	}
}

// Partition is one partition of a store, as far as it is committed.
type Partition = query.Partition

// Store returns the partitions of the named store that this instance has, in order; a
// global store is whole, and so one partition. They show only committed state, so what a
// query has seen is never taken back. Other partitions are on other instances. Store may be
// called from any goroutine while the app runs, and the readers are valid for as long. The
// error says that no such store exists, or that the app is not running.
func (a *App) Store(name string) ([]Partition, error) {
	sub, store, ok := find(a.topology, name)
	if !ok {
		return nil, fmt.Errorf("query store %q: the topology has no store of this name", name)
	}
	x := &a.stores
	x.mu.RLock()
	defer x.mu.RUnlock()
	if x.db == nil {
		return nil, fmt.Errorf("query store %q: the app is not running", name)
	}
	if whole := x.whole.Reader(name); whole != nil {
		return []Partition{query.Whole(store, whole)}, nil
	}
	var out []Partition
	for id := range x.tasks {
		if id.Subtopology == sub {
			out = append(out, query.New(x.db, store, id.Partition))
		}
	}
	slices.SortFunc(out, func(a, b Partition) int { return int(a.Partition - b.Partition) })
	return out, nil
}

// find returns the store with a name and the number of its subtopology.
func find(t *topology.Topology, name string) (sub int, store topology.Store, ok bool) {
	for _, s := range t.Subtopologies() {
		for _, store := range s.Stores {
			if store.Name == name {
				return s.ID, store, true
			}
		}
		if s.Global != nil && s.Global.Store().Name == name {
			return s.ID, s.Global.Store(), true
		}
	}
	return 0, store, false
}
