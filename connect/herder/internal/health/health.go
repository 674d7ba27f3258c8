// Package health says of a worker, for every herder, whether it is alive and whether it
// does its work.
package health

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/suiro/suiro/connect/herder/api"
	"github.com/suiro/suiro/internal/excerpt"
)

// Phase is what a herder does.
type Phase int

// The phases.
const (
	// Starting is until the herder's Start has succeeded.
	Starting Phase = iota
	// Working is from then on.
	Working
	// Stopping is since the herder's Stop was called.
	Stopping
)

// Facts are what health and readiness are made of.
type Facts struct {
	// Phase is what the herder does.
	Phase Phase
	// Brokers says whether Kafka can be reached.
	Brokers api.BrokersHealth
	// Pending are connectors that the worker was given and has not started, sorted.
	Pending []string
	// Connectors are those that it has started.
	Connectors []api.ConnectorStatus
}

// Health says whether something is broken that a restart might cure: nothing that
// comes back by itself, and no task, as a restart would take the others along.
func (f Facts) Health() api.HealthStatus {
	h := api.HealthStatus{Status: api.Healthy, Brokers: f.Brokers,
		FailedConnectors: []string{}, FailedTasks: []api.TaskID{}}
	for _, c := range f.Connectors {
		if c.Connector.State == api.Failed {
			h.FailedConnectors = append(h.FailedConnectors, c.Name)
		}
		for _, t := range c.Tasks {
			if t.State == api.Failed {
				h.FailedTasks = append(h.FailedTasks, api.TaskID{Connector: c.Name, Task: t.ID})
			}
		}
	}
	switch {
	case f.Phase == Starting:
		h.Status, h.Message = api.Starting, "Worker is still starting up."
	case f.Phase == Stopping:
		h.Status, h.Message = api.Unhealthy, "Worker is shutting down."
	case !f.Brokers.Reachable:
		h.Message = "Worker waits for Kafka: " + f.away() + "."
	case len(h.FailedConnectors)+len(h.FailedTasks) > 0:
		h.Message = fmt.Sprintf("Worker is running. Failed connectors: %d, failed tasks: %d.",
			len(h.FailedConnectors), len(h.FailedTasks))
	default:
		h.Message = "Worker has completed startup and is ready to handle requests."
	}
	return h
}

func (f Facts) away() string {
	since := f.Brokers.Since.UTC().Format(time.RFC3339)
	return fmt.Sprintf("no broker can be reached since %s (%s)", since, f.Brokers.Error)
}

// Readiness says whether everything that should move records does so now.
func (f Facts) Readiness() api.Readiness {
	reasons := []string{}
	switch {
	case f.Phase == Starting:
		reasons = append(reasons, "the worker is starting")
	case f.Phase == Stopping:
		reasons = append(reasons, "the worker is shutting down")
	case !f.Brokers.Reachable:
		reasons = append(reasons, f.away())
	}
	for _, name := range f.Pending {
		reasons = append(reasons, fmt.Sprintf("connector %s is not started yet", name))
	}
	for _, c := range f.Connectors {
		if c.Connector.State == api.Failed {
			reasons = append(reasons, fmt.Sprintf("connector %s has failed: %s", c.Name, firstLine(c.Connector.Trace)))
		}
		for _, t := range c.Tasks {
			if why := hindrance(t); why != "" {
				reasons = append(reasons, fmt.Sprintf("task %v %s", api.TaskID{Connector: c.Name, Task: t.ID}, why))
			}
		}
	}
	return api.Readiness{Ready: len(reasons) == 0, Reasons: slices.Clip(reasons)}
}

// hindrance is why a task does not work now; "" when it does, or is paused as it
// was told.
func hindrance(t api.TaskState) string {
	switch {
	case t.State == api.Unassigned:
		return "is starting"
	case t.State == api.Failed:
		return "has failed: " + firstLine(t.Trace)
	case t.State == api.Restarting:
		return "is restarted after: " + firstLine(t.Trace)
	case t.State == api.Running && t.Trace != "":
		return "tries again: " + firstLine(t.Trace)
	}
	return ""
}

// longestReason is how many bytes of a trace a reason has: a page that is asked for
// every few seconds shows what happened, and the status has the rest.
const longestReason = 1 << 10

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return excerpt.Text(line, longestReason)
}
