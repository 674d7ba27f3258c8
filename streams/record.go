package streams

import (
	"time"

	"github.com/suiro/suiro/streams/topology"
)

// Header is a record header.
type Header = topology.Header

// Record is one record with its decoded key and value. It is valid during the call
// that gets it: the key and value may be kept, the Record may not.
type Record[K, V any] struct {
	// Key is the decoded key.
	Key K
	// Value is the decoded value.
	Value V
	// Timestamp is the record's event time, in milliseconds.
	Timestamp time.Time
	// Headers are the record's headers. Default: none.
	Headers []Header
}

// handler processes one record of a stream within one task.
type handler[K, V any] func(*Record[K, V]) error

// Reject returns an error that concerns only the record in process. When
// errors.dead.letter.queue.topic.name is set, the record goes to that topic with
// err as the reason and the app continues. Any other error stops the app.
func Reject(err error) error {
	if err == nil {
		return nil
	}
	return &topology.Rejection{Stage: topology.Processing, Err: err}
}
