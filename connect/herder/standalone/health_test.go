package standalone

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/suiro/suiro/connect/herder/api"
	"github.com/suiro/suiro/connect/plan"
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
		facts   facts
		health  string
		reasons []string
	}{
		"starting":      {facts{phase: starting, brokers: away}, api.Starting, []string{"the worker is starting"}},
		"stopping":      {facts{phase: stopping, brokers: there}, api.Unhealthy, []string{"the worker is shutting down"}},
		"nothing to do": {facts{phase: working, brokers: there}, api.Healthy, nil},
		"at work": {facts{phase: working, brokers: there,
			connectors: []api.ConnectorStatus{connector(api.Running, "", running)}}, api.Healthy, nil},
		"told to pause": {facts{phase: working, brokers: there,
			connectors: []api.ConnectorStatus{connector(api.Paused, "")}}, api.Healthy, nil},
		"brokers away": {facts{phase: working, brokers: away}, api.Healthy,
			[]string{"no broker can be reached since 1970-01-01T00:00:00Z (connection refused)"}},
		"connector not started": {facts{phase: working, brokers: there, pending: []string{"snk"}}, api.Healthy,
			[]string{"connector snk is not started yet"}},
		"connector failed": {facts{phase: working, brokers: there,
			connectors: []api.ConnectorStatus{connector(api.Failed, "no such file\nstack")}}, api.Healthy,
			[]string{"connector src has failed: no such file"}},
		"long reason": {facts{phase: working, brokers: there,
			connectors: []api.ConnectorStatus{connector(api.Failed, strings.Repeat("x", 1<<20))}}, api.Healthy,
			[]string{"connector src has failed: " + strings.Repeat("x", 1024) + "… (cut, 1048576 bytes)"}},
		"tasks": {facts{phase: working, brokers: there, connectors: []api.ConnectorStatus{connector(api.Running, "",
			running, api.ConnectorState{State: api.Unassigned}, api.ConnectorState{State: api.Failed, Trace: "disk full"},
			api.ConnectorState{State: api.Restarting, Trace: "disk full"},
			api.ConnectorState{State: api.Running, Trace: "nobody answers"})}}, api.Healthy,
			[]string{"task src-1 is starting", "task src-2 has failed: disk full", "task src-3 is restarted after: disk full",
				"task src-4 tries again: nobody answers"}},
	} {
		if got := c.facts.health(); got.Status != c.health || got.Message == "" {
			t.Errorf("%s: health = %+v, want %s and a message", name, got, c.health)
		}
		got := c.facts.readiness()
		if !slices.Equal(got.Reasons, c.reasons) || got.Ready != (len(c.reasons) == 0) || got.Reasons == nil {
			t.Errorf("%s: readiness = %+v, want the reasons %q", name, got, c.reasons)
		}
	}
}

func TestWorkerIDIsWhereOthersReachTheWorker(t *testing.T) {
	host := hostName()
	for _, c := range []struct{ listeners, advertisedHost, advertisedPort, listening, want string }{
		{"", "", "", "", "127.0.0.1:8083"},
		{"http://10.0.0.7:9000", "", "", "", "10.0.0.7:9000"},
		{"http://0.0.0.0:9000,http://127.0.0.1:1", "", "", "", host + ":9000"},
		{"http://:9000", "", "", "", host + ":9000"},
		{"http://127.0.0.1:0", "", "", "127.0.0.1:41234", "127.0.0.1:41234"},
		{"http://:0", "", "", "[::]:41234", host + ":41234"},
		{"http://:9000", "connect.example", "", "[::]:9000", "connect.example:9000"},
		{"http://127.0.0.1:9000", "connect.example", "80", "", "connect.example:80"},
	} {
		props := map[string]string{"key.converter": "Text", "value.converter": "Text", "offset.storage.file.filename": "f"}
		for key, value := range map[string]string{"listeners": c.listeners, "rest.advertised.host.name": c.advertisedHost,
			"rest.advertised.port": c.advertisedPort} {
			if value != "" {
				props[key] = value
			}
		}
		cfg, err := plan.ParseConfig(props)
		if err != nil {
			t.Fatal(err)
		}
		if got := workerID(cfg, c.listening); got != c.want {
			t.Errorf("%+v: worker id = %s", c, got)
		}
	}
}
