package standalone

import (
	"slices"
	"sync"
)

// usedTopics remembers which topics connectors had used before they were given
// another configuration; those used since are known to the tasks. The zero value
// is ready.
type usedTopics struct {
	mu     sync.Mutex          // guards before
	before map[string][]string // by connector
}

// keep remembers the topics of a connector that is about to stop.
func (u *usedTopics) keep(e *entry) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.before == nil {
		u.before = map[string][]string{}
	}
	all := append(u.before[e.plan.Name], e.topics()...)
	slices.Sort(all)
	u.before[e.plan.Name] = slices.Compact(all)
}

// of returns all topics of a connector, sorted; e may be nil.
func (u *usedTopics) of(name string, e *entry) []string {
	u.mu.Lock()
	defer u.mu.Unlock()
	all := append([]string{}, u.before[name]...)
	all = append(all, e.topics()...)
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
