// Package meter says when an epoch of a stream thread holds so much that it must end.
package meter

import "sync/atomic"

// Meter measures what the open epoch of a thread holds. The tasks of the thread share
// it, and stop between two records when it is full.
type Meter struct {
	// OutputBytes and StateBytes are how much the open epochs of all threads may hold of each, of
	// which this one has an equal part, and OutputRecords how many records this one may.
	OutputBytes, OutputRecords, StateBytes int64
	// Threads is how many threads there are. Default nil: one.
	Threads *atomic.Int64

	bytes, records, state atomic.Int64
}

// Full reports whether the epoch must end. Any goroutine may call it.
func (m *Meter) Full() bool {
	if m == nil {
		return false
	}
	threads := int64(1)
	if m.Threads != nil {
		threads = max(m.Threads.Load(), 1)
	}
	return m.bytes.Load() > m.OutputBytes/threads || m.records.Load() > m.OutputRecords ||
		m.state.Load() > m.StateBytes/threads
}

// Reset begins an epoch. No task processes records meanwhile.
func (m *Meter) Reset() {
	if m == nil {
		return
	}
	m.bytes.Store(0)
	m.records.Store(0)
	m.state.Store(0)
}

// Add counts what a task has made of one record.
func (m *Meter) Add(bytes, records, state int64) {
	if m == nil {
		return
	}
	m.bytes.Add(bytes)
	m.records.Add(records)
	if state != 0 {
		m.state.Add(state)
	}
}
