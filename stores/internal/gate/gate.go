// Package gate lets calls use a resource until it is closed, and lets the closer
// wait for the last of them.
package gate

import "sync"

// Gate is open at first. The zero Gate is ready to use.
type Gate struct {
	mu     sync.RWMutex // guards closed, and calls.Add against calls.Wait
	closed bool
	calls  sync.WaitGroup
}

// Enter reports whether the gate is open. If so, the caller must call Leave.
func (g *Gate) Enter() bool {
	g.mu.RLock()
	defer g.mu.RUnlock()
	if g.closed {
		return false
	}
	g.calls.Add(1)
	return true
}

// Leave ends what a successful Enter began.
func (g *Gate) Leave() { g.calls.Done() }

// Close shuts the gate and waits until everyone has left. It reports whether
// this call was the one that shut it.
func (g *Gate) Close() bool {
	g.mu.Lock()
	first := !g.closed
	g.closed = true
	g.mu.Unlock()
	g.calls.Wait()
	return first
}
