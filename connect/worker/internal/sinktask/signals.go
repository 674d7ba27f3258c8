package sinktask

import (
	"context"
	"sync"
)

// signals are what other goroutines want of the loop. Each ends a poll that
// waits for records.
type signals struct {
	mu        sync.Mutex // guards the rest
	failed    error
	commit    bool
	interrupt context.CancelFunc // of the poll
}

// fail makes the loop end with err, or with an earlier error.
func (s *signals) fail(err error) {
	s.mu.Lock()
	if s.failed == nil {
		s.failed = err
	}
	s.mu.Unlock()
	s.wake()
}

// failure returns what fail was told.
func (s *signals) failure() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.failed
}

// requestCommit makes the loop commit without waiting for the interval.
func (s *signals) requestCommit() {
	s.mu.Lock()
	s.commit = true
	s.mu.Unlock()
	s.wake()
}

// commitRequested reports whether a commit was requested since committing.
func (s *signals) commitRequested() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.commit
}

// committing forgets the requests, because a commit begins.
func (s *signals) committing() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.commit = false
}

// polling says how to end the poll that begins now, and ends it at once when
// there is something else to do.
func (s *signals) polling(interrupt context.CancelFunc) {
	s.mu.Lock()
	s.interrupt = interrupt
	urgent := s.commit || s.failed != nil
	s.mu.Unlock()
	if urgent {
		interrupt()
	}
}

// wake ends a poll that waits.
func (s *signals) wake() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.interrupt != nil {
		s.interrupt()
	}
}
