package crew

import (
	"context"
	"maps"
	"sync"
	"sync/atomic"
	"time"

	"github.com/suiro/suiro/connect/backing/statuses"
	"github.com/suiro/suiro/connect/herder/api"
	"github.com/suiro/suiro/connect/worker"
	"github.com/suiro/suiro/internal/backoff"
)

// Reports tell all workers what this one runs. They are safe for concurrent use.
type Reports struct {
	statuses   *statuses.Store
	workerID   string
	generation atomic.Int32                // of the group
	has        func(connector string) bool // whether there is such a connector

	mu   sync.Mutex // guards told, and is held while statuses are put, so that they have an order
	told map[api.TaskID]statuses.Status
}

// instance is the task number of a connector itself.
const instance = -1

// NewReports returns reports of the worker that the id names. has says whether there is
// a connector of a name: of one that was removed nothing is told.
func NewReports(s *statuses.Store, workerID string, has func(connector string) bool) *Reports {
	return &Reports{statuses: s, workerID: workerID, has: has, told: map[api.TaskID]statuses.Status{}}
}

// SetGeneration notes the generation of the group, which goes with each report.
func (r *Reports) SetGeneration(g int32) { r.generation.Store(g) }

// connector tells the state of a connector, unless it was removed.
func (r *Reports) connector(name, version string, s worker.Status) {
	r.tell(api.TaskID{Connector: name, Task: instance}, version, s)
}

// task tells the state of a task, unless its connector was removed.
func (r *Reports) task(id api.TaskID, version string, s worker.Status) { r.tell(id, version, s) }

func (r *Reports) tell(id api.TaskID, version string, s worker.Status) {
	if !r.has(id.Connector) {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.tellLocked(id, r.status(version, s), isLast(s.State))
}

// tellLocked is tell with mu held.
func (r *Reports) tellLocked(id api.TaskID, status statuses.Status, last bool) {
	r.told[id] = status
	switch {
	case id.Task == instance && last:
		r.statuses.PutConnectorSafe(id.Connector, status)
	case last:
		r.statuses.PutTaskSafe(id, status)
	default:
		r.put(id, status)
	}
}

func (r *Reports) put(id api.TaskID, s statuses.Status) {
	if id.Task == instance {
		r.statuses.PutConnector(id.Connector, s)
	} else {
		r.statuses.PutTask(id, s)
	}
}

// insistEvery is how often statuses are looked at that others may have written over, or
// that have become untrue.
const insistEvery = time.Second

// Insist repeats, until ctx is done, what this worker has told of what a crew runs, where
// a worker of an earlier generation has written over it: one that was frozen, or cut off,
// tells that it stops what it ran before it has read that another worker runs it. It also
// tells when a task that is RUNNING begins to wait or to make no progress, and when that
// is over: the state stays RUNNING, and the trace says why.
func (r *Reports) Insist(ctx context.Context, c *Crew) {
	for backoff.Sleep(ctx, insistEvery) == nil {
		for id, t := range c.Running() {
			r.progress(id, t)
		}
		for id, status := range r.overwritten(c) {
			status.Generation = r.generation.Load()
			r.put(id, status)
		}
	}
}

// progress tells of a task that runs whether something keeps it from working.
func (r *Reports) progress(id api.TaskID, t Task) {
	r.mu.Lock()
	before := r.told[id]
	r.mu.Unlock()
	now := t.Status()
	if now.State != worker.Running || before.State != api.Running || (now.Trace == "") == (before.Trace == "") {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.told[id] == before { // it has told nothing itself since
		r.tellLocked(id, r.status(before.Version, now), false)
	}
}

// overwritten forgets what the crew does not run any more, and returns what it runs and
// others have told about. The crew has locks of its own, and reports while it holds them.
func (r *Reports) overwritten(c *Crew) map[api.TaskID]statuses.Status {
	r.mu.Lock()
	told := maps.Clone(r.told)
	r.mu.Unlock()
	var gone []api.TaskID
	for id := range told {
		here, read := c.HasTask(id), r.statuses.Task
		if id.Task == instance {
			here, read = c.HasConnector(id.Connector), func(id api.TaskID) (statuses.Status, bool) {
				return r.statuses.Connector(id.Connector)
			}
		}
		s, ok := read(id)
		if !here {
			gone = append(gone, id)
		}
		mine := s.WorkerID == r.workerID && !r.statuses.Late(id)
		other := s.WorkerID != r.workerID && s.Generation >= r.generation.Load()
		if !here || !ok || mine || other {
			delete(told, id)
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, id := range gone {
		delete(r.told, id)
	}
	return told
}

// isLast reports whether a state may be the last that a worker has to tell: another one
// may run the task already.
func isLast(s worker.State) bool { return s == worker.Unassigned || s == worker.Failed }

func (r *Reports) status(version string, s worker.Status) statuses.Status {
	return statuses.Status{State: api.State(s.State.String()), Trace: s.Trace, WorkerID: r.workerID,
		Generation: r.generation.Load(), Version: version}
}
