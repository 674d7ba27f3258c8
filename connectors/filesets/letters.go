package filesets

import (
	"context"
	"fmt"
	"sync"
)

// letters counts the dead letters of a set that are not acknowledged.
type letters struct {
	mu   sync.Mutex
	open int
	err  error
	zero chan struct{} // made by a waiter, closed when open gets 0 or on an error
}

// sent notes a letter on its way.
func (l *letters) sent() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.open++
}

// done notes that a letter is acknowledged, or could not be written. It is
// called from any goroutine.
func (l *letters) done(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.open--
	if err != nil && l.err == nil {
		l.err = fmt.Errorf("write dead letter: %w", err)
	}
	if l.zero != nil && (l.open == 0 || l.err != nil) {
		close(l.zero)
		l.zero = nil
	}
}

// wait returns when all letters are acknowledged, or with the first error.
func (l *letters) wait(ctx context.Context) error {
	l.mu.Lock()
	if l.open == 0 || l.err != nil {
		defer l.mu.Unlock()
		return l.err
	}
	zero := make(chan struct{})
	l.zero = zero
	l.mu.Unlock()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-zero:
		l.mu.Lock()
		defer l.mu.Unlock()
		return l.err
	}
}
