package streams

import (
	"github.com/suiro/suiro/streams/internal/node"
	"github.com/suiro/suiro/streams/topology"
)

// Header is a record header.
type Header = topology.Header

// Record is one record with its decoded key and value. It is valid during the call
// that gets it: the key and value may be kept, the Record may not.
type Record[K, V any] = node.Record[K, V]

// Position is a place in a topic.
type Position = topology.Position

// handler processes one record of a stream within one task.
type handler[K, V any] = node.Handler[K, V]

// Reject returns an error that concerns only the record in process. When
// errors.dead.letter.queue.topic.name is set, the record goes to that topic with
// err as the reason and the app continues. Any other error stops the app, unless a handler
// says otherwise (package handlers).
func Reject(err error) error {
	if err == nil {
		return nil
	}
	return &topology.Rejection{Stage: topology.Processing, Err: err}
}
