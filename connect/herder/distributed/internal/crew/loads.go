package crew

import (
	"context"
	"sync"
	"time"

	"github.com/suiro/suiro/connect/herder/api"
	"github.com/suiro/suiro/internal/backoff"
)

// Loads measure how busy the tasks of a crew are, in records a second. They are safe for
// concurrent use.
type Loads struct {
	crew *Crew

	mu    sync.Mutex // guards tasks
	tasks map[api.TaskID]load
}

// load is what was measured of one task.
type load struct {
	task    Task
	records int64
	at      time.Time
	rate    float64 // negative for not known yet
}

// NewLoads returns the loads of a crew. They know nothing before Run.
func NewLoads(c *Crew) *Loads { return &Loads{crew: c, tasks: map[api.TaskID]load{}} }

const (
	// loadEvery is the time between two looks at the tasks.
	loadEvery = 10 * time.Second
	// loadMemory is how many of the last looks a load is made of, roughly.
	loadMemory = 6
)

// Run measures until ctx is done.
func (l *Loads) Run(ctx context.Context) {
	for l.look(); backoff.Sleep(ctx, loadEvery) == nil; l.look() {
	}
}

func (l *Loads) look() {
	running := l.crew.Running()
	l.mu.Lock()
	defer l.mu.Unlock()
	now := map[api.TaskID]load{}
	for id, t := range running {
		before := l.tasks[id]
		next := load{task: t, records: t.Counts().Read, at: time.Now(), rate: -1}
		if before.task == t { // and not one that was started since
			rate := float64(next.records-before.records) / next.at.Sub(before.at).Seconds()
			if next.rate = rate; before.rate >= 0 {
				next.rate = before.rate + (rate-before.rate)/loadMemory
			}
		}
		now[id] = next
	}
	l.tasks = now
}

// Measured returns the loads of the tasks that have one.
func (l *Loads) Measured() map[api.TaskID]int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := map[api.TaskID]int64{}
	for id, t := range l.tasks {
		if t.rate >= 0 {
			out[id] = int64(t.rate)
		}
	}
	return out
}
