package counts

import (
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"
)

// measuredInBatch is about how many calls of a batch are measured.
const measuredInBatch = 8

// Meter adds up how long calls take, of which there is one for each record. All calls of
// small batches are measured, and of large ones some, chosen at random, each of which
// stands for those that were not: two looks at the clock for each record would cost more
// than many a converter. It is safe for concurrent use.
type Meter struct {
	batch *atomic.Uint32 // how many calls one that is measured stands for
	spent atomic.Int64   // in nanoseconds
}

// Span is a call that has begun.
type Span struct {
	meter *Meter
	began time.Time
	calls uint32 // that it stands for
}

// Begin begins a call.
func (m *Meter) Begin() Span {
	calls := m.batch.Load()
	if calls > 1 && rand.Uint32N(calls) != 0 {
		return Span{}
	}
	return Span{m, time.Now(), max(calls, 1)}
}

// End ends the call. One that is not ended is not measured.
func (s Span) End() {
	if s.meter != nil {
		s.meter.spent.Add(int64(time.Since(s.began)) * int64(s.calls))
	}
}

// Total is how long all calls have taken so far, as far as they were measured.
func (m *Meter) Total() time.Duration { return time.Duration(m.spent.Load()) }

// Meters are those of the converters and transforms of a task, over all its lives. They
// are safe for concurrent use; the zero value is ready.
type Meters struct {
	batch atomic.Uint32
	mu    sync.Mutex // guards what follows
	of    map[string]*Meter
}

// Batch says how many records the batch has whose calls come next.
func (m *Meters) Batch(records int) { m.batch.Store(uint32(max(records/measuredInBatch, 1))) }

// Of returns the meter of what has the name.
func (m *Meters) Of(name string) *Meter {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.of == nil {
		m.of = map[string]*Meter{}
	}
	if m.of[name] == nil {
		m.of[name] = &Meter{batch: &m.batch}
	}
	return m.of[name]
}

// each calls fn with every meter.
func (m *Meters) each(fn func(name string, spent time.Duration)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for name, one := range m.of {
		fn(name, one.Total())
	}
}
