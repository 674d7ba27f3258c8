package ctl_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/suiro/suiro/connect/herder/api"
)

// cluster is a Connect cluster of one worker that keeps connectors and does nothing with
// them.
type cluster struct {
	*httptest.Server
	old       bool                      // it cannot PATCH configurations
	rebalance int                       // how many requests are still refused with 409
	refuse    string                    // why offsets are not altered
	onList    func(n int) (broken bool) // called for each list of connectors, from 1

	mu         sync.Mutex // guards all below
	connectors map[string]*fakeConnector
	asked      []string // requests that change something, with their bodies
	sent       int      // what its metrics count
	lists      int
	taps       int
	runs       []int // the tasks that are tapped
	moving     int   // how many taps find no task
}

type fakeConnector struct {
	config  map[string]string
	state   api.State
	tasks   []api.TaskState
	offsets api.ConnectorOffsets
}

func newCluster(t *testing.T) *cluster {
	t.Helper()
	c := &cluster{connectors: map[string]*fakeConnector{}, runs: []int{0}}
	c.Server = httptest.NewServer(c.handler())
	t.Cleanup(c.Close)
	return c
}

// with adds a connector with a task in each state.
func (c *cluster) with(name string, config map[string]string, states ...api.State) *cluster {
	config["name"] = name
	f := &fakeConnector{config: config, state: api.Running}
	for i, s := range states {
		state := api.ConnectorState{State: s, WorkerID: strings.TrimPrefix(c.URL, "http://")}
		if s == api.Failed {
			state.Trace = "org.apache.kafka.connect.errors.ConnectException: tolerance exceeded\n\tat a.B\nCaused by: disk is full\n\tat c.D"
		}
		f.tasks = append(f.tasks, api.TaskState{ID: i, ConnectorState: state})
	}
	c.connectors[name] = f
	return c
}

// changes returns the requests that change something, with their bodies.
func (c *cluster) changes() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.asked)
}

func (c *cluster) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, 200, api.ServerInfo{Version: "4.3.1", Commit: "abc", ClusterID: "kafka"})
	})
	mux.HandleFunc("GET /health", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, 200, api.HealthStatus{Status: api.Healthy, Message: "ready"})
	})
	mux.HandleFunc("GET /metrics", func(w http.ResponseWriter, _ *http.Request) {
		c.sent += 100
		fmt.Fprintf(w, "kafka_connect_sink_task_metrics_sink_record_send_total{connector=\"out\",task=\"0\"} %d\n"+
			"kafka_connect_sink_task_metrics_sink_record_lag{connector=\"out\",task=\"0\",topic=\"a\",partition=\"0\"} 42\n", c.sent)
	})
	mux.HandleFunc("GET /connectors", c.list)
	mux.HandleFunc("POST /connectors", c.create)
	mux.HandleFunc("PUT /connector-plugins/{p}/config/validate", c.validate)
	mux.HandleFunc("/connectors/{c}/config", c.config)
	mux.HandleFunc("/connectors/{c}/{what...}", c.one)
	mux.HandleFunc("/connectors/{c}", c.one)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.rebalance > 0 {
			c.rebalance--
			refuse(w, 409, "Cannot complete request because of a conflicting operation (e.g. worker rebalance)")
			return
		}
		if r.Method != http.MethodGet {
			body, _ := io.ReadAll(r.Body)
			c.asked = append(c.asked, strings.TrimSpace(r.Method+" "+r.URL.RequestURI()+" "+string(body)))
			r.Body = io.NopCloser(strings.NewReader(string(body)))
		}
		mux.ServeHTTP(w, r)
	})
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

func refuse(w http.ResponseWriter, status int, message string) {
	answer(w, status, api.ErrorMessage{Code: status, Message: message})
}

func (c *cluster) list(w http.ResponseWriter, r *http.Request) {
	if c.lists++; c.onList != nil && c.onList(c.lists) {
		refuse(w, 500, "broken")
		return
	}
	names, all := []string{}, map[string]api.ExpandedConnector{}
	for name, f := range c.connectors {
		names = append(names, name)
		status := f.status(name)
		all[name] = api.ExpandedConnector{Status: &status, Info: &api.ConnectorInfo{Name: name, Config: f.config, Type: api.Sink}}
	}
	if r.URL.Query().Has("expand") {
		answer(w, 200, all)
		return
	}
	answer(w, 200, names)
}

func (f *fakeConnector) status(name string) api.ConnectorStatus {
	return api.ConnectorStatus{Name: name, Type: api.Sink, Tasks: append([]api.TaskState{}, f.tasks...),
		Connector: api.ConnectorState{State: f.state, WorkerID: "a:8083"}}
}

func (c *cluster) create(w http.ResponseWriter, r *http.Request) {
	var body api.CreateConnectorRequest
	_ = json.NewDecoder(r.Body).Decode(&body)
	if c.connectors[body.Name] != nil {
		refuse(w, 409, "Connector "+body.Name+" already exists")
		return
	}
	c.with(body.Name, body.Config, api.Running)
	answer(w, 201, api.ConnectorInfo{Name: body.Name, Config: body.Config})
}

// validate says that tasks.max must not be 0 and that login is a password.
func (c *cluster) validate(w http.ResponseWriter, r *http.Request) {
	var config map[string]string
	_ = json.NewDecoder(r.Body).Decode(&config)
	infos := api.ConfigInfos{Configs: []api.ConfigInfo{{Definition: &api.ConfigKeyInfo{Name: "login", Type: "PASSWORD"},
		Value: api.ConfigValueInfo{Name: "login"}}}}
	if config["tasks.max"] == "0" {
		infos.ErrorCount = 1
		infos.Configs = append(infos.Configs, api.ConfigInfo{Value: api.ConfigValueInfo{Name: "tasks.max",
			Errors: []string{"Value must be at least 1"}}})
	}
	answer(w, 200, infos)
}

func (c *cluster) config(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("c")
	f := c.connectors[name]
	switch {
	case r.Method == http.MethodPatch && c.old:
		refuse(w, 405, "HTTP 405 Method Not Allowed")
	case f == nil && r.Method != http.MethodPut:
		refuse(w, 404, "Connector "+name+" not found")
	case r.Method == http.MethodGet:
		answer(w, 200, f.config)
	case r.Method == http.MethodPatch:
		answer(w, 200, api.ConnectorInfo{Name: name})
	default:
		var config map[string]string
		_ = json.NewDecoder(r.Body).Decode(&config)
		status := 201
		if f != nil {
			status = 200
		}
		c.with(name, config, api.Running)
		answer(w, status, api.ConnectorInfo{Name: name, Config: config})
	}
}

// one answers what is about one connector and not its configuration.
func (c *cluster) one(w http.ResponseWriter, r *http.Request) {
	name, what := r.PathValue("c"), r.PathValue("what")
	f := c.connectors[name]
	if f == nil {
		refuse(w, 404, "Unknown connector "+name)
		return
	}
	states := map[string]api.State{"pause": api.Paused, "resume": api.Running, "stop": api.Stopped}
	switch {
	case r.Method == http.MethodDelete && what == "":
		delete(c.connectors, name)
		w.WriteHeader(204)
	case states[what] != "":
		if f.state = states[what]; what == "stop" {
			f.tasks = nil
		}
		w.WriteHeader(202)
	case what == "status":
		answer(w, 200, f.status(name))
	case what == "offsets" && r.Method == http.MethodGet:
		answer(w, 200, f.offsets)
	case what == "offsets" && c.refuse != "":
		refuse(w, 400, c.refuse)
	case what == "offsets":
		answer(w, 200, api.Message{Message: "The offsets are altered"})
	case what == "tap" && c.old:
		refuse(w, 404, "HTTP 404 Not Found")
	case what == "tap":
		c.taps++
		text := json.RawMessage(fmt.Sprintf("%q", r.URL.RawQuery))
		if c.taps <= c.moving {
			answer(w, 200, api.Tapped{})
			return
		}
		answer(w, 200, api.Tapped{Tasks: c.runs, Stages: []api.TappedRecord{
			{Record: 1, Stage: api.StageConsumed, Topic: "in", Key: json.RawMessage("null"), Value: text},
			{Record: 1, Stage: api.StageTransformed, Transform: "drop", Outcome: "dropped"},
			{Record: 2, Stage: api.StageConsumed, Topic: "in", Key: json.RawMessage(`"\u001b[2J"`), Value: text}}})
	case what == "topics":
		answer(w, 200, map[string]api.ActiveTopics{name: {Topics: []string{"b", "a"}}})
	case what == "":
		answer(w, 200, api.ConnectorInfo{Name: name, Config: f.config, Type: api.Sink})
	default: // restarts
		w.WriteHeader(204)
	}
}
