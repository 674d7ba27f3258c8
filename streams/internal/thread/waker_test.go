package thread

import (
	"sync/atomic"
	"testing"
)

// A wait ends with a wake that comes meanwhile, and with one that came just before; a wake of
// nobody is not kept.
func TestWakeEndsAWait(t *testing.T) {
	var w waker
	var blocked atomic.Bool
	w.wake() // nobody waits
	ctx, done := w.wait(t.Context(), blocked.Load)
	if ctx.Err() != nil {
		t.Error("a wake of nobody ends the next wait")
	}
	w.wake()
	if ctx.Err() == nil {
		t.Error("a wake does not end the wait")
	}
	done()
	w.wake() // the wait is over
	blocked.Store(true)
	ctx, done = w.wait(t.Context(), blocked.Load)
	defer done()
	if ctx.Err() == nil {
		t.Error("what came before the wait is missed")
	}
}
