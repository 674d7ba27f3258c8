// Package join has the nodes of Kafka Streams' joins, for one task: streams with streams,
// streams with tables, and tables with tables, by their keys or by a foreign key. What
// comes out, in which order and with which timestamps, is as in Kafka Streams; package
// streams connects the nodes.
//
// The nodes read and write their stores in Kafka Streams' bytes (package stores/format).
// All of a task's nodes belong to its goroutine.
package join

import (
	"fmt"
	"time"

	"github.com/suiro/suiro/stores"
	"github.com/suiro/suiro/stores/kinds"
	"github.com/suiro/suiro/streams/internal/node"
	"github.com/suiro/suiro/streams/topology"
)

// Context is what the nodes need of their task; [topology.Context] has more.
type Context interface {
	// Stores are the task's stores.
	Stores() *kinds.Stores
	// Overlay is told of commits and aborts.
	Overlay() *stores.Overlay
	// Task names the subtopology and partition.
	Task() topology.TaskID
	// Position names the record in process.
	Position() topology.Position
	// Drop counts a record that is left out.
	Drop()
	node.Holder
}

// forward forwards what is made of a record that has waited in a store. When that fails, the
// record in process is not to blame.
func forward(ctx Context, u topology.Update, f func() error) error {
	return node.Forward(ctx, func() topology.Update {
		u.Offset = ctx.Position().Offset
		return u
	}, f)
}

// Serde turns keys or values into the bytes of a store and back. It never sees null.
type Serde[T any] interface {
	// Serialize returns bytes that are not changed afterwards.
	Serialize(v T) ([]byte, error)
	// Deserialize may return a value that shares memory with data.
	Deserialize(data []byte) (T, error)
}

// encode serializes a part of a record, and rejects the record when that is not possible.
func encode[T any](serde Serde[T], v T, part string) ([]byte, error) {
	data, err := serde.Serialize(v)
	if err != nil {
		return nil, &topology.Rejection{Stage: topology.Processing, Err: fmt.Errorf("%s: %w", part, err)}
	}
	if data == nil { // to a store it would be a deletion
		data = []byte{}
	}
	return data, nil
}

// decode deserializes what a store has. That it cannot be decoded is no record's fault.
func decode[T any](serde Serde[T], data []byte, store string) (T, error) {
	v, err := serde.Deserialize(data)
	if err != nil {
		return v, fmt.Errorf("decode an entry of store %s: %w", store, err)
	}
	return v, nil
}

// millis is a time in milliseconds as that of a record.
func millis(at int64) time.Time { return time.UnixMilli(at).UTC() }
