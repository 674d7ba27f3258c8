package layout

import (
	"fmt"
	"hash/maphash"
	"sync"
	"time"

	"github.com/suiro/suiro/connect"
)

var _ Partitioner = (*Bounded)(nil)

// Bounded bounds how many directories another [Partitioner] makes: whoever chooses a
// field's value, or a time, would otherwise decide how many folders a storage has.
type Bounded struct {
	Partitioner
	limit int
	now   func() time.Time

	mu    sync.Mutex
	seed  maphash.Seed
	day   time.Time           // guarded by mu; when counting began
	known map[uint64]struct{} // guarded by mu; hashes of the day's directories
}

// day is how long directories are counted.
const day = 24 * time.Hour

// NewBounded returns p with at most limit directories a day, of all topics together.
// Days are counted from the first record. now is the clock; nil is the machine's.
func NewBounded(p Partitioner, limit int, now func() time.Time) *Bounded {
	if now == nil {
		now = time.Now
	}
	return &Bounded{Partitioner: p, limit: limit, now: now, seed: maphash.MakeSeed(), known: map[uint64]struct{}{}}
}

// Dir implements [Partitioner]. A record for one directory too many has an error;
// records for the others go on.
func (b *Bounded) Dir(r *connect.SinkRecord, value any) (string, error) {
	dir, err := b.Partitioner.Dir(r, value)
	if err != nil {
		return "", err
	}
	key := maphash.String(b.seed, r.Topic+"/"+dir)
	now := b.now()
	b.mu.Lock()
	defer b.mu.Unlock()
	if now.Sub(b.day) >= day {
		b.day = now
		clear(b.known)
	}
	if _, is := b.known[key]; is {
		return dir, nil
	}
	if len(b.known) >= b.limit {
		return "", fmt.Errorf("directory %.100q would be one more than the %d of a day: set max.directories to a larger "+
			"number if all are meant", dir, b.limit)
	}
	b.known[key] = struct{}{}
	return dir, nil
}
