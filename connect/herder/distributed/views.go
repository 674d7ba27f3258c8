package distributed

import (
	"context"
	"maps"
	"slices"
	"sync/atomic"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/backing/configs"
	"github.com/suiro/suiro/connect/backing/statuses"
	"github.com/suiro/suiro/connect/herder"
	"github.com/suiro/suiro/connect/herder/api"
	"github.com/suiro/suiro/connect/plan"
)

// views answer from what this worker has read of the config topic and the status topic.
// Every worker can; none asks another. They are safe for concurrent use.
type views struct {
	cfg     *plan.Worker
	plugins connect.Plugins
	store   atomic.Pointer[store] // nil until the herder has started
	board   *statuses.Store       // set together with store
}

// state is what this worker knows of the configurations: nothing before it has started.
func (v *views) state() *configs.State {
	if s := v.store.Load(); s != nil {
		return (*s).Snapshot()
	}
	return &configs.State{Offset: -1}
}

// Connectors implements [herder.Connectors].
func (v *views) Connectors(context.Context) ([]string, error) {
	return append([]string{}, v.state().Names()...), nil
}

// Connector implements [herder.Connectors].
func (v *views) Connector(_ context.Context, name string) (api.ConnectorInfo, error) {
	s := v.state()
	if !s.Has(name) {
		return api.ConnectorInfo{}, missing(name)
	}
	return v.info(s, name), nil
}

func missing(name string) error {
	return herder.Errorf(herder.ErrNotFound, "Connector %s not found", name)
}

func (v *views) info(s *configs.State, name string) api.ConnectorInfo {
	return api.ConnectorInfo{Name: name, Config: v.mask(s, name).Show(s.Connectors[name]),
		Tasks: append([]api.TaskID{}, s.TaskIDs(name)...), Type: v.typeOf(s, name)}
}

// mask knows the secrets of a connector.
func (v *views) mask(s *configs.State, name string) plan.Mask {
	return plan.MaskOf(v.cfg, v.plugins, s.Connectors[name])
}

func (v *views) typeOf(s *configs.State, name string) api.ConnectorType {
	kind, err := plan.TypeOf(v.plugins, s.Connectors[name])
	if err != nil {
		return api.Unknown
	}
	return api.ConnectorType(kind)
}

// Status implements [herder.Connectors].
func (v *views) Status(_ context.Context, name string) (api.ConnectorStatus, error) {
	s := v.state()
	if !s.Has(name) {
		return api.ConnectorStatus{}, noStatus(name)
	}
	status, ok := v.board.Connector(name)
	if !ok {
		return api.ConnectorStatus{}, noStatus(name)
	}
	out := api.ConnectorStatus{Name: name, Connector: stateOf(status), Tasks: []api.TaskState{}, Type: v.typeOf(s, name)}
	states := v.board.Tasks(name)
	for _, n := range slices.Sorted(maps.Keys(states)) {
		if s.Inconsistent[name] || n < s.TaskCounts[name] {
			out.Tasks = append(out.Tasks, api.TaskState{ID: n, ConnectorState: stateOf(states[n])})
		}
	}
	return out, nil
}

func noStatus(name string) error {
	return herder.Errorf(herder.ErrNotFound, "No status found for connector %s", name)
}

func stateOf(s statuses.Status) api.ConnectorState {
	return api.ConnectorState{State: s.State, WorkerID: s.WorkerID, Version: s.Version, Trace: s.Trace}
}

// TaskStatus implements [herder.Connectors].
func (v *views) TaskStatus(_ context.Context, id api.TaskID) (api.TaskState, error) {
	s := v.state()
	if s.Has(id.Connector) {
		if status, ok := v.board.Task(id); ok {
			return api.TaskState{ID: id.Task, ConnectorState: stateOf(status)}, nil
		}
	}
	return api.TaskState{}, herder.Errorf(herder.ErrNotFound, "No status found for task %v", id)
}

// Tasks implements [herder.Connectors].
func (v *views) Tasks(_ context.Context, name string) ([]api.TaskInfo, error) {
	s := v.state()
	if !s.Has(name) {
		return nil, missing(name)
	}
	out := []api.TaskInfo{}
	mask := v.mask(s, name)
	for _, id := range s.TaskIDs(name) {
		out = append(out, api.TaskInfo{ID: id, Config: mask.Show(s.Tasks[id])})
	}
	return out, nil
}

// ActiveTopics implements [herder.Topics].
func (v *views) ActiveTopics(_ context.Context, name string) (api.ActiveTopics, error) {
	if !v.cfg.TopicTracking {
		return api.ActiveTopics{}, herder.Errorf(herder.ErrForbidden, "Topic tracking is disabled.")
	}
	out := api.ActiveTopics{Topics: []string{}}
	if v.store.Load() != nil {
		for _, t := range v.board.Topics(name) {
			out.Topics = append(out.Topics, t.Name)
		}
	}
	return out, nil
}

// ResetActiveTopics implements [herder.Topics].
func (v *views) ResetActiveTopics(_ context.Context, name string) error {
	switch {
	case !v.cfg.TopicTracking:
		return herder.Errorf(herder.ErrForbidden, "Topic tracking is disabled.")
	case !v.cfg.TopicReset:
		return herder.Errorf(herder.ErrForbidden, "Topic tracking reset is disabled.")
	case v.store.Load() == nil:
		return starting()
	}
	for _, t := range v.board.Topics(name) {
		v.board.RemoveTopic(name, t.Name)
	}
	return nil
}

func starting() error {
	return herder.Errorf(herder.ErrStarting, "Worker is still starting up.")
}
