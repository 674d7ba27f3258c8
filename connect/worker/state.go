package worker

// State is what a connector or task does, by Kafka Connect's names.
//
//	UNASSIGNED ─▶ RUNNING ─▶ FAILED ─▶ RESTARTING ─▶ RUNNING
//	                 └──────────▶ UNASSIGNED (told to stop)
type State int

// The states of connectors and tasks.
const (
	Unassigned State = iota
	Running
	Paused
	Failed
	Restarting
	Stopped // connectors only
)

var stateNames = [...]string{"UNASSIGNED", "RUNNING", "PAUSED", "FAILED", "RESTARTING", "STOPPED"}

// String returns the name that the REST API shows.
func (s State) String() string { return stateNames[s] }

// Status is a state and, when something went wrong, why.
type Status struct {
	// State is what the connector or task does now.
	State State
	// Trace is what went wrong; "" when nothing did. A task that is RUNNING and
	// has one goes on trying.
	Trace string
	// Misconfigured says that the configuration can never work, so that the task
	// has FAILED and is not restarted.
	Misconfigured bool
}
