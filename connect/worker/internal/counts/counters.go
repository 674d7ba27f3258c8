package counts

import (
	"reflect"
	"sync/atomic"
	"time"
)

// Counters count for one task, over all its lives. They are safe for concurrent
// use.
type Counters struct {
	Numbers[atomic.Int64]
	// EndOfInput is that of [Counts].
	EndOfInput atomic.Bool
	// Topics are those that records were written to, or read from.
	Topics Topics
	// Failures are the records that failed.
	Failures Failures
	// Lags are those of a sink's partitions.
	Lags Lags
	// Paused is how long a sink had partitions paused.
	Paused Stopwatch
	// Poll, Convert, Put and Committing are how long these take for a batch: the poll
	// of a source task or the wait for Kafka, transforms and converters, the put of
	// a sink task, and a commit of offsets that succeeded.
	Poll, Convert, Put, Committing Histogram
	// Writing is how long Kafka takes to acknowledge a record of a source, from when it
	// is handed to the producer; of each poll one record is measured.
	Writing Histogram
	// Age is how old records are when the task reads them, and Latency when they have
	// arrived; of each batch and partition the first is measured, which has waited for
	// the longest.
	Age, Latency Ages
	// Batches are how many records there are in what is polled, and Transactions in those
	// of a source.
	Batches, Transactions Sizes
	// Converters and Transforms are how long these take: converters by the part of the
	// record, transforms by their aliases.
	Converters, Transforms Meters
	// Times are how long the task was running, and paused.
	Times Times

	last atomic.Int64 // when offsets were last kept, in milliseconds since 1970
}

// Commit counts a commit of offsets, or a failure to commit when err is not nil.
func (c *Counters) Commit(err error) {
	if err != nil {
		c.CommitFailures.Add(1)
		return
	}
	c.Commits.Add(1)
	c.last.Store(time.Now().UnixMilli())
}

// Snapshot returns the counts so far.
func (c *Counters) Snapshot() Counts {
	s := Counts{EndOfInput: c.EndOfInput.Load()}
	live, still := fields(&c.Numbers), fields(&s.Numbers)
	for i := range live {
		*still[i] = live[i].Load()
	}
	if at := c.last.Load(); at > 0 {
		s.LastCommit = time.UnixMilli(at)
	}
	return s
}

// fields are the numbers in the order of declaration.
func fields[T any](n *Numbers[T]) []*T {
	v := reflect.ValueOf(n).Elem()
	out := make([]*T, v.NumField())
	for i := range out {
		out[i] = v.Field(i).Addr().Interface().(*T)
	}
	return out
}
