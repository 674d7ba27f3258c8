package distributed

import (
	"context"
	"sync"
)

// turns lets one at a time do something with a connector, and those with others at the
// same time. It is safe for concurrent use.
type turns struct {
	mu   sync.Mutex // guards busy
	busy map[string]chan struct{}
}

func newTurns() *turns { return &turns{busy: map[string]chan struct{}{}} }

// take waits until nobody has the turn of a name, and returns what ends the turn.
func (t *turns) take(ctx context.Context, name string) (release func(), err error) {
	for {
		t.mu.Lock()
		others := t.busy[name]
		if others == nil {
			mine := make(chan struct{})
			t.busy[name] = mine
			t.mu.Unlock()
			return func() {
				t.mu.Lock()
				defer t.mu.Unlock()
				delete(t.busy, name)
				close(mine)
			}, nil
		}
		t.mu.Unlock()
		select {
		case <-others:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}
