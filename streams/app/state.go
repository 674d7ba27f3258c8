package app

import "github.com/suiro/suiro/streams/internal/life"

// State is what an app is doing, by Kafka Streams' names:
//
//	CREATED ──Run──▶ REBALANCING ◀──▶ RUNNING
//	                     │               │
//	                     ├───────────────┴──ctx is done──▶ PENDING_SHUTDOWN ──▶ NOT_RUNNING
//	                     │               │                        │
//	                     └───────────────┴────────an error────────┴──▶ PENDING_ERROR ──▶ ERROR
//
// An app is RUNNING when all its threads are members of the group and all the tasks
// that they have process records, and its global stores have been read to the ends of their
// topics once. It may have no tasks, when the group has more threads than there are
// partitions. It is REBALANCING before that and whenever partitions come or go, while state
// is restored, and while a thread that has failed is replaced. Brokers that are away do not
// change the state by themselves.
type State = life.State

// The states of an app.
const (
	// Created is the state before Run.
	Created = life.Created
	// Rebalancing is the state of an app that has no settled share of the partitions,
	// or restores the state of some.
	Rebalancing = life.Rebalancing
	// Running is the state of an app that processes the records of all its partitions.
	Running = life.Running
	// PendingShutdown is the state of an app that was told to stop and ends what is in
	// process.
	PendingShutdown = life.PendingShutdown
	// NotRunning is the state of an app that has stopped because it was told to.
	NotRunning = life.NotRunning
	// PendingError is the state of an app of which a thread has failed, while it ends the
	// others. What fails before there are threads is [Error] at once.
	PendingError = life.PendingError
	// Error is the state of an app that has ended with an error.
	Error = life.Error
)
