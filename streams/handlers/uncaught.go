package handlers

import "fmt"

// ThreadResponse is what becomes of an app in which a stream thread has failed with an error
// that nobody has caught, by Kafka Streams' names (KIP-671).
type ThreadResponse int

// The responses of an [Uncaught] handler.
const (
	// ShutdownClient ends this instance of the app with the error.
	ShutdownClient ThreadResponse = iota
	// ReplaceThread starts another thread in the place of the one that has failed, after a
	// pause that grows while threads fail without having brought the app forward. The
	// records of the open epoch are processed again.
	ReplaceThread
	// ShutdownApplication is ShutdownClient, and tells all other instances to stop, too:
	// each ends with an error. Those that are away at that moment, or that are started
	// later, do not hear of it.
	ShutdownApplication
)

// String returns the name that Kafka Streams gives the response, such as REPLACE_THREAD.
func (r ThreadResponse) String() string {
	switch r {
	case ShutdownClient:
		return "SHUTDOWN_CLIENT"
	case ReplaceThread:
		return "REPLACE_THREAD"
	case ShutdownApplication:
		return "SHUTDOWN_APPLICATION"
	}
	return fmt.Sprintf("ThreadResponse(%d)", int(r))
}

// Uncaught decides what becomes of the app because of the error of a stream thread. It is
// not asked about the group and the brokers: a thread that has lost either is replaced in
// any case. It is called in the goroutine of the thread, so by several at a time.
type Uncaught func(err error) ThreadResponse
