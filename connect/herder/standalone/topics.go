package standalone

import (
	"slices"
	"sync"

	"github.com/suiro/suiro/connect/worker"
)

// usedTopics remembers which topics connectors had used before they were given
// another configuration; those used since are known to the tasks. The zero value
// is ready.
type usedTopics struct {
	mu     sync.Mutex          // guards before
	before map[string][]string // by connector
}

// keep remembers the topics of tasks of a connector that have stopped.
func (u *usedTopics) keep(name string, tasks []*worker.Task) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.before == nil {
		u.before = map[string][]string{}
	}
	all := append(u.before[name], topicsOf(tasks)...)
	slices.Sort(all)
	u.before[name] = slices.Compact(all)
}

// of returns all topics of a connector, sorted; e may be nil.
func (u *usedTopics) of(name string, e *entry) []string {
	u.mu.Lock()
	defer u.mu.Unlock()
	all := append([]string{}, u.before[name]...)
	if e != nil {
		all = append(all, topicsOf(e.tasks)...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// forget forgets the topics of a connector.
func (u *usedTopics) forget(name string, e *entry) {
	u.mu.Lock()
	defer u.mu.Unlock()
	delete(u.before, name)
	if e == nil {
		return
	}
	for _, t := range e.tasks {
		t.ResetTopics()
	}
}
