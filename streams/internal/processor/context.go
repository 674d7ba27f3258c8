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

// RecordMetadata says where the record in process, or the last one, was read.
func (c *Context[K, V]) RecordMetadata() topology.Position { return c.task.Position() }

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
