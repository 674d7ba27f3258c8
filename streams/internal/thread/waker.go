package thread

import (
	"context"
	"sync"
)

// waker ends what a thread waits for. Any goroutine may use it.
type waker struct {
	mu     sync.Mutex
	cancel context.CancelFunc // nil while the thread does not wait; mu guards it
}

// wait returns a context that ends with the next wake, and at once when early says that it came
// before. The thread calls done when it has waited.
func (w *waker) wait(ctx context.Context, early func() bool) (_ context.Context, done func()) {
	ctx, cancel := context.WithCancel(ctx)
	w.set(cancel)
	if early() {
		cancel()
	}
	return ctx, func() {
		w.set(nil)
		cancel()
	}
}

func (w *waker) set(cancel context.CancelFunc) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.cancel = cancel
}

// wake ends the wait, if there is one.
func (w *waker) wake() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.cancel != nil {
		w.cancel()
	}
}
