package filesets

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/sinkkit"
	"github.com/suiro/suiro/connectors/filesets/footprint"
)

// inboxState is what the task does with the records of a partition.
//
//	             the log is read         the task seeks
//	recovering ──────────────────▶ found ───────────────▶ ready
//	   ▲  │                          │                      │
//	   │  └─────────────────── the log is empty ───────────▶│
//	   │                             │                      │
//	   └─────────────────────────────┴──────────────────────┘ the storage fails
//
//	any of them ──▶ failed    an error that does not go away by itself
//	any of them ──▶ closed    Close or Stop
type inboxState int

const (
	// recovering: the log is being read; records are dropped.
	recovering inboxState = iota
	// found: the log is read; the task seeks at its next call.
	found
	// ready: records are queued.
	ready
	// failed: the task returns the writer's error.
	failed
	// closed: the partition is no longer the task's.
	closed
)

// queued is a record and what it took when it was put: decoding it makes it larger.
type queued struct {
	record *connect.SinkRecord
	size   int64
}

// inbox is what a task and the writer of one of its partitions share: the task
// puts records in, the writer's goroutine takes them out. No method waits for
// the storage, and only take waits at all.
type inbox struct {
	tp     connect.TopicPartition
	tc     connect.SinkContext
	budget *sinkkit.Budget
	root   string        // for an error's text
	wake   chan struct{} // holds one token when the queue may have something
	tried  chan struct{} // closed when the first take-over succeeded or failed

	mu       sync.Mutex // guards all below
	isTried  bool
	state    inboxState
	err      error // for Put: fatal in state failed, else retriable
	queue    []queued
	queued   int64 // bytes in the queue and in the records that take returned last
	first    int64 // smallest offset put, -1 before
	resumeAt int64 // where to seek in state found
	expect   int64 // the next offset put, at least; -1 when any may come
	end      int64 // of the log, which may be committed to Kafka; -1 when not known
	gaps     gaps
}

func newInbox(tp connect.TopicPartition, tc connect.SinkContext, b *sinkkit.Budget, root string, g gaps) *inbox {
	return &inbox{tp: tp, tc: tc, budget: b, root: root, gaps: g, wake: make(chan struct{}, 1),
		tried: make(chan struct{}), first: -1, expect: -1, end: -1}
}

// ---- the task's side ----

// seek moves the partition to where the writer found that the log ends, if it
// did since the last call. It reports whether records that were read before must
// not be put, because they are from before the seek or the writer has failed.
func (b *inbox) seek() (stale bool, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch b.state {
	case failed:
		return true, b.err
	case found:
		b.tc.Seek(connect.Offsets{b.tp: b.resumeAt})
		b.state, b.expect = ready, b.resumeAt
		b.budget.Unhold(b.tp)
		return true, nil
	}
	return false, nil
}

// pauseWhileRecovering pauses a partition whose log is not read yet.
func (b *inbox) pauseWhileRecovering() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.state == recovering {
		b.budget.Hold(b.tp)
	}
}

// offer queues records, at least one and in order, or drops them when the task
// is going to seek back.
func (b *inbox) offer(records []*connect.SinkRecord) {
	b.mu.Lock()
	defer b.mu.Unlock()
	from := records[0].Offset
	if b.first < 0 || from < b.first {
		b.first = from
	}
	if b.state != ready {
		return
	}
	if from < b.expect {
		b.failLocked(b.behind(from))
		return
	}
	var size int64
	for _, r := range records {
		if b.expect >= 0 {
			b.gaps.note(b.expect, r.Offset)
		}
		b.expect = r.Offset + 1
		q := queued{r, footprint.Of(r)}
		size += q.size
		b.queue = append(b.queue, q)
	}
	b.queued += size
	b.budget.Take(sinkkit.Load{Bytes: size})
	select {
	case b.wake <- struct{}{}:
	default:
	}
}

// behind is the error about a record that the log covers already. A consumer that
// reads from there, although the task sought past it, found no offset as late as
// that.
func (b *inbox) behind(offset int64) error {
	return fmt.Errorf("%s-%d is read from offset %d although its log in %s goes on at %d: if the topic was deleted "+
		"and created again, choose another topics.dir, or move its folders and its logs in +commits away",
		b.tp.Topic, b.tp.Partition, offset, b.root, b.expect)
}

// record names a record in errors.
func (b *inbox) record(offset int64) string {
	return fmt.Sprintf("%s-%d offset %d", b.tp.Topic, b.tp.Partition, offset)
}

// trouble returns the error that the next Put must return, nil while all is
// well.
func (b *inbox) trouble() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.err
}

// committed returns the offset that may be committed to Kafka; false when it is
// not known.
func (b *inbox) committed() (int64, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.end, b.end >= 0
}

// close drops the queue, after the writer was told to end. What a call under
// way still brings has no effect: the partition may have a new inbox by now.
func (b *inbox) close() {
	b.mu.Lock()
	b.state = closed
	size := b.dropLocked()
	b.mu.Unlock()
	b.budget.Release(sinkkit.Load{Bytes: size})
}

// ---- the writer's side ----

// take returns the queued records, and none when the deadline comes first. A
// zero deadline never comes.
func (b *inbox) take(ctx context.Context, deadline time.Time) ([]queued, error) {
	var alarm <-chan time.Time
	if !deadline.IsZero() {
		t := time.NewTimer(time.Until(deadline))
		defer t.Stop()
		alarm = t.C
	}
	for {
		b.mu.Lock()
		records := b.queue
		b.queue = nil
		b.mu.Unlock()
		if len(records) > 0 {
			return records, nil
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-alarm:
			return nil, nil
		case <-b.wake:
		}
	}
}

// release gives back the bytes of a record that was taken and is written,
// unless the whole queue was given back since.
func (b *inbox) release(size int64) {
	b.mu.Lock()
	size = min(size, b.queued)
	b.queued -= size
	b.mu.Unlock()
	b.budget.Release(sinkkit.Load{Bytes: size})
}

// rewind drops the queue, because the storage failed: the records come again
// after a seek.
func (b *inbox) rewind() {
	b.mu.Lock()
	size := b.dropLocked()
	if b.state < failed {
		b.state = recovering
		b.budget.Hold(b.tp)
	}
	b.firstTryDone()
	b.mu.Unlock()
	b.budget.Release(sinkkit.Load{Bytes: size})
}

// logRead tells the task where to go on: at the log's end, or where the partition
// was first put when the log is empty.
func (b *inbox) logRead(end int64, known bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.state >= failed:
	case known:
		b.state, b.resumeAt, b.end = found, end, end
	case b.first >= 0:
		b.state, b.resumeAt = found, b.first
	default:
		b.state = ready
		b.budget.Unhold(b.tp)
	}
	b.firstTryDone()
}

// committedTo notes that the log ends at an offset.
func (b *inbox) committedTo(end int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.end = end
}

// stall makes Put return a retriable error, until nil takes it back.
func (b *inbox) stall(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.state < failed {
		b.err = err
	}
}

// fail makes every later call of the task return err.
func (b *inbox) fail(err error) {
	b.mu.Lock()
	size := b.dropLocked()
	if b.state != closed {
		b.failLocked(err)
		b.budget.Hold(b.tp)
	}
	b.mu.Unlock()
	b.budget.Release(sinkkit.Load{Bytes: size})
}

// ---- helpers; the caller has mu ----

func (b *inbox) failLocked(err error) {
	b.state, b.err = failed, err
	b.firstTryDone()
}

// dropLocked empties the queue and returns the bytes to give back.
func (b *inbox) dropLocked() int64 {
	size := b.queued
	b.queue, b.queued = nil, 0
	return size
}

// firstTryDone ends the wait of Open.
func (b *inbox) firstTryDone() {
	if !b.isTried {
		b.isTried = true
		close(b.tried)
	}
}
