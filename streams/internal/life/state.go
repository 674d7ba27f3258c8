// Package life is how far an app has come: the state that it is in, what its threads and tasks
// are doing, who is told of it, and how it is said in words.
package life

import "slices"

// State is what an app is doing, by Kafka Streams' names:
//
//	CREATED ──Begin──▶ REBALANCING ◀──▶ RUNNING
//	                       │               │
//	                       ├───────────────┴──Enter──▶ PENDING_SHUTDOWN ──▶ NOT_RUNNING
//	                       │               │                        │
//	                       └───────────────┴────────Fails───────────┴──▶ PENDING_ERROR ──▶ ERROR
//
// RUNNING is the state of an app in REBALANCING whose threads, tasks and global stores are all
// there; it is found out whenever someone looks.
type State int

// The states of an app. Package app says when they are entered.
const (
	// Created is the state before Begin.
	Created State = iota
	// Rebalancing has no settled share of the partitions, or restores the state of some.
	Rebalancing
	// Running processes the records of all partitions of the instance.
	Running
	// PendingShutdown was told to stop, and ends what is in process.
	PendingShutdown
	// NotRunning has stopped because it was told to.
	NotRunning
	// PendingError has a thread that has failed, and ends the others.
	PendingError
	// Error has ended with an error.
	Error
)

var stateNames = [...]string{"CREATED", "REBALANCING", "RUNNING", "PENDING_SHUTDOWN", "NOT_RUNNING", "PENDING_ERROR",
	"ERROR"}

// String returns the name that Kafka Streams gives the state, such as REBALANCING.
func (s State) String() string { return stateNames[s] }

// States returns the names of all states.
func States() []string { return slices.Clone(stateNames[:]) }
