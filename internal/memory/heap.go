package memory

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync"
)

// LetHeapGrow lets the heap grow to so many bytes, the share [Heap], before garbage is
// collected. Go's own rule collects when the heap has doubled, which for a process that
// holds little means all the time: records pass, and nearly all of what they take is
// garbage a moment later. A heap that holds more than half of that follows Go's rule.
//
// It changes GOGC after each collection and leaves the limit of the runtime alone. When
// GOGC is set in the environment it stays. The main of a command calls it once, before
// anything is started; what it returns puts back what was.
func LetHeapGrow(share int64) (undo func()) {
	if os.Getenv("GOGC") != "" {
		return func() {}
	}
	h := &heap{share: share}
	h.before = debug.SetGCPercent(h.next(0, 0))
	h.percent = h.next(0, 0)
	h.watch()
	return h.stop
}

// usualPercent is Go's own GOGC: a heap may grow by what it holds.
const usualPercent = 100

// mostPercent bounds GOGC: until the next look, a heap that holds much of a sudden may
// grow by so much of that. The limit of the runtime bounds it too.
const mostPercent = 800

// leastHeap is the size that the heap has before garbage is collected with a GOGC of 100,
// whatever it holds.
const leastHeap = 4 << 20

// heap keeps the size up to which the heap may grow.
type heap struct {
	share int64

	mu      sync.Mutex // guards the rest
	percent int        // GOGC
	before  int
	stopped bool
}

// watch looks at the heap after the next collection of garbage, which finds something that
// nobody uses. It is a pointer, as things without pointers are not allocated one by one.
func (h *heap) watch() {
	runtime.AddCleanup(new(*heap), func(h *heap) {
		if h.adjust() {
			h.watch()
		}
	}, h)
}

// adjust sets GOGC by what the heap holds, and returns false once that is over. A change
// stops the process for a moment, so small ones are not made.
func (h *heap) adjust() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.stopped {
		return false
	}
	if next := h.next(inUse()); next-h.percent > h.percent/8 || h.percent-next > h.percent/8 {
		debug.SetGCPercent(next)
		h.percent = next
	}
	return true
}

// next is the GOGC with which the heap grows to the share. Go adds so many hundredths of
// what the heap holds and of the roots, such as stacks.
func (h *heap) next(held, roots int64) int {
	grow := 100 * (h.share - held) / max(held+roots, 1)
	return int(max(min(grow, 100*h.share/leastHeap, mostPercent), usualPercent))
}

func (h *heap) stop() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.stopped {
		h.stopped = true
		debug.SetGCPercent(h.before)
	}
}

// inUse returns the bytes that the last collection of garbage found in use, and those of
// the roots that it began with.
func inUse() (held, roots int64) {
	s := []metrics.Sample{{Name: "/gc/heap/live:bytes"}, {Name: "/gc/scan/stack:bytes"}, {Name: "/gc/scan/globals:bytes"}}
	metrics.Read(s)
	return int64(s[0].Value.Uint64()), int64(s[1].Value.Uint64() + s[2].Value.Uint64())
}
