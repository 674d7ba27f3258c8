package api

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

// HealthStatus says whether the worker is ready: the answer of GET /health.
type HealthStatus struct {
	// Status is [Healthy], [Starting] or [Unhealthy].
	Status string `json:"status"`
	// Message is a sentence for people.
	Message string `json:"message"`
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
