package herder

import (
	"context"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/suiro/suiro/connect/herder/api"
)

// Herder decides what runs where. Its methods are called from any goroutine,
// one for each request; ctx ends when the client has gone. A method that
// another worker must answer returns a [NotLeaderError]. Errors of a known kind
// are an [Error]; of the others only the text is of use.
type Herder interface {
	Connectors
	Lifecycle
	Offsets
	Plugins
	Topics
	Loggers
	// Server says which worker answers.
	Server() api.ServerInfo
	// Health says whether the worker is alive. It does not wait for brokers.
	Health() api.HealthStatus
	// Ready says whether the worker does its work now. It does not wait for brokers.
	Ready() api.Readiness
}

// Connectors are the part of a [Herder] that knows connectors and their tasks.
// For a name that it does not know a method returns an error that is
// [ErrNotFound].
type Connectors interface {
	// Connectors returns the names of all connectors, sorted; never nil.
	Connectors(ctx context.Context) ([]string, error)
	// Connector returns a connector's configuration and its tasks.
	Connector(ctx context.Context, name string) (api.ConnectorInfo, error)
	// Status returns what a connector and its tasks do.
	Status(ctx context.Context, name string) (api.ConnectorStatus, error)
	// Tasks returns the configurations of a connector's tasks, by number.
	Tasks(ctx context.Context, name string) ([]api.TaskInfo, error)
	// TaskStatus returns what one task does.
	TaskStatus(ctx context.Context, id api.TaskID) (api.TaskState, error)
	// Create creates a connector as Put does, unless there is one of the name: then the
	// error is [ErrExists]. Initial offsets take the place of all that are kept for the
	// name before the connector is created; when they cannot, nothing is.
	Create(ctx context.Context, r api.CreateConnectorRequest) (api.ConnectorInfo, error)
	// Put creates a connector, or gives one another configuration and starts it
	// with that. created is true for a new name. initial is the state that it
	// then has; when it is empty a new connector runs, and an existing one
	// stays paused or stopped. An error that is [ErrInvalid] means that nothing
	// has changed. A connector that cannot be started is no error: it is FAILED,
	// and its status says why.
	Put(ctx context.Context, name string, config map[string]string, initial api.InitialState) (
		info api.ConnectorInfo, created bool, err error)
	// Patch gives some keys of a connector's configuration another value, or removes
	// them where that is nil, as Put does with the whole. No other change of the
	// connector comes in between.
	Patch(ctx context.Context, name string, patch map[string]*string) (api.ConnectorInfo, error)
	// Delete stops a connector and removes it. Its offsets stay.
	Delete(ctx context.Context, name string) error
}

// Lifecycle is the part of a [Herder] that makes connectors stop and go on. For a
// connector or task that it does not know a method returns an error that is
// [ErrNotFound]. Asking for what is so already is no error.
type Lifecycle interface {
	// Pause makes a connector and its tasks stop working and keep what they hold. A
	// connector that was stopped has no tasks before it is resumed.
	Pause(ctx context.Context, name string) error
	// Resume undoes Pause and StopConnector.
	Resume(ctx context.Context, name string) error
	// StopConnector stops a connector and its tasks, and keeps its configuration and
	// its offsets, which may be changed then.
	StopConnector(ctx context.Context, name string) error
	// Restart starts a connector again, and of its tasks those that it then plans with
	// another configuration. One that is not meant to run is left alone.
	Restart(ctx context.Context, name string) error
	// RestartMany starts a connector again and, with includeTasks, its tasks too; with
	// onlyFailed those of them that have FAILED. It returns the status of the connector
	// from before, with what is started again as RESTARTING.
	RestartMany(ctx context.Context, name string, includeTasks, onlyFailed bool) (api.ConnectorStatus, error)
	// RestartTask starts one task again.
	RestartTask(ctx context.Context, id api.TaskID) error
}

// Offsets are the part of a [Herder] that shows and changes where connectors continue.
// For a connector that it does not know a method returns an error that is [ErrNotFound].
// Offsets are changed while the connector is STOPPED; otherwise, and when the connector
// does not take them, the error is [ErrInvalid] and nothing has changed.
type Offsets interface {
	// Offsets returns the offsets that are kept for a connector, in a stable order.
	Offsets(ctx context.Context, name string) (api.ConnectorOffsets, error)
	// AlterOffsets changes some offsets of a connector. The message says that it was
	// done, and whether the connector may keep more of them elsewhere.
	AlterOffsets(ctx context.Context, name string, offsets api.ConnectorOffsets) (api.Message, error)
	// ResetOffsets forgets all offsets of a connector, with the same message.
	ResetOffsets(ctx context.Context, name string) (api.Message, error)
}

// Plugins are the part of a [Herder] that knows what can run and how it is
// configured.
type Plugins interface {
	// Plugins lists the sink connectors and then the source connectors, by class
	// name; when connectorsOnly is false also the other kinds of plugins.
	Plugins(ctx context.Context, connectorsOnly bool) ([]api.PluginInfo, error)
	// PluginConfig returns the keys of a plugin, named by its class or an alias,
	// in a version; "latest" and "" are any. The error is [ErrNotFound] when there
	// is no such plugin, and [ErrInvalid] when it has another version.
	PluginConfig(ctx context.Context, class, version string) ([]api.ConfigKeyInfo, error)
	// Validate looks at a connector's configuration key by key. What is wrong
	// with it is part of the answer; the error says that connector.class is
	// missing or names no connector.
	Validate(ctx context.Context, config map[string]string) (api.ConfigInfos, error)
}

// Topics are the part of a [Herder] that knows which topics connectors use.
// Both methods return an error that is [ErrForbidden] when the worker's
// configuration switches them off.
type Topics interface {
	// ActiveTopics returns the topics that a connector has written to or read
	// from. A name that is not known has none.
	ActiveTopics(ctx context.Context, name string) (api.ActiveTopics, error)
	// ResetActiveTopics forgets them, so that only topics used from now on are
	// active.
	ResetActiveTopics(ctx context.Context, name string) error
}

// Loggers are the part of a [Herder] that sets how much is logged.
type Loggers interface {
	// LoggerLevels returns the levels of all loggers of this worker, by name.
	LoggerLevels() map[string]api.LoggerLevel
	// SetLoggerLevel sets the level of a logger of this worker and of those
	// below it; a name that is not known becomes one. It returns the names whose
	// level has changed, sorted; never nil. An error that is [ErrNotFound] means
	// that there is no such level.
	SetLoggerLevel(name, level string) ([]string, error)
	// SetClusterLoggerLevel does the same on every worker.
	SetClusterLoggerLevel(ctx context.Context, name, level string) error
}

// Tapper is the part of a [Herder] that shows records on their way. A herder without it
// has none to show.
type Tapper interface {
	// Tap shows records of a connector's tasks in this worker. The error is [ErrForbidden]
	// when the worker's configuration does not allow it, and [ErrNotFound] for a name that
	// is not known.
	Tap(ctx context.Context, name string, r api.TapRequest) (api.Tapped, error)
}

// WorkerMetrics are what the tasks of one worker count.
type WorkerMetrics struct {
	// Connectors are the connectors in the worker, whatever their state, by name.
	Connectors []ConnectorMetrics
	// Tasks are its tasks, by connector and number.
	Tasks []TaskMetrics
	// BrokersReachable is whether a broker answers.
	BrokersReachable bool
	// Worker sends what the worker counts beyond its tasks; nil when there is no worker.
	Worker prometheus.Collector
	// Group sends the metrics of the worker's membership of its group; nil for a
	// standalone worker, which has none.
	Group prometheus.Collector
}

// ConnectorMetrics is what there is to know about a connector beyond its tasks.
type ConnectorMetrics struct {
	// Name is the connector's name.
	Name string
	// State is what the connector does.
	State api.State
	// Restarts is how often it was started again after it could not be started.
	Restarts int
}

// TaskMetrics are what one task counts.
type TaskMetrics struct {
	// ID names the task.
	ID api.TaskID
	// State is what the task does.
	State api.State
	// Collector sends the worker's metrics of the task, and those that the task has
	// registered itself, with the labels connector and task.
	Collector prometheus.Collector
}
