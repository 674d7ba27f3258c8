package filesets

import "sync"

// budget bounds the bytes that a task's writers queue.
type budget struct {
	limit int64

	mu      sync.Mutex
	used    int64           // guarded by mu
	waiting map[*inbox]bool // guarded by mu; paused until half is free
}

func newBudget(limit int64) *budget { return &budget{limit: limit, waiting: map[*inbox]bool{}} }

// take adds n bytes of an inbox and reports whether it must pause.
func (b *budget) take(of *inbox, n int64) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.used += n
	if b.used > b.limit {
		b.waiting[of] = true
		return true
	}
	return false
}

// release gives n bytes back and resumes who may go on. The caller has no
// inbox's mutex.
func (b *budget) release(n int64) {
	b.mu.Lock()
	b.used -= n
	var resume []*inbox
	if b.used <= b.limit/2 {
		for w := range b.waiting {
			resume = append(resume, w)
		}
		clear(b.waiting)
	}
	b.mu.Unlock()
	for _, in := range resume {
		in.mu.Lock()
		in.hold(0, holdBudget)
		in.mu.Unlock()
	}
}

// leave forgets an inbox.
func (b *budget) leave(in *inbox) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.waiting, in)
}
