package app

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

// figures returns about how many bytes each store has on disk, and the figures of the DB.
// Any goroutine may call it.
func (x *storeIndex) figures(now time.Time) (map[string]int64, telemetry.Database) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if now.Sub(x.sized) >= sizesAge {
		x.sizes, x.sized = x.measure(), now
	}
	files := x.db
	if s, ok := files.(*split.DB); ok {
		files = s.Lasting()
	}
	db, ok := files.(interface{ Stats() pebble.Stats })
	if !ok {
		return x.sizes, telemetry.Database{}
	}
	s := db.Stats()
	return x.sizes, telemetry.Database{
		Memtables: s.RecentWrites, BlockCache: s.BlockCache, Memory: s.MemoryLimit, Hits: s.CacheHits, Misses: s.CacheMisses,
		CompactionDebt: s.CompactionDebt, Stalled: s.Stalled, Iterators: s.Iterators,
	}
}

// measure returns the sizes of the stores. x.mu is held.
func (x *storeIndex) measure() map[string]int64 {
	sizes := map[string]int64{}
	for _, sub := range x.app.topology.Subtopologies() {
		for _, store := range sub.Stores {
			sizes[store.Name] = 0
			for id := range x.tasks {
				if id.Subtopology == sub.ID {
					sizes[store.Name] += restore.Size(x.db, store.Name, id.Partition)
				}
			}
		}
	}
	return sizes
}
