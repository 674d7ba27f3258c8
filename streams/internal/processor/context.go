package processor

import (
	"fmt"

	"github.com/suiro/suiro/streams/internal/node"
	"github.com/suiro/suiro/streams/topology"
)

// Context is what a task offers a processor: K and V are what the processor forwards. It
// belongs to the task's goroutine.
type Context[K, V any] struct {
	Node
	next     node.Handler[K, V]
	children map[string]node.Handler[K, V]
	fix      func(*node.Record[K, V]) // nil where keys may change
}

// New returns the context of the named node in one task: next passes a record to all nodes
// below, children are these by their names.
func New[K, V any](task topology.Context, name string, next node.Handler[K, V],
	children map[string]node.Handler[K, V]) *Context[K, V] {
	return &Context[K, V]{Node: Node{task, name}, next: next, children: children}
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
