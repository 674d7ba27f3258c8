package pebble

import (
	"sync"
	"sync/atomic"
	"time"
)

// paceAge is how long after an Apply batches that can wait leave room for the next one.
const paceAge = time.Second

// pace lets batches that can wait in one by one. Apply waits when there are many recent writes
// that are in no file yet, and makes all others wait with it. So while there are others, these
// batches wait earlier, and here.
type pace struct {
	limit int64        // bytes of recent writes
	other atomic.Int64 // when a batch that cannot wait came last, in nanoseconds since 1970

	mu     sync.Mutex    // guards the fields below
	coming int64         // bytes of batches that were let in and that the DB may not know yet
	change chan struct{} // closed when there may be room; nil while nobody waits
}

// wait lets a batch in when there is room beside recent writes, of which recent tells the bytes, or
// returns false when stopped is closed before.
func (p *pace) wait(bytes int64, recent func() int64, stopped <-chan struct{}) bool {
	for change := p.next(); !p.enter(bytes, recent(), time.Now()); change = p.next() {
		select {
		case <-change:
		case <-time.After(paceAge): // the others may have stopped
		case <-stopped:
			return false
		}
	}
	return true
}

// next returns a channel that is closed when there may be room that there is not now.
func (p *pace) next() <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.change == nil {
		p.change = make(chan struct{})
	}
	return p.change
}

// enter lets a batch in if there is room beside recent writes, or nobody else to leave it to.
func (p *pace) enter(bytes, recent int64, now time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if recent+p.coming >= p.limit && now.UnixNano()-p.other.Load() < int64(paceAge) {
		return false
	}
	p.coming += bytes
	return true
}

// leave says that the DB knows of a batch.
func (p *pace) leave(bytes int64) {
	p.mu.Lock()
	p.coming -= bytes
	p.mu.Unlock()
	p.wake()
}

// wake makes all that wait look again. Pebble calls it while it holds its own lock.
func (p *pace) wake() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.change != nil {
		close(p.change)
		p.change = nil
	}
}
