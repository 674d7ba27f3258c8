package pebble

import (
	"sync"

	"github.com/cockroachdb/pebble/v2"
)

// merges lets the database merge tables, one merge at a time as by default, and none before
// [merges.Begin]. To open a database, Pebble waits for merges that have begun, and one may take
// as long as there are keys: an app that was killed while tables waited for a merge would stand
// still for all of that time.
type merges struct {
	db    pebble.DBForCompaction
	calls sync.WaitGroup // of db.Schedule

	mu      sync.Mutex // guards the fields below; db's locks are taken before it
	open    bool       // whether merges may begin
	running bool
	refused bool // there was one that could not begin since the database was last asked for one
}

// Begin lets merges begin.
func (m *merges) Begin() {
	m.mu.Lock()
	m.open = true
	m.mu.Unlock()
	m.next()
}

// Register implements [pebble.CompactionScheduler].
func (m *merges) Register(_ int, db pebble.DBForCompaction) { m.db = db }

// Unregister implements [pebble.CompactionScheduler].
func (m *merges) Unregister() {
	m.mu.Lock()
	m.open = false
	m.mu.Unlock()
	m.calls.Wait()
}

// TrySchedule implements [pebble.CompactionScheduler]. Pebble remembers a merge that cannot begin,
// and holds its own lock until it does.
func (m *merges) TrySchedule() (bool, pebble.CompactionGrantHandle) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.open || m.running {
		m.refused = true
		return false, nil
	}
	m.running = true
	return true, m
}

// UpdateGetAllowedWithoutPermission implements [pebble.CompactionScheduler]. The number of merges
// that may run does not change.
func (m *merges) UpdateGetAllowedWithoutPermission() {}

// next begins the merge that waits, if there is one.
func (m *merges) next() {
	for m.enter() {
		accepted := m.db.Schedule(m)
		m.calls.Done()
		if accepted {
			return
		}
		m.mu.Lock()
		m.running = false
		again := m.refused
		m.mu.Unlock()
		if !again {
			return
		}
	}
}

// enter reports whether a merge may begin, and keeps others from doing so.
func (m *merges) enter() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.open || m.running {
		return false
	}
	m.running, m.refused = true, false
	m.calls.Add(1)
	return true
}

// Done implements [pebble.CompactionGrantHandle].
func (m *merges) Done() {
	m.mu.Lock()
	m.running = false
	m.mu.Unlock()
	m.next()
}

// Started implements [pebble.CompactionGrantHandle].
func (m *merges) Started() {}

// MeasureCPU implements [pebble.CompactionGrantHandle].
func (m *merges) MeasureCPU(pebble.CompactionGoroutineKind) {}

// CumulativeStats implements [pebble.CompactionGrantHandle].
func (m *merges) CumulativeStats(pebble.CompactionGrantHandleStats) {}
