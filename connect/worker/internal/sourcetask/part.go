package sourcetask

import "sync/atomic"

// part is a record of Kafka as a part of the source record that it was made of, whose
// offset waits for all parts. Mostly it is the only one.
type part struct {
	entry *entry
	among *parts // nil for the only one
}

// parts are the records of Kafka that were made of one source record.
type parts struct {
	left     atomic.Int32 // that are not acknowledged
	rejected bool         // the source record, for one of them; the loop's
}

// partOf returns a part of a record that has become n records.
func partOf(e *entry, n int) part {
	if n == 1 {
		return part{entry: e}
	}
	p := part{e, &parts{}}
	p.among.left.Store(int32(n))
	return p
}

// ack acknowledges the part, and with the last one the source record.
func (p part) ack() {
	if p.among == nil || p.among.left.Add(-1) == 0 {
		p.entry.Ack()
	}
}

// reject notes that the source record is rejected for this part, and reports whether it was
// rejected for another one before.
func (p part) reject() (before bool) {
	if p.among == nil {
		return false
	}
	before, p.among.rejected = p.among.rejected, true
	return before
}
