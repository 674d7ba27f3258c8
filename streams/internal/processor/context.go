package processor

import (
	"fmt"
	"log/slog"
	"time"

	"github.com/suiro/suiro/streams/internal/node"
	"github.com/suiro/suiro/streams/topology"
)

// Context is what a task offers a processor: K and V are what the processor forwards. It
// belongs to the task's goroutine.
type Context[K, V any] struct {
	task     topology.Context
	next     node.Handler[K, V]
	children map[string]node.Handler[K, V]
	name     string
	fix      func(*node.Record[K, V]) // nil where keys may change
}

// New returns the context of the named node in one task: next passes a record to all nodes
// below, children are these by their names.
func New[K, V any](task topology.Context, name string, next node.Handler[K, V],
	children map[string]node.Handler[K, V]) *Context[K, V] {
	return &Context[K, V]{task: task, name: name, next: next, children: children}
}

// Fix makes each record go through f before it is forwarded.
func (c *Context[K, V]) Fix(f func(*node.Record[K, V])) { c.fix = f }

// Forward passes a record to all nodes below, before it returns. The error is theirs; the
// processor returns it. The record may be used again afterwards, but the nodes may have
// changed it.
func (c *Context[K, V]) Forward(r *node.Record[K, V]) error {
	if c.fix != nil {
		c.fix(r)
	}
	return c.next(r)
}

// ForwardTo passes a record to the named node below only. It is an error when there is no
// such node.
func (c *Context[K, V]) ForwardTo(child string, r *node.Record[K, V]) error {
	next, ok := c.children[child]
	if !ok {
		return fmt.Errorf("node %s forwards to %s, which is not below it: name the node so, or forward to another one",
			c.name, child)
	}
	if c.fix != nil {
		c.fix(r)
	}
	return next(r)
}

// TaskID names the task: its subtopology and partition.
func (c *Context[K, V]) TaskID() topology.TaskID { return c.task.Task() }

// RecordMetadata says where the record in process was read. It is false in a punctuation,
// where there is none.
func (c *Context[K, V]) RecordMetadata() (at topology.Position, ok bool) { return c.task.Metadata() }

// Schedule makes the task call punctuate every interval, at least a millisecond: by stream
// time after the record with which the time has come, the first record of all included, and
// by the clock between records. now is that time. What it forwards and stores is committed
// as that of a record; when the epoch is aborted it is called again. A call that comes late
// stands for those that were missed. What becomes of an error is decided as for a record. cancel
// ends the schedule.
func (c *Context[K, V]) Schedule(interval time.Duration, by topology.PunctuationType,
	punctuate func(now time.Time) error) (cancel func()) {
	return c.task.Schedule(interval, by, func(now time.Time) error { return topology.In(c.name, punctuate(now)) })
}

// Now is the time of the clock, and in package streamstest that of the driver.
func (c *Context[K, V]) Now() time.Time { return c.task.Now() }

// StreamTime is the latest timestamp of the records that the task has read.
func (c *Context[K, V]) StreamTime() time.Time { return c.task.StreamTime() }

// Drop counts a record that is left out on purpose, in the metric of dropped records.
func (c *Context[K, V]) Drop() { c.task.Drop() }

// Logger returns a logger that carries the task's id.
func (c *Context[K, V]) Logger() *slog.Logger { return c.task.Logger() }

// OnClose makes the task call f when it ends.
func (c *Context[K, V]) OnClose(f func()) { c.task.OnClose(f) }

// Task is for the stores, which are opened with a context.
func (c *Context[K, V]) Task() topology.Context { return c.task }
