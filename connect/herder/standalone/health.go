package standalone

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/suiro/suiro/connect/herder/api"
	"github.com/suiro/suiro/internal/excerpt"
)

// phase is what a herder does.
type phase int

const (
	starting phase = iota // until Start has succeeded
	working
	stopping // since Stop
)

// facts are what health and readiness are made of.
type facts struct {
	phase      phase
	brokers    api.BrokersHealth
	pending    []string // connectors that were prepared and not started, sorted
	connectors []api.ConnectorStatus
}

// health says whether something is broken that a restart might cure: nothing that
// comes back by itself, and no task, as a restart would take the others along.
func (f facts) health() api.HealthStatus {
	h := api.HealthStatus{Status: api.Healthy, Brokers: f.brokers,
		FailedConnectors: []string{}, FailedTasks: []api.TaskID{}}
	for _, c := range f.connectors {
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
	case f.phase == starting:
		h.Status, h.Message = api.Starting, "Worker is still starting up."
	case f.phase == stopping:
		h.Status, h.Message = api.Unhealthy, "Worker is shutting down."
	case !f.brokers.Reachable:
		h.Message = "Worker waits for Kafka: " + f.away() + "."
	case len(h.FailedConnectors)+len(h.FailedTasks) > 0:
		h.Message = fmt.Sprintf("Worker is running. Failed connectors: %d, failed tasks: %d.",
			len(h.FailedConnectors), len(h.FailedTasks))
	default:
		h.Message = "Worker has completed startup and is ready to handle requests."
	}
	return h
}

func (f facts) away() string {
	since := f.brokers.Since.UTC().Format(time.RFC3339)
	return fmt.Sprintf("no broker can be reached since %s (%s)", since, f.brokers.Error)
}

// readiness says whether everything that should move records does so now.
func (f facts) readiness() api.Readiness {
	reasons := []string{}
	switch {
	case f.phase == starting:
		reasons = append(reasons, "the worker is starting")
	case f.phase == stopping:
		reasons = append(reasons, "the worker is shutting down")
	case !f.brokers.Reachable:
		reasons = append(reasons, f.away())
	}
	for _, name := range f.pending {
		reasons = append(reasons, fmt.Sprintf("connector %s is not started yet", name))
	}
	for _, c := range f.connectors {
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
