package rest

import (
	"net/http"
	"slices"
	"strings"
)

// Route is one line of the table of what the API answers, as its page describes it.
type Route struct {
	// Method and Path are those of the request; {c} in a path is the name of a
	// connector, {t} the number of a task, {p} the class or an alias of a plugin and
	// {l} the name of a logger.
	Method, Path string
	// Doc says in one sentence what the answer is.
	Doc string
	// Statuses are the HTTP status codes that the answer may have, sorted. Those that
	// every route has are left out: 406 and 415 for a request that is not about JSON,
	// 413 for a body that is too large, 500 for an error that has no code of its own,
	// and 503 for a change while the worker starts or stops.
	Statuses []int
}

// Routes returns the table, in the order of its page.
func Routes() []Route {
	out := make([]Route, 0, len(routes))
	for _, r := range routes {
		shown := r.Route
		shown.Path = strings.TrimSuffix(shown.Path, "{$}")
		shown.Statuses = slices.Clone(r.Statuses)
		out = append(out, shown)
	}
	return out
}

// route is a line of the table with the function that answers.
type route struct {
	Route  // whose path is a pattern of [http.ServeMux]
	answer func(*call) (answer, error)
}

// changes reports whether an answer may change something.
func (r route) changes() bool {
	return r.Method != http.MethodGet && !strings.HasSuffix(r.Path, "/validate")
}

// maxBody is how long a body may be, in bytes.
func (r route) maxBody() int64 {
	if r.Method == http.MethodPost && strings.HasSuffix(r.Path, "/tasks") {
		return maxTasks
	}
	return maxBody
}

func get(path string, answer func(*call) (answer, error), doc string, statuses ...int) route {
	return route{Route{http.MethodGet, path, doc, statuses}, answer}
}

func put(path string, answer func(*call) (answer, error), doc string, statuses ...int) route {
	return route{Route{http.MethodPut, path, doc, statuses}, answer}
}

func post(path string, answer func(*call) (answer, error), doc string, statuses ...int) route {
	return route{Route{http.MethodPost, path, doc, statuses}, answer}
}

func del(path string, answer func(*call) (answer, error), doc string, statuses ...int) route {
	return route{Route{http.MethodDelete, path, doc, statuses}, answer}
}

// routes are all that the API answers. HEAD goes where GET does, and OPTIONS
// lists the methods of a path.
var routes = []route{
	get("/{$}", getServer,
		"The version of the worker, the commit that it was built from and the id of the Kafka cluster.", 200),
	get("/health", getHealth,
		"Whether the worker is alive: 200 healthy, 503 starting, 500 unhealthy, which it is only while it shuts down; "+
			"also whether brokers can be reached, and which connectors and tasks have failed.", 200, 500, 503),
	get("/ready", getReady,
		"Whether the worker does its work now, and if not, why: 503 while it starts or stops, no broker can be "+
			"reached, a connector or task has failed, or a task tries something again.", 200, 503),
	get("/connectors", getConnectors,
		"The names of all connectors; with expand=status and expand=info also their states and configurations.", 200),
	get("/connectors/{c}", getConnector, "The configuration of a connector and its tasks.", 200, 404),
	del("/connectors/{c}", deleteConnector,
		"Stops a connector and removes it. Its offsets stay: a connector that is made with the same name goes on from "+
			"them.", 204, 404, 409),
	get("/connectors/{c}/config", getConnectorConfig, "The configuration of a connector.", 200, 404),
	put("/connectors/{c}/config", putConnectorConfig,
		"Gives a connector the configuration in the body, an object of keys and their values, or makes a connector of it "+
			"when there is none with this name: 201, with the connector's address in Location. A connector that was paused "+
			"or stopped stays so.", 200, 201, 400, 409),
	get("/connectors/{c}/status", getConnectorStatus,
		"The states of a connector and of its tasks, and why one has failed.", 200, 404),
	get("/connectors/{c}/tasks", getTasks, "The configurations of a connector's tasks.", 200, 404),
	post("/connectors/{c}/tasks", postTasks,
		"For workers alone: gives the leader the configurations of a connector's tasks, signed with the session key of "+
			"the cluster.", 204, 400, 403, 404, 409),
	put("/connectors/{c}/fence", putFence,
		"For workers alone: has the leader end what former tasks of an exactly-once source have begun, signed as "+
			"above.", 204, 400, 403, 404, 409),
	get("/connectors/{c}/tasks/{t}/status", getTaskStatus, "The state of a task, and why it has failed.", 200, 404),
	get("/connectors/{c}/topics", getTopics,
		"The topics that a connector has used since it was created or they were reset; 403 with "+
			"topic.tracking.enable=false.", 200, 403),
	put("/connectors/{c}/topics/reset", putTopicsReset,
		"Forgets the topics that a connector has used; 403 with topic.tracking.allow.reset=false.", 202, 403),
	get("/connector-plugins", getPlugins,
		"The classes of connectors, or with connectorsOnly=false of all plugins.", 200),
	get("/connector-plugins/{p}/config", getPluginConfig,
		"The keys of a plugin, if it has the version that version= asks for.", 200, 400, 404),
	put("/connector-plugins/{p}/config/validate", putPluginValidate,
		"What is wrong with a connector's configuration, key by key; the body is the configuration, with "+
			"connector.class.", 200, 400),
	get("/admin/loggers", getLoggers, "The level of every logger.", 200),
	get("/admin/loggers/{l}", getLogger, "The level of a logger.", 200, 404),
	put("/admin/loggers/{l}", putLogger,
		`Sets the level of a logger and of those below it, by a body such as {"level":"DEBUG"}; with scope=cluster on `+
			`every worker, and then the answer is empty.`, 200, 204, 400, 404),
}
