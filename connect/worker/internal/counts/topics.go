package counts

import (
	"slices"
	"sync"
	"sync/atomic"
)

// Topics are the topics that a task has used. They are safe for concurrent use;
// the zero value is ready.
type Topics struct {
	last atomic.Pointer[string] // the one that was added last, as most records go where the one before went

	mu    sync.Mutex // guards names
	names []string   // sorted
}

// Add notes a topic. It is called for every record.
func (t *Topics) Add(topic string) {
	if last := t.last.Load(); last != nil && *last == topic {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if i, found := slices.BinarySearch(t.names, topic); !found {
		t.names = slices.Insert(t.names, i, topic)
	}
	kept := topic // the argument itself would be allocated at every call
	t.last.Store(&kept)
}

// Names returns the topics, sorted.
func (t *Topics) Names() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.names)
}

// Reset forgets the topics.
func (t *Topics) Reset() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.names = nil
	t.last.Store(nil)
}
