package standalone

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"github.com/suiro/suiro/connect/herder"
	"github.com/suiro/suiro/connect/herder/api"
	"github.com/suiro/suiro/connect/herder/internal/health"
	"github.com/suiro/suiro/connect/worker"
)

// Server implements [herder.Herder].
func (h *Herder) Server() api.ServerInfo {
	return api.ServerInfo{Version: h.options.Version, Commit: h.options.Commit, ClusterID: h.worker.ClusterID()}
}

// Health implements [herder.Herder].
func (h *Herder) Health() api.HealthStatus { return h.facts().Health() }

// Ready implements [herder.Herder].
func (h *Herder) Ready() api.Readiness { return h.facts().Readiness() }

func (h *Herder) facts() health.Facts {
	f := health.Facts{Phase: health.Starting, Pending: h.pending.names()}
	switch {
	case h.life.Err() != nil:
		f.Phase = health.Stopping
	case h.running.Load():
		f.Phase = health.Working
	}
	var err error
	if f.Brokers.Reachable, f.Brokers.Since, err = h.worker.Brokers(); err != nil {
		f.Brokers.Error = h.cfg.HideText(err.Error())
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, name := range slices.Sorted(maps.Keys(h.connectors)) {
		f.Connectors = append(f.Connectors, h.status(h.connectors[name]))
	}
	return f
}

// Connectors implements [herder.Connectors].
func (h *Herder) Connectors(context.Context) ([]string, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	names := slices.AppendSeq([]string{}, maps.Keys(h.connectors))
	slices.Sort(names)
	return names, nil
}

// Connector implements [herder.Connectors].
func (h *Herder) Connector(_ context.Context, name string) (api.ConnectorInfo, error) {
	e := h.find(name)
	if e == nil {
		return api.ConnectorInfo{}, missing(name)
	}
	return e.info(), nil
}

// Status implements [herder.Connectors].
func (h *Herder) Status(_ context.Context, name string) (api.ConnectorStatus, error) {
	e := h.find(name)
	if e == nil {
		return api.ConnectorStatus{}, herder.Errorf(herder.ErrNotFound, "No status found for connector %s", name)
	}
	return h.status(e), nil
}

func (h *Herder) status(e *entry) api.ConnectorStatus {
	state, trace := e.state()
	s := api.ConnectorStatus{Name: e.plan.Name, Type: api.ConnectorType(e.plan.Type), Connector: h.state(e, state, trace),
		Tasks: []api.TaskState{}}
	for _, t := range e.tasks {
		s.Tasks = append(s.Tasks, h.taskState(e, t))
	}
	return s
}

func (h *Herder) state(e *entry, state api.State, trace string) api.ConnectorState {
	return api.ConnectorState{State: state, WorkerID: h.options.WorkerID, Version: e.plan.Version, Trace: trace}
}

func (h *Herder) taskState(e *entry, t *worker.Task) api.TaskState {
	s := t.Status()
	return api.TaskState{ID: t.ID, ConnectorState: h.state(e, api.State(s.State.String()), e.plan.HideText(s.Trace))}
}

// TaskStatus implements [herder.Connectors].
func (h *Herder) TaskStatus(_ context.Context, id api.TaskID) (api.TaskState, error) {
	e := h.find(id.Connector)
	if e == nil || id.Task < 0 || id.Task >= len(e.tasks) {
		return api.TaskState{}, herder.Errorf(herder.ErrNotFound,
			"No status found for task %s-%d", id.Connector, id.Task)
	}
	return h.taskState(e, e.tasks[id.Task]), nil
}

// Tasks implements [herder.Connectors].
func (h *Herder) Tasks(_ context.Context, name string) ([]api.TaskInfo, error) {
	e := h.find(name)
	if e == nil {
		return nil, missing(name)
	}
	return e.taskConfigs(), nil
}

// Validate implements [herder.Plugins]. A secret that the client has read as hidden
// is that of the connector with the name.
func (h *Herder) Validate(ctx context.Context, config map[string]string) (api.ConfigInfos, error) {
	if e := h.find(config["name"]); e != nil {
		config = e.plan.Restore(config)
	}
	return h.catalogue.Validate(ctx, config)
}

// Counts adds up what the tasks of a connector did.
func (h *Herder) Counts(name string) (worker.Counts, error) {
	e := h.find(name)
	if e == nil {
		return worker.Counts{}, missing(name)
	}
	return e.counts(), nil
}

var _ herder.Tapper = (*Herder)(nil)

// Tap implements [herder.Tapper].
func (h *Herder) Tap(ctx context.Context, name string, r api.TapRequest) (api.Tapped, error) {
	switch {
	case h.find(name) == nil:
		return api.Tapped{}, missing(name)
	case !h.cfg.Tap:
		return api.Tapped{}, herder.ErrNoTap
	}
	return h.worker.Tap(ctx, name, r), nil
}

// Metrics returns what the tasks of this worker count.
func (h *Herder) Metrics() herder.WorkerMetrics {
	h.mu.Lock()
	defer h.mu.Unlock()
	var out herder.WorkerMetrics
	out.BrokersReachable, _, _ = h.worker.Brokers()
	out.Worker = h.worker
	for name, e := range h.connectors {
		state, _ := e.state()
		out.Connectors = append(out.Connectors, herder.ConnectorMetrics{Name: name, State: state, Restarts: e.starts})
		for _, t := range e.tasks {
			out.Tasks = append(out.Tasks, herder.TaskMetrics{ID: api.TaskID{Connector: name, Task: t.ID},
				State: api.State(t.Status().State.String()), Collector: t})
		}
	}
	slices.SortFunc(out.Connectors, func(a, b herder.ConnectorMetrics) int { return cmp.Compare(a.Name, b.Name) })
	slices.SortFunc(out.Tasks, func(a, b herder.TaskMetrics) int {
		return cmp.Or(cmp.Compare(a.ID.Connector, b.ID.Connector), cmp.Compare(a.ID.Task, b.ID.Task))
	})
	return out
}

// ActiveTopics implements [herder.Topics].
func (h *Herder) ActiveTopics(_ context.Context, name string) (api.ActiveTopics, error) {
	if !h.cfg.TopicTracking {
		return api.ActiveTopics{}, herder.Errorf(herder.ErrForbidden, "Topic tracking is disabled.")
	}
	return api.ActiveTopics{Topics: h.used.of(name, h.find(name))}, nil
}

// ResetActiveTopics implements [herder.Topics].
func (h *Herder) ResetActiveTopics(_ context.Context, name string) error {
	switch {
	case !h.cfg.TopicTracking:
		return herder.Errorf(herder.ErrForbidden, "Topic tracking is disabled.")
	case !h.cfg.TopicReset:
		return herder.Errorf(herder.ErrForbidden, "Topic tracking reset is disabled.")
	}
	h.used.forget(name, h.find(name))
	return nil
}
