package hdfs

import (
	"context"
	"fmt"
	"time"

	"github.com/suiro/suiro/connect"
)

// state is what the task does with records of a writer's partition.
//
//	recovering ──▶ found ──▶ ready
//	    ▲            │         │
//	    └────────────┴─────────┘  any error of the storage
type state int

const (
	// recovering: the log is not read yet, or again; records are dropped.
	recovering state = iota
	// found: the log is read; the task seeks at its next call.
	found
	// ready: records are queued.
	ready
	// failed: the task returns the writer's error.
	failed
)

// The reasons to hold a partition back, as bits.
const (
	holdRecovering = 1 << iota
	holdBudget
)

// recordOverhead is about what a queued record takes beside its bytes.
const recordOverhead = 256

// sizeOf is about what a record takes in memory. It is the same whenever it
// is asked.
func sizeOf(r *connect.SinkRecord) int64 {
	n := payloadSize(&r.Key) + payloadSize(&r.Value) + recordOverhead
	for _, h := range r.Headers {
		n += len(h.Key) + len(h.Raw)
	}
	return int64(n)
}

func payloadSize(p *connect.Payload) int {
	if raw := p.Bytes(); raw != nil || p.IsNull() {
		return len(raw)
	}
	_, v, _ := p.Decode() // made by a transform: there is nothing to decode
	return valueSize(v)
}

func valueSize(v any) int {
	n := 16
	switch v := v.(type) {
	case string:
		n += len(v)
	case []byte:
		n += len(v)
	case []any:
		for _, e := range v {
			n += valueSize(e)
		}
	case map[string]any:
		for k, e := range v {
			n += 32 + len(k) + valueSize(e)
		}
	}
	return n
}

// step is the task's part of recovery, at the start of each call. It reports
// whether the records of this call came from before a seek.
func (w *writer) step() (drop bool, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch w.state {
	case failed:
		return true, w.err
	case found:
		w.tc.Seek(connect.Offsets{w.tp: w.resumeAt})
		w.log.Info("seek to the end of the log", "offset", w.resumeAt)
		w.state, w.expect = ready, w.resumeAt
		w.hold(0, holdRecovering)
		return true, nil
	}
	return false, nil
}

// offer queues records, or drops them when the writer will seek back.
func (w *writer) offer(records []*connect.SinkRecord) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if o := records[0].Offset; w.first < 0 || o < w.first {
		w.first = o
	}
	if w.state != ready {
		return
	}
	if o := records[0].Offset; o < w.expect {
		w.failLocked(w.behind(o))
		return
	}
	w.expect = records[len(records)-1].Offset + 1
	var n int64
	for _, r := range records {
		n += sizeOf(r)
	}
	w.queue = append(w.queue, records...)
	w.queued += n
	if w.budget.take(w, n) {
		w.hold(holdBudget, 0)
	}
	w.notify()
}

// behind is the error about a record that the log holds already. A consumer
// that is there, although it was told to seek, found no such offset.
func (w *writer) behind(offset int64) error {
	return fmt.Errorf("%s-%d is read from offset %d although its log in %s goes on at %d: if the topic was "+
		"made anew, choose another topics.dir or move its folders and its logs in +commits away",
		w.tp.Topic, w.tp.Partition, offset, w.s.root, w.expect)
}

// hold sets and clears reasons and pauses or resumes the partition. The
// caller has mu.
func (w *writer) hold(set, clear int) {
	before := w.held
	w.held = w.held&^clear | set
	switch {
	case before == 0 && w.held != 0:
		w.tc.Pause(w.tp)
	case before != 0 && w.held == 0:
		w.tc.Resume(w.tp)
	}
}

func (w *writer) notify() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// next returns queued records, none when the deadline comes first. A zero
// deadline never comes.
func (w *writer) next(ctx context.Context, deadline time.Time) ([]*connect.SinkRecord, error) {
	var alarm <-chan time.Time
	if !deadline.IsZero() {
		t := time.NewTimer(time.Until(deadline))
		defer t.Stop()
		alarm = t.C
	}
	for {
		w.mu.Lock()
		records := w.queue
		w.queue = nil
		w.mu.Unlock()
		if len(records) > 0 {
			return records, nil
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-alarm:
			return nil, nil
		case <-w.wake:
		}
	}
}

// release gives back what a record took, unless the whole queue was given back
// since.
func (w *writer) release(n int64) {
	w.mu.Lock()
	n = min(n, w.queued)
	w.queued -= n
	w.mu.Unlock()
	w.resume(w.budget.release(n))
}

func (w *writer) resume(ws []*writer) {
	for _, other := range ws {
		other.mu.Lock()
		other.hold(0, holdBudget)
		other.mu.Unlock()
	}
}

// reset drops the queue; the records come again after a seek.
func (w *writer) reset() {
	w.mu.Lock()
	n := w.queued
	w.queue, w.queued = nil, 0
	if w.state != failed {
		w.state = recovering
	}
	w.hold(holdRecovering, 0)
	w.settle()
	w.mu.Unlock()
	w.resume(w.budget.release(n))
}

// recovered tells the task where to go on: at the log's end, or where the
// partition was first put when the log is empty.
func (w *writer) recovered(next int64, known bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case known:
		w.state, w.resumeAt, w.safe = found, next, next
	case w.first >= 0:
		w.state, w.resumeAt = found, w.first
	default:
		w.state = ready
		w.hold(0, holdRecovering)
	}
	w.settle()
}

// settle ends the wait of Open: the first attempt is over. The caller has mu.
func (w *writer) settle() {
	if !w.isSettled {
		w.isSettled = true
		close(w.settled)
	}
}

// trouble returns what the next Put returns, nil while all is well.
func (w *writer) trouble() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.err
}

// stall makes Put return a retriable error, until nil takes it back.
func (w *writer) stall(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.state != failed {
		w.err = err
	}
}

func (w *writer) fail(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.failLocked(err)
}

func (w *writer) failLocked(err error) {
	w.state, w.err = failed, err
	w.settle()
}

// committed records the offset that may be committed to Kafka.
func (w *writer) committed(next int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.safe = next
}

// offset returns what may be committed to Kafka; false when nothing is known.
func (w *writer) offset() (int64, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.safe, w.safe >= 0
}
