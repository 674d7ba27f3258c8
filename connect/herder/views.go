package herder

import (
	"cmp"
	"maps"
	"slices"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/worker"
)

// Server tells what the worker is.
func (h *Standalone) Server() ServerInfo {
	return ServerInfo{h.options.Version, h.options.Commit, h.worker.ClusterID()}
}

// Connectors returns the names, sorted.
func (h *Standalone) Connectors() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	names := slices.Sorted(maps.Keys(h.connectors))
	if names == nil {
		names = []string{}
	}
	return names
}

// Info returns a connector's configuration and its tasks.
func (h *Standalone) Info(name string) (Info, error) {
	e := h.find(name)
	if e == nil {
		return Info{}, notFound("Connector %s not found", name)
	}
	info := Info{Name: name, Config: maps.Clone(e.config), Tasks: []TaskID{}, Type: e.running.Plan.Type}
	for _, t := range e.running.Tasks {
		info.Tasks = append(info.Tasks, TaskID{name, t.ID})
	}
	return info, nil
}

// Status returns what a connector and its tasks do.
func (h *Standalone) Status(name string) (Status, error) {
	e := h.find(name)
	if e == nil {
		return Status{}, notFound("No status found for connector %s", name)
	}
	s := Status{Name: name, Type: e.running.Plan.Type, Tasks: []TaskState{},
		Connector: State{State: worker.Running.String(), WorkerID: h.options.WorkerID, Version: e.running.Plan.Version}}
	for _, t := range e.running.Tasks {
		s.Tasks = append(s.Tasks, h.taskState(e, t))
	}
	return s, nil
}

func (h *Standalone) taskState(e *entry, t *worker.Task) TaskState {
	st := t.Status()
	return TaskState{t.ID, State{st.State.String(), h.options.WorkerID, e.running.Plan.Version, st.Trace}}
}

// TaskStatus returns what one task does.
func (h *Standalone) TaskStatus(name string, id int) (TaskState, error) {
	e := h.find(name)
	if e == nil || id < 0 || id >= len(e.running.Tasks) {
		return TaskState{}, notFound("No status found for task %s-%d", name, id)
	}
	return h.taskState(e, e.running.Tasks[id]), nil
}

// Tasks returns the configurations of a connector's tasks.
func (h *Standalone) Tasks(name string) ([]TaskInfo, error) {
	e := h.find(name)
	if e == nil {
		return nil, notFound("Connector %s not found", name)
	}
	out := []TaskInfo{}
	for _, t := range e.running.Tasks {
		c := maps.Clone(t.Config)
		if c == nil {
			c = map[string]string{}
		}
		c["task.class"] = e.config["connector.class"]
		out = append(out, TaskInfo{TaskID{name, t.ID}, c})
	}
	return out, nil
}

// Counts adds up what the tasks of a connector did.
func (h *Standalone) Counts(name string) (worker.Counts, error) {
	e := h.find(name)
	if e == nil {
		return worker.Counts{}, notFound("Connector %s not found", name)
	}
	return e.running.Counts(), nil
}

// AllCounts returns the counts of every task, by connector and task.
func (h *Standalone) AllCounts() []TaskCounts {
	h.mu.Lock()
	defer h.mu.Unlock()
	var out []TaskCounts
	for name, e := range h.connectors {
		for _, t := range e.running.Tasks {
			out = append(out, TaskCounts{TaskID{name, t.ID}, e.running.Plan.Type, t.Status().State.String(), t.Counts()})
		}
	}
	slices.SortFunc(out, func(a, b TaskCounts) int {
		return cmp.Or(cmp.Compare(a.Connector, b.Connector), cmp.Compare(a.Task, b.Task))
	})
	return out
}

// Plugins lists sinks and then sources, by class name; without connectorsOnly
// also the other kinds.
func (h *Standalone) Plugins(connectorsOnly bool) []PluginInfo {
	p := h.worker.Plugins()
	out := list("sink", p.Sinks, func(p connect.SinkPlugin) connect.Info { return p.Info })
	out = append(out, list("source", p.Sources, func(p connect.SourcePlugin) connect.Info { return p.Info })...)
	if connectorsOnly {
		return out
	}
	out = append(out, list("converter", p.Converters, func(p connect.ConverterPlugin) connect.Info { return p.Info })...)
	out = append(out, list("predicate", p.Predicates, func(p connect.PredicatePlugin) connect.Info { return p.Info })...)
	return append(out, list("transformation", p.Transforms, func(p connect.TransformPlugin) connect.Info { return p.Info })...)
}

func list[P any](kind string, plugins []P, info func(P) connect.Info) []PluginInfo {
	out := []PluginInfo{}
	for _, p := range plugins {
		out = append(out, PluginInfo{info(p).Class, kind, info(p).Version})
	}
	slices.SortFunc(out, func(a, b PluginInfo) int { return cmp.Compare(a.Class, b.Class) })
	return out
}
