package workertest

import (
	"math/rand/v2"
	"strings"
	"sync"
	"time"
)

// patience is how long a trap at a random call may take to spring. A worker is
// killed then anyway.
const patience = 3 * time.Second

// trap shuts the gate of a worker just before a call of a task that was chosen at
// random, so that kills come at every stage of the work.
type trap struct {
	mu     sync.Mutex // guards the rest
	left   int        // calls until it springs, 0 when it is not set
	first  string     // the method whose call must come before, "" when it has come
	last   string     // the method whose calls are counted, "" for all
	sprung chan struct{}
}

// set makes the trap spring before one of the next calls.
func (t *trap) set(random *rand.Rand) (sprung <-chan struct{}) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.left, t.first, t.last, t.sprung = 1+random.IntN(12), "", "", make(chan struct{})
	return t.sprung
}

// setBetween makes the trap spring after a call of first, before the next of last.
func (t *trap) setBetween(first, last string) (sprung <-chan struct{}) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.left, t.first, t.last, t.sprung = 1, first, last, make(chan struct{})
	return t.sprung
}

// passed is a gate's hook. A connector is started by the suite itself, which could
// not kill the worker meanwhile.
func (t *trap) passed(g *gate, method string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.left == 0 || g.isShut() || !ofTask(method) {
		return
	}
	if t.first != "" {
		if method == t.first {
			t.first = ""
		}
		return
	}
	if t.last != "" && method != t.last {
		return
	}
	if t.left--; t.left == 0 {
		g.close()
		close(t.sprung)
	}
}

func ofTask(method string) bool { return !strings.Contains(method, "Connector.") }

// await returns when the trap has sprung, or when it is not going to: the tasks are
// idle, or it takes longer than limit.
func (t *trap) await(sprung <-chan struct{}, limit time.Duration, idle func() bool) {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for waits := true; waits; {
		select {
		case <-sprung:
			return
		case <-timer.C:
			waits = false
		case <-tick.C:
			waits = !idle()
		}
	}
	t.mu.Lock()
	t.left = 0
	t.mu.Unlock()
}
