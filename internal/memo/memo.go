// Package memo remembers what was made of something, such as the schema of a
// text, so that it is made once.
package memo

import "sync"

// Memo maps keys to what was made of them. When it is full, by the number of entries
// or by their bytes, it forgets everything: a topic has few schemas, and each is soon
// made again. A Memo may be shared by goroutines; the zero Memo holds 64 entries, and
// of those that were put with a size 16 MiB.
type Memo[K comparable, V any] struct {
	size  int   // none, or 0 for defaultSize
	bytes int64 // most bytes of all entries; 0 for defaultBytes
	mu    sync.RWMutex
	made  map[K]V // guarded by mu
	held  int64   // bytes of made; guarded by mu
}

const (
	defaultSize  = 64
	defaultBytes = 16 << 20
	none         = -1
)

// New returns a Memo of up to size entries; of none when size is below 1.
func New[K comparable, V any](size int) *Memo[K, V] { return Sized[K, V](size, 0) }

// Sized returns a Memo of up to size entries that take so many bytes together, as
// [Memo.PutSized] says; 0 bytes mean 16 MiB. An entry that is larger is remembered
// until the next one.
func Sized[K comparable, V any](size int, bytes int64) *Memo[K, V] {
	if size < 1 {
		size = none
	}
	return &Memo[K, V]{size: size, bytes: bytes}
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
func (m *Memo[K, V]) Put(key K, v V) V { return m.PutSized(key, v, 0) }

// PutSized is Put for an entry that takes so many bytes.
func (m *Memo[K, V]) PutSized(key K, v V, bytes int) V {
	if m.size == none {
		return v
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if first, ok := m.made[key]; ok {
		return first
	}
	if m.made == nil || len(m.made) >= m.limit() || m.held+int64(bytes) > m.most() {
		m.made, m.held = map[K]V{}, 0
	}
	m.made[key] = v
	m.held += int64(bytes)
	return v
}

func (m *Memo[K, V]) most() int64 {
	if m.bytes == 0 {
		return defaultBytes
	}
	return m.bytes
}

func (m *Memo[K, V]) limit() int {
	if m.size == 0 {
		return defaultSize
	}
	return m.size
}
