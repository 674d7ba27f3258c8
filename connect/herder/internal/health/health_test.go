package health

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/suiro/suiro/connect/herder/api"
)

func connector(state api.State, trace string, tasks ...api.ConnectorState) api.ConnectorStatus {
	c := api.ConnectorStatus{Name: "src", Connector: api.ConnectorState{State: state, Trace: trace}}
	for i, t := range tasks {
		c.Tasks = append(c.Tasks, api.TaskState{ID: i, ConnectorState: t})
	}
	return c
}

func TestHealthAndReadinessSayWhatIsSo(t *testing.T) {
	there := api.BrokersHealth{Reachable: true}
	away := api.BrokersHealth{Since: time.Unix(0, 0), Error: "connection refused"}
	running := api.ConnectorState{State: api.Running}
	for name, c := range map[string]struct {
		facts   Facts
		health  string
		reasons []string
	}{
		"starting":      {Facts{Phase: Starting, Brokers: away}, api.Starting, []string{"the worker is starting"}},
		"stopping":      {Facts{Phase: Stopping, Brokers: there}, api.Unhealthy, []string{"the worker is shutting down"}},
		"nothing to do": {Facts{Phase: Working, Brokers: there}, api.Healthy, nil},
		"at work": {Facts{Phase: Working, Brokers: there,
			Connectors: []api.ConnectorStatus{connector(api.Running, "", running)}}, api.Healthy, nil},
		"told to pause": {Facts{Phase: Working, Brokers: there,
			Connectors: []api.ConnectorStatus{connector(api.Paused, "")}}, api.Healthy, nil},
		"brokers away": {Facts{Phase: Working, Brokers: away}, api.Healthy,
			[]string{"no broker can be reached since 1970-01-01T00:00:00Z (connection refused)"}},
		"connector not started": {Facts{Phase: Working, Brokers: there, Pending: []string{"snk"}}, api.Healthy,
			[]string{"connector snk is not started yet"}},
		"connector failed": {Facts{Phase: Working, Brokers: there,
			Connectors: []api.ConnectorStatus{connector(api.Failed, "no such file\nstack")}}, api.Healthy,
			[]string{"connector src has failed: no such file"}},
		"long reason": {Facts{Phase: Working, Brokers: there,
			Connectors: []api.ConnectorStatus{connector(api.Failed, strings.Repeat("x", 1<<20))}}, api.Healthy,
			[]string{"connector src has failed: " + strings.Repeat("x", 1024) + "… (cut, 1048576 bytes)"}},
		"tasks": {Facts{Phase: Working, Brokers: there, Connectors: []api.ConnectorStatus{connector(api.Running, "",
			running, api.ConnectorState{State: api.Unassigned}, api.ConnectorState{State: api.Failed, Trace: "disk full"},
			api.ConnectorState{State: api.Restarting, Trace: "disk full"},
			api.ConnectorState{State: api.Running, Trace: "nobody answers"})}}, api.Healthy,
			[]string{"task src-1 is starting", "task src-2 has failed: disk full", "task src-3 is restarted after: disk full",
				"task src-4 tries again: nobody answers"}},
	} {
		if got := c.facts.Health(); got.Status != c.health || got.Message == "" {
			t.Errorf("%s: health = %+v, want %s and a message", name, got, c.health)
		}
		got := c.facts.Readiness()
		if !slices.Equal(got.Reasons, c.reasons) || got.Ready != (len(c.reasons) == 0) || got.Reasons == nil {
			t.Errorf("%s: readiness = %+v, want the reasons %q", name, got, c.reasons)
		}
	}
}
