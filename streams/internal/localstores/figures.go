package localstores

import (
	"time"

	"github.com/suiro/suiro/stores/pebble"
	"github.com/suiro/suiro/stores/split"
	"github.com/suiro/suiro/streams/internal/restore"
	"github.com/suiro/suiro/streams/internal/telemetry"
)

// sizesAge is how long the sizes of stores are taken for current: to tell them, the DB looks
// at files for each partition of each store.
const sizesAge = 10 * time.Second

// Figures returns about how many bytes each store has on disk, and the figures of the DB.
// Any goroutine may call it.
func (s *Stores) Figures(now time.Time) (map[string]int64, telemetry.Database) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if now.Sub(s.sized) >= sizesAge {
		s.sizes, s.sized = s.measure(), now
	}
	files := s.db
	if both, ok := files.(*split.DB); ok {
		files = both.Lasting()
	}
	db, ok := files.(interface{ Stats() pebble.Stats })
	if !ok {
		return s.sizes, telemetry.Database{}
	}
	stats := db.Stats()
	return s.sizes, telemetry.Database{
		Memtables: stats.RecentWrites, BlockCache: stats.BlockCache, Memory: stats.MemoryLimit,
		Hits: stats.CacheHits, Misses: stats.CacheMisses, CompactionDebt: stats.CompactionDebt,
		Stalled: stats.Stalled, Iterators: stats.Iterators,
	}
}

// measure returns the sizes of the stores. s.mu is held.
func (s *Stores) measure() map[string]int64 {
	sizes := map[string]int64{}
	for _, sub := range s.subs {
		for _, store := range sub.Stores {
			sizes[store.Name] = 0
			for id := range s.tasks {
				if id.Subtopology == sub.ID {
					sizes[store.Name] += restore.Size(s.db, store.Name, id.Partition)
				}
			}
		}
	}
	return sizes
}

// Memory is about what the stores in memory take. Any goroutine may call it.
func (s *Stores) Memory() int64 { return s.inMemory.Bytes() }

// CheckMemory warns when the stores in memory take more than they are expected to. One goroutine
// calls it every so often.
func (s *Stores) CheckMemory() { s.inMemory.Check() }
