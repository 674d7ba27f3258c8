package counts

import (
	"slices"
	"strings"
	"sync"
	"sync/atomic"
)

// Topics are the topics of a task, with the number of records that were read from
// each or written to it. They are safe for concurrent use; the zero value is ready.
type Topics struct {
	last atomic.Pointer[topic] // the one that was used last, as most records go where the one before went

	mu  sync.Mutex // guards all, and whether a topic was used
	all []*topic   // by name
}

type topic struct {
	name    string
	records atomic.Int64
	used    bool // since the last Reset
}

// Know makes a topic known before its first record.
func (t *Topics) Know(name string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.find(name)
}

// Add counts n records of a topic, which has been used. It is called for every
// record.
func (t *Topics) Add(name string, n int64) {
	last := t.last.Load()
	if last == nil || last.name != name {
		last = t.use(name)
	}
	last.records.Add(n)
}

func (t *Topics) use(name string) *topic {
	t.mu.Lock()
	defer t.mu.Unlock()
	found := t.find(name)
	found.used = true
	t.last.Store(found)
	return found
}

// find returns a topic, or makes it; mu is held.
func (t *Topics) find(name string) *topic {
	i, found := slices.BinarySearchFunc(t.all, name, func(o *topic, name string) int {
		return strings.Compare(o.name, name)
	})
	if !found {
		t.all = slices.Insert(t.all, i, &topic{name: name})
	}
	return t.all[i]
}

// Names returns the topics that were used, sorted.
func (t *Topics) Names() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	var out []string
	for _, one := range t.all {
		if one.used {
			out = append(out, one.name)
		}
	}
	return out
}

// Reset forgets which topics were used, but not how many records they had.
func (t *Topics) Reset() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, one := range t.all {
		one.used = false
	}
	t.last.Store(nil)
}

// each calls fn with every topic that is known.
func (t *Topics) each(fn func(name string, records int64)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, one := range t.all {
		fn(one.name, one.records.Load())
	}
}
