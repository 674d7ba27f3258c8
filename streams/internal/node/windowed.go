package node

import "time"

// Windowed is a key within a window.
type Windowed[K any] struct {
	// Key is the record's key.
	Key K
	// Start is the first moment of the window.
	Start time.Time
	// End is the first moment after the window, or after a session the time of its last
	// record, as in Kafka Streams.
	End time.Time
}

// WindowEnd returns End.
func (w Windowed[K]) WindowEnd() time.Time { return w.End }
