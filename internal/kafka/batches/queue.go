package batches

import (
	"fmt"
	"sync/atomic"
	"time"

	"github.com/suiro/suiro/internal/memory"
	"github.com/twmb/franz-go/pkg/kerr"
)

// errNoRoom makes the client fetch the batch again, as it wraps an error of brokers
// that the client retries.
var errNoRoom = fmt.Errorf("no room for another decompressed batch: %w", kerr.ThrottlingQuotaExceeded)

// How long a batch waits for room before the client fetches it again. A client that is
// closed, or loses partitions, waits for it. After one batch has waited in vain, those
// within a moment do not wait: they are of the same answer of the broker.
const (
	patience = 250 * time.Millisecond
	moment   = 50 * time.Millisecond
)

// queue waits for room.
type queue struct {
	account *memory.Account
	vain    atomic.Int64 // when a batch last waited in vain, in Unix nanoseconds
}

// wait tries again when something is given back, for which it collects garbage.
func (q *queue) wait(try func() bool) error {
	if time.Since(time.Unix(0, q.vain.Load())) < moment {
		return errNoRoom
	}
	q.account.Collect()
	late := time.NewTimer(patience)
	defer late.Stop()
	for {
		freed := q.account.Freed()
		if try() {
			return nil
		}
		select {
		case <-freed:
		case <-late.C:
			q.vain.Store(time.Now().UnixNano())
			q.account.InVain()
			return errNoRoom
		}
	}
}

// reservation is what a batch takes.
type reservation struct {
	*memory.Reservation
	queue   *queue
	largest int64 // bytes of a batch
}

// grow takes n bytes more, and waits for them.
func (r *reservation) grow(n int64) error {
	if r.Grow(n) {
		return nil
	}
	return r.queue.wait(func() bool { return r.Grow(n) })
}
