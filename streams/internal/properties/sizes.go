package properties

import (
	"github.com/suiro/suiro/internal/memory"
	"github.com/suiro/suiro/streams/internal/inmemory"
)

// StateBytes is how much the epochs of all threads may hold of the stores.
func (p *Properties) StateBytes() int64 {
	if size := p.Memory.Size(p.Values, cacheKey, memory.StoreCache); size > 0 {
		return size
	}
	return p.Memory.Of(memory.StoreCache)
}

// NoCache reports whether tables forward each update at once.
func (p *Properties) NoCache() bool { return p.IsSet(cacheKey) && p.Long(cacheKey) == 0 }

// OutputBytes is how much the epochs of all threads, and a single record, may write.
func (p *Properties) OutputBytes() int64 {
	return p.Memory.Size(p.Values, "commit.max.bytes", memory.StoreCache)
}

// InputBytes is how much may wait for the tasks of all threads.
func (p *Properties) InputBytes() int64 {
	return p.Memory.Size(p.Values, "input.buffer.max.bytes", memory.Input)
}

// RecordBytes is how large a record of the app may be.
func (p *Properties) RecordBytes() int {
	return int(min(p.Long("max.request.size"), p.Memory.Size(p.Values, "buffer.memory", memory.Produce)))
}

// BlockCacheBytes is the size of the DB's block cache.
func (p *Properties) BlockCacheBytes() int64 {
	return p.Memory.Size(p.Values, "statestore.block.cache.bytes", memory.BlockCache)
}

// StoreMemoryBytes is what the stores in memory are expected to take.
func (p *Properties) StoreMemoryBytes() int64 {
	return p.Memory.Size(p.Values, inmemory.Key, memory.StoreMemory)
}

// TaskMemoryBytes is what all tasks may keep in memory of their stores beside the DB.
func (p *Properties) TaskMemoryBytes() int64 { return p.Memory.Of(memory.TaskMemory) }

// RestoreBytes is what the tasks that restore their state may take together.
func (p *Properties) RestoreBytes() int64 { return p.Memory.Of(memory.Batches) }
