package counts

import "sync/atomic"

// Lag is how far a sink is behind in one partition, in offsets. Some of them may be
// the ends of transactions, or what compaction left out, and no records.
type Lag struct {
	// Topic and Partition name the partition.
	Topic     string
	Partition int32
	// Committed is from what is committed to the end, and Position from what was
	// put.
	Committed, Position int64
}

// Lags asks the present life of a task for the lag of its partitions. It is safe for
// concurrent use; the zero value knows of none.
type Lags struct{ ask atomic.Pointer[func() []Lag] }

// Ask sets what to ask; nil when the life has ended.
func (l *Lags) Ask(fn func() []Lag) {
	if fn == nil {
		l.ask.Store(nil)
		return
	}
	l.ask.Store(&fn)
}

// Now returns the lag of every partition that the task owns, in no order.
func (l *Lags) Now() []Lag {
	if fn := l.ask.Load(); fn != nil {
		return (*fn)()
	}
	return nil
}
