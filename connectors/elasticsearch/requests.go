package elasticsearch

import (
	"context"
	"sync"

	"github.com/suiro/suiro/connect/sinkkit"
)

// requests are those under way, so that closing a partition can wait for the
// ones that carry its records. It may be used from any goroutine.
type requests struct {
	mu    sync.Mutex // guards under
	under map[*request]struct{}
}

// request is one request under way.
type request struct {
	items  []item
	cancel context.CancelFunc
	done   chan struct{} // closed when it is over
}

func newRequests() *requests { return &requests{under: map[*request]struct{}{}} }

// begin drops the items of closed partitions and registers a request with the
// rest, in one step: whoever closes a partition first and then looks here sees
// either no request or its own. cancel ends the request.
func (rs *requests) begin(b *batch, cancel context.CancelFunc) (*request, *batch, sinkkit.Load) {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	b, dropped := b.live()
	r := &request{items: b.items, cancel: cancel, done: make(chan struct{})}
	rs.under[r] = struct{}{}
	return r, b, dropped
}

func (rs *requests) end(r *request) {
	r.cancel()
	rs.mu.Lock()
	delete(rs.under, r)
	rs.mu.Unlock()
	close(r.done)
}

// finish waits for the requests that carry records of the partitions, which are
// closed already, at most until ctx is done; then, or at once when now is set,
// it cancels them. Afterwards nothing more is sent for the partitions.
func (rs *requests) finish(ctx context.Context, closed map[*partition]bool, now bool) {
	rs.mu.Lock()
	var busy []*request
	for r := range rs.under {
		if r.carries(closed) {
			busy = append(busy, r)
		}
	}
	rs.mu.Unlock()
	for _, r := range busy {
		if !now {
			select {
			case <-r.done:
			case <-ctx.Done():
			}
		}
		r.cancel()
		<-r.done
	}
}

func (r *request) carries(parts map[*partition]bool) bool {
	for i := range r.items {
		if parts[r.items[i].part] {
			return true
		}
	}
	return false
}

// count returns how many requests are under way.
func (rs *requests) count() int {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	return len(rs.under)
}
