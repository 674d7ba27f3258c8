package meter

import (
	"sync/atomic"
	"testing"
)

// The epochs of all threads together may hold so much, also when threads come and go.
func TestMetersOfThreadsShareTheirBytes(t *testing.T) {
	var threads atomic.Int64
	for name, add := range map[string]func(m *Meter, n int64){
		"output": func(m *Meter, n int64) { m.Add(n, 0, 0) },
		"state":  func(m *Meter, n int64) { m.Add(0, 0, n) },
	} {
		m := &Meter{OutputBytes: 1000, OutputRecords: 10, StateBytes: 1000, Threads: &threads}
		add(m, 400)
		for _, tt := range []struct {
			threads int64
			full    bool
		}{{0, false}, {1, false}, {2, false}, {3, true}, {1, false}} {
			threads.Store(tt.threads)
			if got := m.Full(); got != tt.full {
				t.Errorf("%s of 400 of 1000 bytes in one of %d threads is full: %v, want %v", name, tt.threads, got, tt.full)
			}
		}
	}
	m := &Meter{OutputBytes: 1000, OutputRecords: 10, StateBytes: 1000, Threads: &threads}
	threads.Store(4)
	if m.Add(0, 10, 0); m.Full() {
		t.Error("10 of 10 records are too many, want them to be as many in each thread")
	}
}
