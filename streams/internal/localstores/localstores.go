// Package localstores is the stores that a process has: it opens the DB that they are in, and knows
// of which partitions they are, for queries, metrics, and whoever deletes what has expired.
package localstores

import (
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/suiro/suiro/stores"
	"github.com/suiro/suiro/stores/kinds"
	"github.com/suiro/suiro/stores/pebble"
	"github.com/suiro/suiro/streams/internal/global"
	"github.com/suiro/suiro/streams/internal/inmemory"
	"github.com/suiro/suiro/streams/internal/statedir"
	"github.com/suiro/suiro/streams/internal/task"
	"github.com/suiro/suiro/streams/query"
	"github.com/suiro/suiro/streams/topology"
)

// Options are what Stores work with.
type Options struct {
	// Topology has the stores.
	Topology *topology.Topology
	// CacheBytes is the size of the block cache.
	CacheBytes int64
	// MemoryBytes is what the stores in memory are expected to take.
	MemoryBytes int64
	// SharedBytes is what all tasks may keep in memory of their stores beside the DB.
	SharedBytes int64
	// Logger gets what a person should act on.
	Logger *slog.Logger
}

// Stores are those of a process. Any goroutine may use them.
type Stores struct {
	o        Options
	subs     []topology.Subtopology
	inMemory inmemory.Stores
	shared   *stores.Memory

	mu sync.RWMutex
	db stores.DB
	// whole are the global stores, nil when there are none.
	whole *global.Stores
	// tasks are those that have recovered.
	tasks map[topology.TaskID]*task.Task
	sizes map[string]int64 // of stores on disk, as of sized; it does not change
	sized time.Time
}

// New returns the stores of an app that does not run yet.
func New(o Options) *Stores {
	s := &Stores{o: o, subs: o.Topology.Subtopologies(), shared: stores.NewMemory(o.SharedBytes)}
	s.inMemory.Watch(o.MemoryBytes, o.Logger)
	return s
}

// Shared is what all tasks of the process keep in memory of their stores beside the DB.
func (s *Stores) Shared() *stores.Memory { return s.shared }

// OpenDB opens the DB of the process, nil when the topology has no stores. The caller closes it.
func (s *Stores) OpenDB(dir *statedir.Dir) (stores.DB, error) {
	var all []topology.Store
	for _, sub := range s.subs {
		all = append(all, sub.Stores...)
		if sub.Global != nil {
			all = append(all, sub.Global.Store())
		}
	}
	if len(all) == 0 {
		return nil, nil
	}
	if err := dir.Adopt(all); err != nil {
		return nil, err
	}
	db, err := pebble.Open(dir.Stores(), &pebble.Options{CacheBytes: s.o.CacheBytes, Logger: s.o.Logger})
	if err != nil {
		return nil, err
	}
	return s.inMemory.Over(db, all)
}

// Begin makes queries of the DB possible until End.
func (s *Stores) Begin(db stores.DB) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.db, s.tasks = db, map[topology.TaskID]*task.Task{}
}

// End forgets the DB, which is about to be closed.
func (s *Stores) End() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.db, s.tasks, s.whole = nil, nil, nil
}

// Reads adds the global stores.
func (s *Stores) Reads(globals *global.Stores) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.whole = globals
}

// Global returns the reader of a global store, nil when there is none of the name.
func (s *Stores) Global(name string) *kinds.KeyValueReader {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.whole.Reader(name)
}

// Follow adds a task when it is ready and removes it when it stops.
func (s *Stores) Follow(t *task.Task) {
	go func() {
		select {
		case <-t.Ready():
		case <-t.Stopped():
			return
		}
		s.set(t, true)
		<-t.Stopped()
		s.set(t, false)
	}()
}

func (s *Stores) set(t *task.Task, running bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.tasks == nil:
	case running:
		s.tasks[t.ID] = t
	case s.tasks[t.ID] == t:
		delete(s.tasks, t.ID)
	}
}

// Expired calls each with the changelogs of the tasks, and up to where their records have
// expired.
func (s *Stores) Expired(each func(topic string, partition int32, below int64)) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, t := range s.tasks {
		t.Expired(each)
	}
}

// Query returns the partitions of a store that the process has, in order; a global store is
// whole, and so one partition.
func (s *Stores) Query(name string) ([]query.Partition, error) {
	sub, store, ok := s.find(name)
	if !ok {
		return nil, fmt.Errorf("query store %q: the topology has no store of this name", name)
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.db == nil {
		return nil, fmt.Errorf("query store %q: the app is not running", name)
	}
	if whole := s.whole.Reader(name); whole != nil {
		return []query.Partition{query.Whole(store, whole)}, nil
	}
	var out []query.Partition
	for id := range s.tasks {
		if id.Subtopology == sub {
			out = append(out, query.New(s.db, store, id.Partition))
		}
	}
	slices.SortFunc(out, func(a, b query.Partition) int { return int(a.Partition - b.Partition) })
	return out, nil
}

// find returns the store with a name and the number of its subtopology.
func (s *Stores) find(name string) (id int, store topology.Store, ok bool) {
	for _, sub := range s.subs {
		for _, store := range sub.Stores {
			if store.Name == name {
				return sub.ID, store, true
			}
		}
		if sub.Global != nil && sub.Global.Store().Name == name {
			return sub.ID, sub.Global.Store(), true
		}
	}
	return 0, store, false
}
