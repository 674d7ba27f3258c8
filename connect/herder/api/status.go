package api

import "strconv"

// State is what a connector or a task does.
type State string

// The states of connectors and tasks.
const (
	// Unassigned means that no worker runs it yet.
	Unassigned State = "UNASSIGNED"
	// Running means that it works, or that it waits for an outside system.
	Running State = "RUNNING"
	// Paused means that it was paused.
	Paused State = "PAUSED"
	// Failed means that it has stopped with an error; the trace says which.
	Failed State = "FAILED"
	// Restarting means that it starts again after a failure.
	Restarting State = "RESTARTING"
	// Stopped means that it was stopped and has no tasks; connectors only.
	Stopped State = "STOPPED"
)

// ConnectorStatus is what a connector and its tasks do: the answer of GET
// /connectors/{c}/status.
type ConnectorStatus struct {
	// Name is the connector's name.
	Name string `json:"name"`
	// Connector is the state of the connector itself, which plans the tasks.
	Connector ConnectorState `json:"connector"`
	// Tasks are the states of the tasks, by number; empty, never null, when
	// there are none.
	Tasks []TaskState `json:"tasks"`
	// Type is the type of the connector's class.
	Type ConnectorType `json:"type"`
}

// ConnectorState is the state of a connector or, in [TaskState], of a task.
type ConnectorState struct {
	// State is what it does.
	State State `json:"state"`
	// WorkerID is host:port of the REST API of the worker that runs it.
	WorkerID string `json:"worker_id"`
	// Version is the version of the connector's class, left out when it has
	// none.
	Version string `json:"version,omitempty"`
	// Trace says why it failed, or what it waits for; left out when it is well.
	Trace string `json:"trace,omitempty"`
}

// TaskState is what a task does: the answer of GET
// /connectors/{c}/tasks/{t}/status.
type TaskState struct {
	// ID is the number of the task in its connector, from 0.
	ID int `json:"id"`
	ConnectorState
}

// TaskID names a task.
type TaskID struct {
	// Connector is the name of the task's connector.
	Connector string `json:"connector"`
	// Task is the number of the task in its connector, from 0.
	Task int `json:"task"`
}

// Number returns the number of the task as text.
func (id TaskID) Number() string { return strconv.Itoa(id.Task) }

// String returns connector-task, as Kafka Connect writes it.
func (id TaskID) String() string { return id.Connector + "-" + id.Number() }

// TaskInfo is a task's configuration: one element of the answer of GET
// /connectors/{c}/tasks.
type TaskInfo struct {
	// ID names the task.
	ID TaskID `json:"id"`
	// Config is the configuration that the connector planned for the task, with
	// the key "task.class" added.
	Config map[string]string `json:"config"`
}
