package rest

import (
	"github.com/suiro/suiro/connect/herder/api"
)

// table is all that the API answers. HEAD goes where GET does, and OPTIONS lists the
// methods of a path.
func table() []route {
	out := workerTable()
	out = append(out, connectorTable()...)
	out = append(out, lifeTable()...)
	out = append(out, tapTable()...)
	out = append(out, pluginTable()...)
	return append(out, adminTable()...)
}

func workerTable() []route {
	health := get("/health", getHealth,
		"Whether the worker is alive: 200 healthy, 503 starting, 500 unhealthy, which it is only while it shuts down; "+
			"also whether brokers can be reached, and which connectors and tasks have failed.", 200, 500, 503).
		returns(api.HealthStatus{})
	ready := get("/ready", getReady,
		"Whether the worker does its work now, and if not, why: 503 while it starts or stops, no broker can be "+
			"reached, a connector or task has failed, or a task tries something again.", 200, 503).
		returns(api.Readiness{})
	health.sameBody, ready.sameBody = true, true
	server := get("/{$}", getServer,
		"The version of the worker, the commit that it was built from and the id of the Kafka cluster.", 200).
		returns(api.ServerInfo{})
	server.anyType, health.anyType = true, true
	return []route{
		server, health, ready,
		get("/openapi.json", getOpenAPI, "This table as an OpenAPI document, for programs.", 200).
			returns(map[string]any{}),
	}
}

func connectorTable() []route {
	list := get("/connectors", getConnectors,
		"The names of all connectors, as a list; with expand an object of them and what is asked for.", 200)
	list.Query = []Parameter{{"expand", "What to say of each connector; other values are ignored.",
		[]string{"status", "info"}, true}}
	return []route{
		list,
		post("/connectors", postConnectors,
			"Makes a connector, in the state initial_state. Its address is in Location; 409 when there is one with this "+
				"name.", 201, 400, 403, 409).body(api.CreateConnectorRequest{}).returns(api.ConnectorInfo{}),
		get("/connectors/{c}", getConnector, "The configuration of a connector and its tasks.", 200, 404).
			returns(api.ConnectorInfo{}),
		del("/connectors/{c}", deleteConnector,
			"Stops a connector and removes it. Its offsets stay: a connector that is made with the same name goes on from "+
				"them.", 204, 404, 409),
		get("/connectors/{c}/config", getConnectorConfig, "The configuration of a connector.", 200, 404).
			returns(map[string]string{}),
		put("/connectors/{c}/config", putConnectorConfig,
			"Gives a connector the configuration in the body, an object of keys and their values, or makes a connector of it "+
				"when there is none with this name: 201, with the connector's address in Location. A connector that was paused "+
				"or stopped stays so.", 200, 201, 400, 409).body(api.Config{}).returns(api.ConnectorInfo{}),
		patch("/connectors/{c}/config", patchConnectorConfig,
			"Changes the keys in the body and leaves the others; null removes a key.", 200, 400, 404, 409).
			body(api.ConfigPatch{}).returns(api.ConnectorInfo{}),
		get("/connectors/{c}/status", getConnectorStatus,
			"The states of a connector and of its tasks, and why one has failed.", 200, 404).
			returns(api.ConnectorStatus{}),
		get("/connectors/{c}/topics", getTopics,
			"The topics that a connector has used since it was created or they were reset; 403 with "+
				"topic.tracking.enable=false.", 200, 403).returns(map[string]api.ActiveTopics{}),
		put("/connectors/{c}/topics/reset", putTopicsReset,
			"Forgets the topics that a connector has used; 403 with topic.tracking.allow.reset=false.", 202, 403),
	}
}

func lifeTable() []route {
	return []route{
		put("/connectors/{c}/pause", putPause,
			"Has a connector and its tasks pause; they keep what they hold.", 202, 404, 409),
		put("/connectors/{c}/resume", putResume, "Has a connector that is paused or stopped run again.", 202, 404, 409),
		put("/connectors/{c}/stop", putStop,
			"Ends the tasks of a connector and keeps its configuration, so that its offsets can be changed.", 204, 404, 409),
		post("/connectors/{c}/restart", postRestart,
			"Starts a connector again: 204 for the connector alone. With a parameter, 202 and the states of what is started "+
				"again.", 202, 204, 404, 409).
			with("includeTasks", "Whether its tasks are started again too.", "true", "false").
			with("onlyFailed", "Whether only what has failed is started again.", "true", "false").
			returns(api.ConnectorStatus{}),
		get("/connectors/{c}/tasks", getTasks, "The configurations of a connector's tasks.", 200, 404).
			returns([]api.TaskInfo{}),
		get("/connectors/{c}/tasks/{t}/status", getTaskStatus, "The state of a task, and why it has failed.", 200, 404).
			returns(api.TaskState{}),
		post("/connectors/{c}/tasks/{t}/restart", postTaskRestart, "Starts a task again.", 204, 404, 409),
		get("/connectors/{c}/offsets", getOffsets, "How far a connector has come in each partition.", 200, 404).
			returns(api.ConnectorOffsets{}),
		patch("/connectors/{c}/offsets", patchOffsets,
			"Has a connector that is stopped go on from other offsets in the partitions that the body names; null for an "+
				"offset forgets it.", 200, 400, 404, 409).body(api.ConnectorOffsets{}).returns(api.Message{}),
		del("/connectors/{c}/offsets", deleteOffsets, "Forgets all offsets of a connector that is stopped.",
			200, 400, 404, 409).returns(api.Message{}),
		post("/connectors/{c}/tasks", postTasks,
			"For workers alone: gives the leader the configurations of a connector's tasks, signed with the session key of "+
				"the cluster.", 204, 400, 403, 404, 409).body([]api.Config{}).signed(),
		put("/connectors/{c}/fence", putFence,
			"For workers alone: has the leader end what former tasks of an exactly-once source have begun, signed as "+
				"above.", 204, 400, 403, 404, 409).signed(),
	}
}

func pluginTable() []route {
	return []route{
		get("/connector-plugins", getPlugins, "The classes of connectors, or of all plugins.", 200).
			with("connectorsOnly", "Whether only connectors are listed.", "true", "false").returns([]api.PluginInfo{}),
		get("/connector-plugins/{p}/config", getPluginConfig, "The keys of a plugin.", 200, 400, 404).
			with("version", "The version that the plugin must have, or latest.").returns([]api.ConfigKeyInfo{}),
		put("/connector-plugins/{p}/config/validate", putPluginValidate,
			"What is wrong with a connector's configuration, key by key; the body is the configuration, with "+
				"connector.class.", 200, 400, 403).body(api.ConfigPatch{}).returns(api.ConfigInfos{}),
	}
}

func adminTable() []route {
	return []route{
		get("/admin/loggers", getLoggers, "The level of every logger.", 200).returns(map[string]api.LoggerLevel{}),
		get("/admin/loggers/{l}", getLogger, "The level of a logger.", 200, 404).returns(api.LoggerLevel{}),
		put("/admin/loggers/{l}", putLogger,
			`Sets the level of a logger and of those below it, by a body such as {"level":"DEBUG"}; with scope=cluster on `+
				`every worker, and then the answer is empty.`, 200, 204, 400, 404).
			with("scope", "Where the level is set.", "worker", "cluster").
			body(levelBody{}).returns([]string{}),
	}
}
