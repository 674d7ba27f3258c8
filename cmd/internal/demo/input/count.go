package input

import (
	"context"
	"fmt"
)

// Count counts the lines of the input in a goroutine of its own.
type Count struct {
	done chan struct{} // closed when n and err are known
	n    int64
	err  error
}

// Begin starts to count with f, which returns the number of lines.
func Begin(f func() (int64, error)) *Count {
	c := &Count{done: make(chan struct{})}
	go func() {
		defer close(c.done)
		c.n, c.err = f()
	}()
	return c
}

// Known returns the number of lines, and whether it is known without an error.
func (c *Count) Known() (int64, bool) {
	select {
	case <-c.done:
		return c.n, c.err == nil
	default:
		return 0, false
	}
}

// Wait waits until the lines are counted, and returns their number.
func (c *Count) Wait(ctx context.Context) (int64, error) {
	select {
	case <-c.done:
		return c.n, c.err
	case <-ctx.Done():
		return 0, fmt.Errorf("count the lines: %w", ctx.Err())
	}
}
