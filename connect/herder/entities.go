package herder

import (
	"github.com/suiro/suiro/connect/plan"
	"github.com/suiro/suiro/connect/worker"
)

// The entities have the JSON form of Kafka Connect's REST API.

// ServerInfo tells what the worker is.
type ServerInfo struct {
	Version   string `json:"version"`
	Commit    string `json:"commit"`
	ClusterID string `json:"kafka_cluster_id"`
}

// TaskID names a task.
type TaskID struct {
	Connector string `json:"connector"`
	Task      int    `json:"task"`
}

// Info is a connector's configuration and its tasks.
type Info struct {
	Name   string            `json:"name"`
	Config map[string]string `json:"config"`
	Tasks  []TaskID          `json:"tasks"`
	Type   plan.Type         `json:"type"`
}

// TaskInfo is a task's configuration.
type TaskInfo struct {
	ID     TaskID            `json:"id"`
	Config map[string]string `json:"config"`
}

// State is what a connector or task does.
type State struct {
	State    string `json:"state"`
	WorkerID string `json:"worker_id"`
	Version  string `json:"version,omitempty"`
	Trace    string `json:"trace,omitempty"`
}

// TaskState is what a task does.
type TaskState struct {
	ID int `json:"id"`
	State
}

// Status is what a connector and its tasks do.
type Status struct {
	Name      string      `json:"name"`
	Connector State       `json:"connector"`
	Tasks     []TaskState `json:"tasks"`
	Type      plan.Type   `json:"type"`
}

// TaskCounts are the counts of one task.
type TaskCounts struct {
	TaskID
	Type   plan.Type
	State  string
	Counts worker.Counts
}

// PluginInfo is a plugin that the worker can run.
type PluginInfo struct {
	Class   string `json:"class"`
	Type    string `json:"type"`
	Version string `json:"version,omitempty"`
}
