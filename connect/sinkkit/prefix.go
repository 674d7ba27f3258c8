package sinkkit

import "github.com/suiro/suiro/connect/internal/acks"

// Prefix follows the records of one partition from Put until they are settled:
// written, or rejected with the dead letter acknowledged. It tells the offset
// before which every record is settled; to commit a higher one would lose the
// record that holds it back. The zero Prefix is ready. Its methods may be
// called from any goroutine. A partition that is closed and opened again gets
// a new Prefix.
type Prefix struct {
	tracker acks.Tracker[int64]
}

// Pending is a record on its way. Copies of it are the same record.
type Pending struct {
	entry *acks.Entry[int64]
}

// Add follows a record. Records are added in the order in which they were put.
func (p *Prefix) Add(offset int64) Pending { return Pending{p.tracker.Add(offset)} }

// Settle marks the record as written or rejected. It may be called from any
// goroutine; calling it twice does no harm.
func (p Pending) Settle() { p.entry.Ack() }

// Safe returns the offset that may be committed: that of the first record that
// is not settled, or end when there is none. end is the offset after the last
// record put, as PreCommit is given it.
func (p *Prefix) Safe(end int64) int64 {
	if first, ok := p.tracker.First(); ok {
		return first
	}
	return end
}
