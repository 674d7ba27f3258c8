package configs

import (
	"maps"
	"slices"

	"github.com/suiro/suiro/connect/herder/api"
)

// TargetState is what was asked of a connector, by Kafka Connect's names.
type TargetState string

// The target states.
const (
	// Started means that the connector and its tasks are to run.
	Started TargetState = "STARTED"
	// Paused means that the tasks are to stay, without working.
	Paused TargetState = "PAUSED"
	// Stopped means that the connector is to have no tasks.
	Stopped TargetState = "STOPPED"
)

func (t TargetState) known() bool { return t == Started || t == Paused || t == Stopped }

// State is what a cluster was told to run, as of one offset. All that read a State
// share it: neither it nor what its maps hold may be changed.
type State struct {
	// Offset is that of the record behind the last one that was read, as Kafka Connect
	// counts it: markers of transactions do not move it. -1 when nothing was read.
	// Workers of a group compare theirs.
	Offset int64
	// Connectors are the configurations of the connectors, by name.
	Connectors map[string]map[string]string
	// Targets are the target states. Each of Connectors has one, and a connector that
	// is about to be created may have one.
	Targets map[string]TargetState
	// Tasks are the configurations of the tasks, as last committed. It may have tasks of
	// numbers that the connector no longer uses: see TaskIDs.
	Tasks map[api.TaskID]map[string]string
	// TaskCounts is how many tasks the last commit of each connector says there are.
	TaskCounts map[string]int
	// Applied are the configurations that the connectors had when their tasks were
	// committed.
	Applied map[string]map[string]string
	// Generations count the complete commits of each connector that were read, so that
	// who waits can tell that tasks have changed meanwhile.
	Generations map[string]int
	// FencedTasks is how many tasks each exactly-once source had when it was last
	// fenced. The producers of so many tasks may be left over.
	FencedTasks map[string]int
	// PendingFencing has the connectors whose tasks were committed after they were last
	// fenced. An exactly-once source among them is fenced before its tasks start.
	PendingFencing map[string]bool
	// Inconsistent has the connectors whose last commit refers to tasks that are
	// missing.
	Inconsistent map[string]bool
	// SessionKey signs what workers ask of each other; nil when there is none yet.
	SessionKey *SessionKey
}

func newState() State {
	return State{Offset: -1, Connectors: map[string]map[string]string{}, Targets: map[string]TargetState{},
		Tasks: map[api.TaskID]map[string]string{}, TaskCounts: map[string]int{}, Applied: map[string]map[string]string{},
		Generations: map[string]int{}, FencedTasks: map[string]int{}, PendingFencing: map[string]bool{},
		Inconsistent: map[string]bool{}}
}

// clone copies the maps. Their values are never changed but replaced.
func (s *State) clone() *State {
	c := *s
	c.Connectors, c.Targets, c.Tasks = maps.Clone(s.Connectors), maps.Clone(s.Targets), maps.Clone(s.Tasks)
	c.TaskCounts, c.Applied, c.Generations = maps.Clone(s.TaskCounts), maps.Clone(s.Applied), maps.Clone(s.Generations)
	c.FencedTasks, c.PendingFencing = maps.Clone(s.FencedTasks), maps.Clone(s.PendingFencing)
	c.Inconsistent = maps.Clone(s.Inconsistent)
	return &c
}

// Has reports whether there is a connector of that name.
func (s *State) Has(connector string) bool {
	_, ok := s.Connectors[connector]
	return ok
}

// Names returns the names of the connectors, sorted.
func (s *State) Names() []string { return slices.Sorted(maps.Keys(s.Connectors)) }

// TaskIDs returns the tasks that a connector has, by number; none when it is
// inconsistent.
func (s *State) TaskIDs(connector string) []api.TaskID {
	if s.Inconsistent[connector] {
		return nil
	}
	ids := make([]api.TaskID, 0, s.TaskCounts[connector])
	for n := range s.TaskCounts[connector] {
		ids = append(ids, api.TaskID{Connector: connector, Task: n})
	}
	return ids
}

// SessionKey is the key with which workers sign what they ask of each other. It prints
// as dots.
type SessionKey struct {
	// Key is the secret.
	Key []byte
	// Algorithm is what it was made for, by Java's name, such as HmacSHA256.
	Algorithm string
	// Created is when it was made, in milliseconds since 1970.
	Created int64
}

// String implements [fmt.Stringer].
func (SessionKey) String() string { return "••••••" }

// GoString implements [fmt.GoStringer].
func (SessionKey) GoString() string { return "••••••" }

// RestartRequest asks the workers of a cluster to restart a connector.
type RestartRequest struct {
	// Connector is the connector's name.
	Connector string
	// IncludeTasks restarts its tasks too.
	IncludeTasks bool
	// OnlyFailed leaves alone what has not failed.
	OnlyFailed bool
}

// UpdateKind says what an [Update] is about.
type UpdateKind int

// The kinds of updates.
const (
	// ConnectorChanged is a connector that is new or has another configuration.
	ConnectorChanged UpdateKind = iota + 1
	// ConnectorRemoved is a connector that is gone.
	ConnectorRemoved
	// TasksChanged is a commit of task configurations, which may be the same as before
	// or incomplete.
	TasksChanged
	// TargetChanged is another target state of a connector that exists.
	TargetChanged
	// RestartRequested is a request to restart a connector.
	RestartRequested
	// SessionKeyChanged is another key in [State.SessionKey].
	SessionKeyChanged
	// LoggerChanged is another level of a logger, for all workers.
	LoggerChanged
	// TasksFenced is that the producers of all former tasks of a connector are fenced.
	TasksFenced
)

// Update is one change. What changed is in the [Store.Snapshot] already.
type Update struct {
	// Kind is what changed.
	Kind UpdateKind
	// Connector is the connector's name, for the kinds that are about one.
	Connector string
	// Tasks are those that TasksChanged gave a configuration, by number.
	Tasks []api.TaskID
	// Restart is what RestartRequested asks for.
	Restart RestartRequest
	// Logger is the name of the logger of LoggerChanged, and Level its level.
	Logger string
	// Level is described at Logger.
	Level string
}
