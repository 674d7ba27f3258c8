package stores

import (
	"maps"
	"slices"
	"sync"
)

// Memory is what all tasks of a process may keep in memory of their stores beside the [DB]:
// what spares them reads (which keys there are not, the latest entries, decoded values), and
// room for the next epoch. A task can do without any of it, so that a process with many stores
// becomes slower and not larger.
//
// Each holder has a [Part] of it. All may hold equally much, apart from those that have no use
// for so much; what each may hold becomes less when others come, and more when they go. Who
// holds more then gives it up when somebody lacks it, and not before: with little less, a holder
// may have no use for the rest. Methods may be called from any goroutine.
type Memory struct {
	limit int64

	mu      sync.Mutex // guards what follows, and the parts
	held    int64
	lacking int64           // what a part may hold, and others still have
	wants   map[int64]int64 // how many parts have a use for so many bytes
	level   int64           // what each part may hold
}

// NewMemory returns a Memory of so many bytes.
func NewMemory(bytes int64) *Memory {
	return &Memory{limit: bytes, level: bytes, wants: map[int64]int64{}}
}

// Held returns how many bytes all parts hold, which is never more than the limit.
func (m *Memory) Held() int64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.held
}

// Limit returns how many bytes all parts may hold.
func (m *Memory) Limit() int64 { return m.limit }

// part returns a new part, whose holder never has a use for more than so many bytes.
func (m *Memory) part(most int64) *Part {
	m.mu.Lock()
	defer m.mu.Unlock()
	p := &Part{of: m, most: most}
	p.want = p.wants(0)
	m.count(p.want, 1)
	return p
}

// count adds parts that have a use for so many bytes, and finds the level: all together reach
// the limit when each part holds as much as that, or what it has a use for. m.mu is held.
func (m *Memory) count(want, by int64) {
	if m.wants[want] += by; m.wants[want] == 0 {
		delete(m.wants, want)
	}
	left, parts := m.limit, int64(0)
	for _, n := range m.wants {
		parts += n
	}
	m.level = m.limit
	for _, want := range slices.Sorted(maps.Keys(m.wants)) {
		if want > left/parts {
			m.level = left / parts
			return
		}
		left -= want * m.wants[want]
		parts -= m.wants[want]
	}
}

// small is what a part counts as that holds something and no more than that: many stores have
// few keys, and leave the rest to others.
const small = 64 << 10

// Part is what one holder has of a [Memory]. Its methods may be called from any goroutine.
type Part struct {
	of   *Memory
	most int64

	// Guarded by of.mu.
	want, held int64
	closed     bool
}

// wants is what the part counts as when it asks for n bytes.
func (p *Part) wants(n int64) int64 {
	switch {
	case n <= 0:
		return 0
	case n <= small:
		return min(small, p.most)
	}
	return p.most
}

// Take makes the part hold n bytes, or as many as it can have now, and returns how many. The
// holder gives up at once what is more. It may be less than the part held before, as others
// have come; and less than it may hold, until others have given up what they hold too much.
func (p *Part) Take(n int64) int64 {
	p.of.mu.Lock()
	defer p.of.mu.Unlock()
	return p.take(n)
}

// TakeAll is Take of n bytes, or of as many as before if it cannot have all of them. It
// reports whether it has.
func (p *Part) TakeAll(n int64) bool {
	p.of.mu.Lock()
	defer p.of.mu.Unlock()
	held := p.held
	if p.take(n) >= n {
		return true
	}
	p.take(held)
	return false
}

func (p *Part) take(n int64) int64 {
	if p.closed {
		return 0
	}
	if want := p.wants(n); want != p.want {
		p.of.count(p.want, -1)
		p.of.count(want, 1)
		p.want = want
	}
	n = min(n, p.most)
	if n > p.of.level && (n > p.held || p.of.lacking > 0) {
		n = p.of.level
	}
	if free := p.of.limit - p.of.held + p.held; n > free {
		p.of.lacking = max(p.of.lacking, n-free)
		n = free
	}
	p.hold(n)
	return n
}

// hold changes how much the part holds.
func (p *Part) hold(n int64) {
	if n < p.held {
		p.of.lacking = max(p.of.lacking-(p.held-n), 0)
	}
	p.of.held += n - p.held
	p.held = n
}

// Close gives the part back. It may be called twice; later calls of Take return 0.
func (p *Part) Close() {
	p.of.mu.Lock()
	defer p.of.mu.Unlock()
	if p.closed {
		return
	}
	p.hold(0)
	p.of.count(p.want, -1)
	p.closed = true
}
