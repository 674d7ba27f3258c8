package lives

import (
	"context"
	"sync"
)

// Gate says whether a task is paused, over all its lives. It is safe for concurrent
// use.
type Gate struct {
	mu      sync.Mutex // guards the rest
	paused  bool
	changed chan struct{} // closed when paused changes
}

// NewGate returns the gate of a task that is paused from the beginning, or not.
func NewGate(paused bool) *Gate { return &Gate{paused: paused, changed: make(chan struct{})} }

// Set pauses the task, or lets it go on.
func (g *Gate) Set(paused bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.paused == paused {
		return
	}
	g.paused = paused
	close(g.changed)
	g.changed = make(chan struct{})
}

// Paused reports whether the task is paused. changed is closed when that is no longer
// so.
func (g *Gate) Paused() (paused bool, changed <-chan struct{}) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.paused, g.changed
}

// Wait waits until the task is not paused. The error is that of ctx.
func (g *Gate) Wait(ctx context.Context) error {
	for {
		paused, changed := g.Paused()
		if !paused {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
