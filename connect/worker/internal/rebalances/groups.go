package rebalances

import (
	"log/slog"
	"sync"

	"github.com/suiro/suiro/internal/kafka"
)

// Groups are the logs of the groups that have tasks in this worker. They are safe for
// concurrent use; the zero value is ready.
type Groups struct {
	mu     sync.Mutex // guards groups
	groups map[string]*members
}

// members are the tasks of this worker in one group.
type members struct {
	log *Log
	n   int
}

// Join returns what the tasks of a group share, and what a task calls when it is told
// to stop: the last one that leaves closes it. Calling leave again does nothing.
func (g *Groups) Join(group string, logger *slog.Logger, brokers *kafka.Brokers) (log *Log, leave func()) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.groups == nil {
		g.groups = map[string]*members{}
	}
	m := g.groups[group]
	if m == nil {
		m = &members{log: New(group, logger, brokers)}
		g.groups[group] = m
	}
	m.n++
	return m.log, sync.OnceFunc(func() { g.leave(group, m) })
}

func (g *Groups) leave(group string, m *members) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if m.n--; m.n == 0 {
		m.log.Close()
		delete(g.groups, group)
	}
}
