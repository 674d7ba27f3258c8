package standalone

import (
	"errors"
	"slices"

	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/herder"
	"github.com/suiro/suiro/connect/herder/api"
	"github.com/suiro/suiro/connect/plan"
	"github.com/suiro/suiro/connect/worker"
	"github.com/suiro/suiro/internal/excerpt"
)

// entry is a connector that the herder knows. It does not change once it can be
// found: another takes its place when the connector is changed or started again.
//
//	target RUNNING ─▶ StartConnector ─▶ running, as its tasks say ◀─▶ target PAUSED: they
//	            ▲       ▲       └─────▶ failure: FAILED                 hold what they hold
//	            │       └─── pause ───────┘
//	            └──────────▶ target PAUSED, STOPPED: nothing runs
type entry struct {
	plan    *plan.Connector // what it was or would be started with; closed by halt
	target  api.InitialState
	running *worker.Connector // nil when it could not or should not be started
	tasks   []*worker.Task    // by number; they go on when the connector could not be started again
	late    []*worker.Task    // told to stop, and perhaps still ending
	failure error             // why it could not be started
	starts  int               // again, after a failure
	kept    bool              // a restart of the worker brings it back
}

// aimed is the connector with another target.
func (e *entry) aimed(target api.InitialState) *entry {
	next := *e
	next.target = target
	return &next
}

// pause makes what runs stop working, or go on.
func (e *entry) pause(paused bool) {
	if e.running != nil && paused {
		e.running.Pause()
	} else if e.running != nil {
		e.running.Resume()
	}
	for _, t := range e.tasks {
		if paused {
			t.Pause()
		} else {
			t.Resume()
		}
	}
}

// target is the state that a connector gets: the one that was asked for, or the
// one it has.
func target(old *entry, asked api.InitialState) api.InitialState {
	switch {
	case asked != "":
		return asked
	case old != nil:
		return old.target
	}
	return api.InitialRunning
}

// restarts reports whether it failed for a reason that may pass.
func (e *entry) restarts() bool {
	var wrong config.Errors
	return e.failure != nil && !errors.As(e.failure, &wrong)
}

// counts adds up those of the tasks.
func (e *entry) counts() worker.Counts {
	if len(e.tasks) == 0 {
		return worker.Counts{}
	}
	sum := e.tasks[0].Counts()
	for _, t := range e.tasks[1:] {
		sum = sum.Plus(t.Counts())
	}
	return sum
}

func (e *entry) info() api.ConnectorInfo {
	info := api.ConnectorInfo{Name: e.plan.Name, Config: e.plan.Shown(), Tasks: []api.TaskID{},
		Type: api.ConnectorType(e.plan.Type)}
	for _, t := range e.tasks {
		info.Tasks = append(info.Tasks, api.TaskID{Connector: e.plan.Name, Task: t.ID})
	}
	return info
}

// state is the connector's own. A failed task leaves the connector RUNNING, as
// in Kafka Connect, except when none of its tasks can ever work with the
// configuration: then what failed is the connector.
func (e *entry) state() (state api.State, trace string) {
	switch {
	case e.failure != nil:
		return api.Failed, excerpt.Text(e.plan.HideText(e.failure.Error()), excerpt.MaxTrace)
	case e.running == nil:
		return api.State(e.target), ""
	}
	if own := e.running.Status(); own.State != worker.Running {
		return api.State(own.State.String()), e.plan.HideText(own.Trace)
	}
	for _, t := range e.tasks {
		status := t.Status()
		if !status.Misconfigured {
			return api.Running, ""
		}
		trace = status.Trace
	}
	if trace != "" {
		return api.Failed, e.plan.HideText(trace)
	}
	return api.Running, ""
}

// taskConfigs are the tasks' configurations as the connector planned them.
func (e *entry) taskConfigs() []api.TaskInfo {
	out := []api.TaskInfo{}
	for _, t := range e.tasks {
		out = append(out, api.TaskInfo{ID: api.TaskID{Connector: e.plan.Name, Task: t.ID},
			Config: e.plan.ShownTask(t.Config)})
	}
	return out
}

// topicsOf are those that tasks have used, in no order.
func topicsOf(tasks []*worker.Task) (names []string) {
	for _, t := range tasks {
		names = append(names, t.Topics()...)
	}
	return names
}

// ending are those of the tasks that have not ended.
func ending(lists ...[]*worker.Task) []*worker.Task {
	return slices.DeleteFunc(slices.Concat(lists...), func(t *worker.Task) bool {
		select {
		case <-t.Done():
			return true
		default:
			return false
		}
	})
}

func missing(name string) error {
	return herder.Errorf(herder.ErrNotFound, "Connector %s not found", name)
}
