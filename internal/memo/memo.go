// Package memo remembers what was made of something, such as the schema of a
// text, so that it is made once.
package memo

import "sync"

// Memo maps keys to what was made of them. When it is full it forgets everything: a
// topic has few schemas, and each is soon made again. A Memo may be shared by
// goroutines; the zero Memo holds 64 entries.
type Memo[K comparable, V any] struct {
	size int // none, or 0 for defaultSize
	mu   sync.RWMutex
	made map[K]V // guarded by mu
}

const (
	defaultSize = 64
	none        = -1
)

// New returns a Memo of up to size entries; of none when size is below 1.
func New[K comparable, V any](size int) *Memo[K, V] {
	if size < 1 {
		size = none
	}
	return &Memo[K, V]{size: size}
}

// Get returns what was put under key, and whether it is remembered.
func (m *Memo[K, V]) Get(key K) (V, bool) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	v, ok := m.made[key]
	return v, ok
}

// Put remembers v under key and returns it. If another goroutine was first, Put
// returns the value of that one, so that all have the same.
func (m *Memo[K, V]) Put(key K, v V) V {
	if m.size == none {
		return v
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if first, ok := m.made[key]; ok {
		return first
	}
	if m.made == nil || len(m.made) >= m.limit() {
		m.made = map[K]V{}
	}
	m.made[key] = v
	return v
}

func (m *Memo[K, V]) limit() int {
	if m.size == 0 {
		return defaultSize
	}
	return m.size
}
