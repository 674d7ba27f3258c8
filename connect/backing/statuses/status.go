package statuses

import (
	"time"

	"github.com/suiro/suiro/connect/herder/api"
)

// Status is what a connector or a task does.
type Status struct {
	// State is what it does.
	State api.State
	// Trace says why it failed; empty when it has not.
	Trace string
	// WorkerID is host:port of the REST API of the worker that runs it.
	WorkerID string
	// Generation is that of the group when the worker wrote this.
	Generation int32
	// Version is the version of the plugin; empty when it has none.
	Version string
}

// mayFollow reports whether s may be written over what is known: of the same worker,
// or of a generation that is not later.
func (s Status) mayFollow(known Status) bool {
	return known.WorkerID == s.WorkerID || known.Generation <= s.Generation
}

// stale reports whether s, of a task, came after what has already replaced it. What the
// worker itself says that runs the task comes in order.
func (s Status) stale(known Status) bool {
	return s.State == api.Unassigned && known.State == api.Running && known.Generation >= s.Generation &&
		known.WorkerID != s.WorkerID
}

// Topic is a topic that a connector uses.
type Topic struct {
	// Name is the topic's name.
	Name string
	// Connector is the connector's name.
	Connector string
	// Task is the number of the task that used it first.
	Task int
	// Discovered is when that was, to the millisecond.
	Discovered time.Time
}
