package workertest

import (
	"context"
	"sync"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
)

// The calls that [trap.setBetween] tells apart.
const (
	putMethod       = "Put" // of one record or more
	preCommitMethod = "PreCommit"
)

// calls are the calls of one task, one at a time, with Stop once and last.
type calls struct {
	gate *gate
	stop func() error

	mu      sync.Mutex // held during a call
	stopped bool       // guarded by mu
}

func newCalls(g *gate, stop func() error) *calls {
	c := &calls{gate: g, stop: stop}
	g.leave(func() { _ = c.end() }) // what a killed process did not stop
	return c
}

func (c *calls) do(method string, call func() error) error {
	return c.gate.do(method, func() error {
		c.mu.Lock()
		defer c.mu.Unlock()
		return call()
	})
}

// end stops the task unless it is stopped.
func (c *calls) end() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.stopped {
		return nil
	}
	c.stopped = true
	return c.stop()
}

// Stop implements connect.SourceTask and connect.SinkTask.
func (c *calls) Stop() error { return c.gate.do("Stop", c.end) }

var _ connect.SourceTask = (*gatedSourceTask)(nil)

type gatedSourceTask struct {
	*calls
	inner connect.SourceTask
}

// Start implements [connect.SourceTask].
func (t *gatedSourceTask) Start(ctx context.Context, tc connect.SourceContext, v config.Values) error {
	return t.do("Start", func() error { return t.inner.Start(ctx, tc, v) })
}

// Poll implements [connect.SourceTask].
func (t *gatedSourceTask) Poll(ctx context.Context) ([]*connect.SourceRecord, error) {
	return through(t.gate, "Poll", func() ([]*connect.SourceRecord, error) {
		t.mu.Lock()
		defer t.mu.Unlock()
		return t.inner.Poll(ctx)
	})
}

// Committed implements [connect.SourceTask].
func (t *gatedSourceTask) Committed(partition, offset map[string]any) {
	_ = t.do("Committed", func() error {
		t.inner.Committed(partition, offset)
		return nil
	})
}

var _ connect.WriteObserver = (*gatedObserver)(nil)

// gatedObserver is the task of a [connect.WriteObserver].
type gatedObserver struct {
	*gatedSourceTask
	inner connect.WriteObserver
}

// Written implements [connect.WriteObserver]. It may come during another call.
func (t *gatedObserver) Written(r *connect.SourceRecord, in connect.TopicPartition, offset int64) {
	_ = t.gate.do("Written", func() error {
		t.inner.Written(r, in, offset)
		return nil
	})
}

var _ connect.BatchTask = (*gatedBatchTask)(nil)

// gatedBatchTask is the task of a [connect.WriteObserver] that is a [connect.BatchTask] too.
type gatedBatchTask struct {
	*gatedObserver
	batches connect.BatchTask
}

// OffersBatches implements [connect.BatchTask].
func (t *gatedBatchTask) OffersBatches(v config.Values) bool { return t.batches.OffersBatches(v) }

// UseBatches implements [connect.BatchTask].
func (t *gatedBatchTask) UseBatches() { t.batches.UseBatches() }

// PollBatches implements [connect.BatchTask].
func (t *gatedBatchTask) PollBatches(ctx context.Context) ([]*connect.Batch, error) {
	return through(t.gate, "PollBatches", func() ([]*connect.Batch, error) {
		t.mu.Lock()
		defer t.mu.Unlock()
		return t.batches.PollBatches(ctx)
	})
}

// BatchWritten implements [connect.BatchTask]. It may come during another call.
func (t *gatedBatchTask) BatchWritten(b *connect.Batch, offset int64) {
	_ = t.gate.do("BatchWritten", func() error {
		t.batches.BatchWritten(b, offset)
		return nil
	})
}

var _ connect.SinkTask = (*gatedSinkTask)(nil)

type gatedSinkTask struct {
	*calls
	inner connect.SinkTask
}

// Start implements [connect.SinkTask].
func (t *gatedSinkTask) Start(ctx context.Context, tc connect.SinkContext, v config.Values) error {
	return t.do("Start", func() error { return t.inner.Start(ctx, tc, v) })
}

// Open implements [connect.SinkTask].
func (t *gatedSinkTask) Open(ctx context.Context, partitions []connect.TopicPartition) error {
	return t.do("Open", func() error { return t.inner.Open(ctx, partitions) })
}

// Put implements [connect.SinkTask].
func (t *gatedSinkTask) Put(ctx context.Context, records []*connect.SinkRecord) error {
	method := putMethod
	if len(records) == 0 {
		method = "Put of nothing"
	}
	return t.do(method, func() error { return t.inner.Put(ctx, records) })
}

// PreCommit implements [connect.SinkTask].
func (t *gatedSinkTask) PreCommit(ctx context.Context, current connect.Offsets) (connect.Offsets, error) {
	return through(t.gate, preCommitMethod, func() (connect.Offsets, error) {
		t.mu.Lock()
		defer t.mu.Unlock()
		return t.inner.PreCommit(ctx, current)
	})
}

// Close implements [connect.SinkTask].
func (t *gatedSinkTask) Close(ctx context.Context, partitions []connect.TopicPartition, lost bool) error {
	return t.do("Close", func() error { return t.inner.Close(ctx, partitions, lost) })
}
