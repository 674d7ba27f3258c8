package workertest

import (
	"bytes"
	"sync"
	"testing"
)

// log keeps what workers log, and shows it when the test has failed.
type log struct {
	mu   sync.Mutex // guards text
	text bytes.Buffer
}

const longestLog = 1 << 20

func newLog(t testing.TB) *log {
	l := &log{}
	t.Cleanup(func() {
		if t.Failed() {
			l.mu.Lock()
			defer l.mu.Unlock()
			t.Logf("the workers' log:\n%s", l.text.String())
		}
	})
	return l
}

// Write implements [io.Writer].
func (l *log) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.text.Len() > longestLog {
		return len(line), nil
	}
	return l.text.Write(line)
}
