// Package memo remembers what was made of something, such as the schema of a
// text, so that it is made once.
package memo

import "sync"

// Memo maps keys to what was made of them. When it is full it forgets all, as a
// topic has few schemas and each is soon made again. A Memo may be shared by
// goroutines; the zero Memo remembers nothing.
type Memo[K comparable, V any] struct {
	size int
	mu   sync.RWMutex
	made map[K]V // guarded by mu
}

// New returns a Memo of at most size entries; of none when size is below 1.
func New[K comparable, V any](size int) *Memo[K, V] {
	return &Memo[K, V]{size: size, made: map[K]V{}}
}

// Get returns what was put under key, and whether it is remembered.
func (m *Memo[K, V]) Get(key K) (V, bool) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	v, ok := m.made[key]
	return v, ok
}

// Put remembers v under key and returns it; if another goroutine was first, it
// returns what that one put, so that all have the same.
func (m *Memo[K, V]) Put(key K, v V) V {
	if m.size < 1 {
		return v
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if first, ok := m.made[key]; ok {
		return first
	}
	if len(m.made) >= m.size {
		clear(m.made)
	}
	m.made[key] = v
	return v
}
