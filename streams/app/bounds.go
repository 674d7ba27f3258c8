package app

import "github.com/suiro/suiro/internal/memory"

// stateBytes is how much an epoch may hold of the stores.
func (a *App) stateBytes() int64 {
	if size := a.memory.Size(a.values, cacheKey, memory.StoreCache); size > 0 {
		return size
	}
	return a.memory.Of(memory.StoreCache)
}

// noCache reports whether tables forward each update at once.
func (a *App) noCache() bool { return a.values.IsSet(cacheKey) && a.values.Long(cacheKey) == 0 }

// outputBytes is how much an epoch, and a single record, may write.
func (a *App) outputBytes() int64 {
	return a.memory.Size(a.values, "commit.max.bytes", memory.StoreCache)
}
