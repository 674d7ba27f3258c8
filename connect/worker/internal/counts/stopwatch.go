package counts

import (
	"sync"
	"time"
)

// Stopwatch adds up how long something was so. It is safe for concurrent use; the
// zero value stands still.
type Stopwatch struct {
	mu    sync.Mutex // guards the rest
	since time.Time  // zero while it stands still
	total time.Duration
}

// Set starts the watch or stops it; it may do already what is asked.
func (s *Stopwatch) Set(running bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case running && s.since.IsZero():
		s.since = time.Now()
	case !running && !s.since.IsZero():
		s.total += time.Since(s.since)
		s.since = time.Time{}
	}
}

// Total returns how long it has run.
func (s *Stopwatch) Total() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.since.IsZero() {
		return s.total
	}
	return s.total + time.Since(s.since)
}
