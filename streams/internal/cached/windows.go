package cached

import (
	"maps"
	"slices"
	"unsafe"
)

// windows are entries, in a map for each start of a window: a map of keys costs less than one
// of keys with starts, and the oldest windows go together. Without windows there is one map.
type windows[K, V any] struct {
	all   map[int64]map[string]*Entry[K, V]
	count int
	size  int64 // of the entries
	spare int64 // of a map that is empty, and kept for the next entries

	at   int64 // the window that was looked at last
	last map[string]*Entry[K, V]
}

func newWindows[K, V any]() windows[K, V] {
	return windows[K, V]{all: map[int64]map[string]*Entry[K, V]{}}
}

// of returns the entries of a window, nil for none.
func (w *windows[K, V]) of(start int64) map[string]*Entry[K, V] {
	if w.last == nil || w.at != start {
		w.at, w.last = start, w.all[start]
	}
	return w.last
}

// get returns an entry, nil for none.
func (w *windows[K, V]) get(raw []byte, start int64) *Entry[K, V] { return w.of(start)[string(raw)] }

// add adds an entry that there was not. A window gets room for as many keys as others have.
func (w *windows[K, V]) add(e *Entry[K, V]) {
	keys := w.of(e.slot.start)
	if keys == nil {
		keys = make(map[string]*Entry[K, V], w.count/max(len(w.all), 1))
		w.all[e.slot.start], w.last = keys, keys
	}
	keys[e.slot.key] = e
	w.count++
	w.size += e.size
}

// resize notes the size that an entry has now.
func (w *windows[K, V]) resize(e *Entry[K, V], size int64) {
	w.size += size - e.size
	e.size = size
}

// remove takes an entry out.
func (w *windows[K, V]) remove(e *Entry[K, V]) {
	delete(w.of(e.slot.start), e.slot.key)
	w.count--
	w.size -= e.size
}

// slotSize is about how many bytes a map has for each entry.
const slotSize = 32

// held is how many bytes all of it takes.
func (w *windows[K, V]) held() int64 { return w.size + w.spare }

// shrink forgets the oldest windows until there are no more than so many entries, of so many
// bytes. It returns the start of the latest one that it has forgotten.
func (w *windows[K, V]) shrink(entries int, size int64) (latest int64) {
	starts := slices.Sorted(maps.Keys(w.all))
	for i := 0; i < len(starts) && (w.count > entries || w.size > size); i++ {
		latest = starts[i]
		for _, e := range w.all[latest] {
			w.size -= e.size
		}
		n := len(w.all[latest])
		w.count -= n
		if spare := int64(n) * slotSize; len(w.all) == 1 && spare <= size {
			clear(w.all[latest])
			w.spare = max(w.spare, spare)
			break
		}
		delete(w.all, latest)
		w.spare = 0
	}
	w.last = nil
	return latest
}

// clear forgets all, and returns the start of the latest window.
func (w *windows[K, V]) clear() (latest int64) {
	for start := range w.all {
		latest = max(latest, start)
	}
	*w = newWindows[K, V]()
	return latest
}

// bytesOf shares the memory of a key, which nobody changes.
func bytesOf(key string) []byte { return unsafe.Slice(unsafe.StringData(key), len(key)) }
