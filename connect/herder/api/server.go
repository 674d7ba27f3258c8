package api

import "time"

// ServerInfo says which worker answers: the answer of GET /.
type ServerInfo struct {
	// Version is the version of the worker.
	Version string `json:"version"`
	// Commit is the revision that the worker was built from.
	Commit string `json:"commit"`
	// ClusterID is the id of the Kafka cluster, empty before the worker started.
	ClusterID string `json:"kafka_cluster_id"`
}

// The values of [HealthStatus.Status].
const (
	Healthy   = "healthy"
	Starting  = "starting"
	Unhealthy = "unhealthy"
)

// HealthStatus says whether the worker is alive: the answer of GET /health. The
// first two fields are Kafka Connect's.
type HealthStatus struct {
	// Status is [Healthy], [Starting] or [Unhealthy]. A worker is unhealthy only
	// while it shuts down: brokers that are away come back without a restart, and
	// one would not help a task that has failed.
	Status string `json:"status"`
	// Message is a sentence for people.
	Message string `json:"message"`
	// Brokers says whether Kafka can be reached.
	Brokers BrokersHealth `json:"brokers"`
	// FailedConnectors are the names of the connectors that are FAILED, and
	// FailedTasks the tasks that are, sorted; empty, never null, when there are none.
	FailedConnectors []string `json:"failed_connectors"`
	FailedTasks      []TaskID `json:"failed_tasks"`
}

// BrokersHealth says whether Kafka can be reached.
type BrokersHealth struct {
	// Reachable is whether a broker answers.
	Reachable bool `json:"reachable"`
	// Since is since when that is so.
	Since time.Time `json:"since"`
	// Error is why no broker can be reached; left out when one can.
	Error string `json:"error,omitempty"`
}

// Readiness says whether the worker does its work now: the answer of GET /ready.
type Readiness struct {
	// Ready is true when a broker answers, every connector that was given to the
	// worker is started, and each of its tasks works or is paused as it was told.
	Ready bool `json:"ready"`
	// Reasons say what is missing, a sentence each; empty, never null, when the
	// worker is ready.
	Reasons []string `json:"reasons"`
}

// ErrorMessage is the body of an answer that is an error.
type ErrorMessage struct {
	// Code is the HTTP status again.
	Code int `json:"error_code"`
	// Message says what is wrong.
	Message string `json:"message"`
}

// LoggerLevel is the level of a logger: an element of the answer of GET
// /admin/loggers.
type LoggerLevel struct {
	// Level is OFF, FATAL, ERROR, WARN, INFO, DEBUG, TRACE or ALL.
	Level string `json:"level"`
	// LastModified is when the level was last set, in milliseconds since 1970;
	// null when it never was.
	LastModified *int64 `json:"last_modified"`
}
