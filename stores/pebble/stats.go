package pebble

import (
	"sync"
	"time"

	"github.com/suiro/suiro/stores"
)

var _ stores.Sizer = (*DB)(nil)

// Stats are figures of a DB at a moment. Sizes are in bytes.
type Stats struct {
	// MemoryLimit is what CacheBytes allows. RecentWrites and BlockCache are what of it
	// the tables of recent writes and the cache of blocks take.
	MemoryLimit, RecentWrites, BlockCache int64
	// CacheHits and CacheMisses are how many blocks were found in the cache and how many
	// were read from files, since Open.
	CacheHits, CacheMisses int64
	// Disk is the size of all files.
	Disk int64
	// CompactionDebt is about how much has to be rewritten until reads are as fast as
	// they can be.
	CompactionDebt int64
	// Stalls is how often Apply had to wait since Open because files were written too
	// slowly, and Stalled for how long in all.
	Stalls  int64
	Stalled time.Duration
	// Iterators is how many are open.
	Iterators int64
}

// Stats returns the figures of the DB, and zeros when it is closed or has stopped.
func (d *DB) Stats() Stats {
	if !d.calls.Enter() {
		return Stats{}
	}
	defer d.calls.Leave()
	if d.failure.get() != nil {
		return Stats{}
	}
	m := d.db.Metrics()
	s := Stats{
		MemoryLimit: d.limit, RecentWrites: int64(m.MemTable.Size), BlockCache: m.BlockCache.Size,
		CacheHits: m.BlockCache.Hits, CacheMisses: m.BlockCache.Misses,
		Disk: int64(m.DiskSpaceUsage()), CompactionDebt: int64(m.Compact.EstimatedDebt),
	}
	s.Stalls, s.Stalled = d.fs.stalls.sum(time.Now())
	s.Iterators = d.walks.Load()
	return s
}

// Size implements [stores.Sizer].
func (d *DB) Size(from, to []byte) (int64, error) {
	if !d.calls.Enter() {
		return 0, stores.ErrClosed
	}
	defer d.calls.Leave()
	if err := d.failure.get(); err != nil {
		return 0, err
	}
	n, err := d.db.EstimateDiskUsage(from, to)
	return int64(n), d.failure.or(err)
}

// stalls counts how long writes had to wait.
type stalls struct {
	mu    sync.Mutex // guards the fields below
	count int64
	total time.Duration
	since time.Time // the beginning of the one at hand, or zero
}

func (s *stalls) begin(now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.count++
	s.since = now
}

func (s *stalls) end(now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.since.IsZero() {
		s.total += now.Sub(s.since)
	}
	s.since = time.Time{}
}

func (s *stalls) sum(now time.Time) (int64, time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.since.IsZero() {
		return s.count, s.total
	}
	return s.count, s.total + now.Sub(s.since)
}
