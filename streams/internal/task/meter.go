package task

import "sync/atomic"

// Meter measures what the open epoch of a thread holds. The tasks of the thread share
// it, and stop between two records when it is full.
type Meter struct {
	// OutputBytes, OutputRecords and StateBytes are how much the epoch may hold of each.
	OutputBytes, OutputRecords, StateBytes int64

	bytes, records, state atomic.Int64
}

// Full reports whether the epoch must end. Any goroutine may call it.
func (m *Meter) Full() bool {
	return m != nil &&
		(m.bytes.Load() > m.OutputBytes || m.records.Load() > m.OutputRecords || m.state.Load() > m.StateBytes)
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

// add counts what a task has made of one record.
func (m *Meter) add(bytes, records, state int64) {
	if m == nil {
		return
	}
	m.bytes.Add(bytes)
	m.records.Add(records)
	if state != 0 {
		m.state.Add(state)
	}
}
