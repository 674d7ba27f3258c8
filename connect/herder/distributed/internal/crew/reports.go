package crew

import (
	"sync/atomic"

	"github.com/suiro/suiro/connect/backing/statuses"
	"github.com/suiro/suiro/connect/herder/api"
	"github.com/suiro/suiro/connect/worker"
)

// Reports tell all workers what this one runs. They are safe for concurrent use.
type Reports struct {
	statuses   *statuses.Store
	workerID   string
	generation atomic.Int32                // of the group
	has        func(connector string) bool // whether there is such a connector
}

// NewReports returns reports of the worker that the id names. has says whether there is
// a connector of a name: of one that was removed nothing is told.
func NewReports(s *statuses.Store, workerID string, has func(connector string) bool) *Reports {
	return &Reports{statuses: s, workerID: workerID, has: has}
}

// SetGeneration notes the generation of the group, which goes with each report.
func (r *Reports) SetGeneration(g int32) { r.generation.Store(g) }

// connector tells the state of a connector, unless it was removed.
func (r *Reports) connector(name, version string, s worker.Status) {
	switch status := r.status(version, s); {
	case !r.has(name):
	case isLast(s.State):
		r.statuses.PutConnectorSafe(name, status)
	default:
		r.statuses.PutConnector(name, status)
	}
}

// task tells the state of a task, unless its connector was removed.
func (r *Reports) task(id api.TaskID, version string, s worker.Status) {
	switch status := r.status(version, s); {
	case !r.has(id.Connector):
	case isLast(s.State):
		r.statuses.PutTaskSafe(id, status)
	default:
		r.statuses.PutTask(id, status)
	}
}

// isLast reports whether a state may be the last that a worker has to tell: another one
// may run the task already.
func isLast(s worker.State) bool { return s == worker.Unassigned || s == worker.Failed }

func (r *Reports) status(version string, s worker.Status) statuses.Status {
	return statuses.Status{State: api.State(s.State.String()), Trace: s.Trace, WorkerID: r.workerID,
		Generation: r.generation.Load(), Version: version}
}
