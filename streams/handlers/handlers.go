// Package handlers says what becomes of what fails in a stream app: a record that cannot be
// deserialized, processed or produced. They are Kafka Streams' exception handlers, as
// functions.
//
// Without a handler, and without a key that names one, a record that is rejected goes to
// the topic of errors.dead.letter.queue.topic.name, if there is one, and everything else
// ends the app.
package handlers

import (
	"fmt"
	"time"

	"github.com/suiro/suiro/streams/topology"
)

// Response is what becomes of a record that has failed.
type Response int

// The responses of a [Handler].
const (
	// Fail ends the thread with the error, and the app unless its handler of uncaught
	// errors says otherwise. The record is processed again.
	Fail Response = iota
	// Continue leaves the record out, and everything that it has emitted. What it has
	// changed in stores stays.
	Continue
	// DeadLetter is Continue, and writes the record to the topic that
	// errors.dead.letter.queue.topic.name names, in the same transaction. Without such a
	// topic it is Fail.
	DeadLetter
	// Retry drops everything since the last commit, and processes the records again after a
	// pause. It is for errors of production that pass; for others it is Fail.
	Retry
)

// String returns the name of the response.
func (r Response) String() string {
	switch r {
	case Fail:
		return "fail"
	case Continue:
		return "continue"
	case DeadLetter:
		return "dead letter"
	case Retry:
		return "retry"
	}
	return fmt.Sprintf("Response(%d)", int(r))
}

// Failure is what has failed, and where. It is valid during the call.
type Failure struct {
	// Stage is topology.Deserialization, topology.Processing or topology.Production.
	Stage string
	// Task is the task in which it failed, -1_-1 for a global store.
	Task topology.TaskID
	// Node is the name of the node that has failed. Of a panic it is the source of the
	// record, and the stack says more. "" where it is not known.
	Node string
	// Topic is the Kafka name of the topic of the record in process, "" in a punctuation.
	Topic string
	// Partition is the record's partition.
	Partition int32
	// Offset is the record's offset. For an update that is forwarded at the end of an
	// epoch it is that of the latest record that changed it; it is -1 in a punctuation.
	Offset int64
	// Timestamp is the record's timestamp.
	Timestamp time.Time
	// Key and Value are those of the record in process as they were read, or the key and
	// value in the store of an update. nil is null, and both are nil in a punctuation.
	Key, Value []byte
	// Headers are the record's headers.
	Headers []topology.Header
	// Output is the Kafka name of the topic that could not be written, "" at other stages
	// and where it is not known.
	Output string
	// Err is what has failed. A panic is an error that wraps [ErrPanic].
	Err error
}

// ErrPanic is in the error of a function that has panicked. The error has the stack.
var ErrPanic = topology.ErrPanic

// Handler decides what becomes of a record. It is called in the goroutine of a task, so by
// several at a time; the task waits for it. A handler that panics has answered [Fail].
type Handler func(f Failure) Response

// Handlers are those of an app. nil is what the keys of the app say, such as
// processing.exception.handler, and for Uncaught [ShutdownClient].
type Handlers struct {
	// Deserialization is for records that a source cannot read.
	Deserialization Handler
	// Processing is for errors and panics of nodes: those that [streams.Reject] made and
	// all others, at a record, in a punctuation, and when updates are forwarded at the end
	// of an epoch. It is asked about records of global stores only with
	// processing.exception.handler.global.enabled=true, as in Kafka Streams.
	//
	// [streams.Reject]: https://pkg.go.dev/github.com/suiro/suiro/streams#Reject
	Processing Handler
	// Production is for records that cannot be serialized, and for those that a topic does
	// not take: too large, without a key, not allowed. An error of a broker drops what was
	// made since the last commit; when the records are processed again, the handler is asked
	// about each record for that topic.
	Production Handler
	// Uncaught is for what ends a stream thread.
	Uncaught Uncaught
}
