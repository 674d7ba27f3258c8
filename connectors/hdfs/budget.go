package hdfs

import "sync"

// budget bounds the bytes that a task's writers queue.
type budget struct {
	max int64

	mu      sync.Mutex
	used    int64            // guarded by mu
	waiting map[*writer]bool // guarded by mu; paused until half is free
}

func newBudget(max int64) *budget { return &budget{max: max, waiting: map[*writer]bool{}} }

// take adds n bytes of w's and reports whether w must pause.
func (b *budget) take(w *writer, n int64) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.used += n
	if b.used > b.max {
		b.waiting[w] = true
		return true
	}
	return false
}

// release gives n bytes back and returns who may resume.
func (b *budget) release(n int64) (resume []*writer) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.used -= n
	if b.used > b.max/2 {
		return nil
	}
	for w := range b.waiting {
		resume = append(resume, w)
	}
	clear(b.waiting)
	return resume
}

// leave forgets w.
func (b *budget) leave(w *writer) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.waiting, w)
}
