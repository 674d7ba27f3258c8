// Package renewal notices when the values that connectors refer to, such as a password
// in a file, are others than those that they were started with: config.action.reload of
// Kafka Connect (KIP-297).
//
// Kafka Connect restarts a connector, without its tasks, whenever the time to live of a
// value has passed. Here that is when to look: what has not changed keeps running, and
// what has changed concerns the tasks first of all, as they are what logs in.
package renewal

import (
	"context"
	"sync"
	"time"
)

// Plan is what a connector or a task was started with, a [plan.Connector].
type Plan interface {
	// TTL is how often to look; 0 is never.
	TTL() time.Duration
	// Renewed reports whether the values have changed.
	Renewed() bool
}

// Watcher looks after what a worker runs, by keys that its user chooses. It is safe for
// concurrent use, and has nothing left to stop when all keys are forgotten.
type Watcher[K comparable] struct {
	renew func(K)

	mu      sync.Mutex // guards watched
	watched map[K]context.CancelFunc
}

// New returns a watcher that calls renew with the key of a plan whose values have
// changed, from a goroutine of its own. The key is forgotten by then; renew starts again
// what it stands for, and that calls Watch.
func New[K comparable](renew func(K)) *Watcher[K] {
	return &Watcher[K]{renew: renew, watched: map[K]context.CancelFunc{}}
}

// Watch looks after what was started with the plan. While the key is watched this changes
// nothing, as what was started first has the oldest values.
func (w *Watcher[K]) Watch(key K, p Plan) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if p.TTL() <= 0 || w.watched[key] != nil {
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	w.watched[key] = cancel
	go w.look(ctx, key, p)
}

// Forget ends the watch of a key, if there is one.
func (w *Watcher[K]) Forget(key K) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if cancel := w.watched[key]; cancel != nil {
		cancel()
		delete(w.watched, key)
	}
}

// look asks again and again until the values have changed.
func (w *Watcher[K]) look(ctx context.Context, key K, p Plan) {
	ticker := time.NewTicker(p.TTL())
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		if p.Renewed() && w.end(ctx, key) {
			w.renew(key)
			return
		}
	}
}

// end ends the watch of ctx, unless that has happened.
func (w *Watcher[K]) end(ctx context.Context, key K) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if ctx.Err() != nil {
		return false
	}
	w.watched[key]()
	delete(w.watched, key)
	return true
}
