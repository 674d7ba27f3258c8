package distributed

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"github.com/suiro/suiro/connect/herder"
	"github.com/suiro/suiro/connect/herder/api"
	"github.com/suiro/suiro/connect/herder/internal/health"
)

// Server implements [herder.Herder].
func (h *Herder) Server() api.ServerInfo {
	return api.ServerInfo{Version: h.options.Version, Commit: h.options.Commit, ClusterID: h.worker.ClusterID()}
}

// Health implements [herder.Herder].
func (h *Herder) Health() api.HealthStatus { return h.facts().Health() }

// Ready implements [herder.Herder]. A worker that is in no group is not ready.
func (h *Herder) Ready() api.Readiness {
	r := h.facts().Readiness()
	if d := h.team(); d != nil && d.assignment().Leader == "" {
		r.Ready, r.Reasons = false, append(r.Reasons, "the worker is in no group: "+d.stage.Load().what)
	}
	return r
}

// Stage says what the herder does, and since when, for requests that wait for it.
func (h *Herder) Stage() (does string, since time.Time) {
	d := h.team()
	if d == nil {
		return "starting", h.made
	}
	s := d.stage.Load()
	return s.what, s.began
}

// team is the decider, nil until the herder has started.
func (h *Herder) team() *decider {
	if h.views.store.Load() == nil {
		return nil
	}
	return h.requests.decider
}

// facts are about what this worker runs.
func (h *Herder) facts() health.Facts {
	f := health.Facts{Phase: health.Phase(h.phase.Load())}
	var err error
	if f.Brokers.Reachable, f.Brokers.Since, err = h.worker.Brokers(); err != nil {
		f.Brokers.Error = h.cfg.HideText(err.Error())
	}
	d := h.team()
	if d == nil {
		return f
	}
	connectors, tasks := d.crew.Names()
	own := map[string]*api.ConnectorStatus{}
	of := func(name string) *api.ConnectorStatus {
		if own[name] == nil {
			own[name] = &api.ConnectorStatus{Name: name}
		}
		return own[name]
	}
	for _, name := range connectors {
		if status, ok := h.views.board.Connector(name); ok {
			of(name).Connector = stateOf(status)
		}
	}
	for _, id := range tasks {
		if status, ok := h.views.board.Task(id); ok {
			of(id.Connector).Tasks = append(of(id.Connector).Tasks, api.TaskState{ID: id.Task, ConnectorState: stateOf(status)})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(own)) {
		f.Connectors = append(f.Connectors, *own[name])
	}
	return f
}

// Validate implements [herder.Plugins]. A secret that the client has read as hidden is
// that of the connector with the name.
func (h *Herder) Validate(ctx context.Context, config map[string]string) (api.ConfigInfos, error) {
	if s := h.views.state(); s.Has(config["name"]) {
		config = h.views.mask(s, config["name"]).Restore(config)
	}
	return h.catalogue.Validate(ctx, config)
}

// Sign signs a text for another worker with the session key of the cluster: it returns the
// MAC and the name of its algorithm in Java.
func (h *Herder) Sign(text []byte) (algorithm string, mac []byte, err error) {
	d := h.team()
	if d == nil {
		return "", nil, starting()
	}
	return d.keys.signer.MAC(text)
}

// Verify returns why a text is not signed by another worker of the cluster.
func (h *Herder) Verify(algorithm string, mac, text []byte) error {
	d := h.team()
	if d == nil {
		return starting()
	}
	return d.keys.signer.Verify(algorithm, mac, text)
}

var _ herder.Tapper = (*Herder)(nil)

// Tap implements [herder.Tapper].
func (h *Herder) Tap(ctx context.Context, name string, r api.TapRequest) (api.Tapped, error) {
	switch {
	case !h.views.state().Has(name):
		return api.Tapped{}, missing(name)
	case !h.cfg.Tap:
		return api.Tapped{}, herder.ErrNoTap
	}
	return h.worker.Tap(ctx, name, r), nil
}

// Metrics returns what the tasks of this worker count, and its membership of the group.
func (h *Herder) Metrics() herder.WorkerMetrics {
	var out herder.WorkerMetrics
	out.BrokersReachable, _, _ = h.worker.Brokers()
	out.Worker = h.worker
	d := h.team()
	if d == nil {
		return out
	}
	out.Group = d.member.Collector()
	connectors, _ := d.crew.Names()
	for _, name := range connectors {
		status, _ := h.views.board.Connector(name)
		out.Connectors = append(out.Connectors, herder.ConnectorMetrics{Name: name, State: status.State})
	}
	for id, t := range d.crew.Running() {
		out.Tasks = append(out.Tasks, herder.TaskMetrics{ID: id, State: api.State(t.Status().State.String()), Collector: t})
	}
	slices.SortFunc(out.Tasks, func(a, b herder.TaskMetrics) int {
		return cmp.Or(cmp.Compare(a.ID.Connector, b.ID.Connector), cmp.Compare(a.ID.Task, b.ID.Task))
	})
	return out
}
