package pipeline

import (
	"sync"
	"time"
)

// limit counts bad records in windows. A window begins with the first bad record after the last
// window, so that nothing but two numbers has to be kept. Any goroutine may use it.
type limit struct {
	most   int64 // in a window; 0 is without end
	window time.Duration

	mu    sync.Mutex // guards the fields below
	began time.Time
	count int64
}

// take counts n more, or returns false when there would be too many.
func (l *limit) take(n int64, now time.Time) bool {
	if l.most == 0 {
		return true
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if now.Sub(l.began) >= l.window {
		l.began, l.count = now, 0
	}
	if l.count+n > l.most {
		return false
	}
	l.count += n
	return true
}
