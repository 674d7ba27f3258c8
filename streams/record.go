package streams

import (
	"time"

	"github.com/suiro/suiro/streams/topology"
)

// Header is a record header.
type Header = topology.Header

// Record is one record with its decoded key and value. It belongs to the call
// that gets it: keep its key and value if you like, not the Record.
type Record[K, V any] struct {
	Key       K
	Value     V
	Timestamp time.Time
	Headers   []Header
}

// handler processes one record of a stream within one task.
type handler[K, V any] func(*Record[K, V]) error

// Reject returns an error that concerns the record in process only: with
// errors.dead.letter.queue.topic.name set the record goes there with err as
// the reason and the app goes on. Any other error stops the app.
func Reject(err error) error {
	if err == nil {
		return nil
	}
	return &topology.Rejection{Stage: topology.Processing, Err: err}
}
