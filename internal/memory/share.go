package memory

import "math"

// Share is a part of the budget with a name.
type Share int

// The shares. DESIGN.md of this package has the table, and why their sum fits.
const (
	// LargestBatch is what one batch of a topic may take after decompression, with its
	// records and headers as Go keeps them: a sixteenth, at least 4 MiB, at most 512
	// MiB. A larger batch is refused.
	LargestBatch Share = iota
	// Batches is what all batches together may take that are decompressed and still in
	// use, of all Kafka clients of the process: a quarter. Kafka clients count it with
	// an [Account] each.
	Batches
	// Fetch is the default of fetch.max.bytes, what a broker sends at a time: one part
	// of 256, at least 1 MiB, at most 4 MiB.
	Fetch
	// Response is the largest answer of a broker that is read: a quarter, at most 100
	// MiB.
	Response
	// Produce is the default of buffer.memory, which is held by each producer: a
	// sixteenth, at most 32 MiB.
	Produce
	// Input is the default of input.buffer.max.bytes, which stream threads share: a
	// sixteenth, at most 32 MiB.
	Input
	// StoreCache is the default of statestore.cache.max.bytes, which stream threads share:
	// an eighth, at most 64 MiB.
	StoreCache
	// BlockCache is the default of statestore.block.cache.bytes, which is held once: an
	// eighth, at most 64 MiB.
	BlockCache
	// StoreMemory is the default of statestore.in.memory.bytes, what the stores of a process
	// that are kept in memory are expected to take: a quarter. They may take more.
	StoreMemory
	// TaskMemory is what all stream tasks keep in memory of their stores beside the DB: an
	// eighth, at least 4 MiB, at most 256 MiB.
	TaskMemory
	// SinkBuffer is the default of max.buffered.bytes, which is held by each sink task:
	// an eighth, at most 64 MiB.
	SinkBuffer
	// Value is what one record may take decoded: an eighth, at least 32 MiB, at most 1
	// GiB. Converters refuse a larger one. See [OfRuntime].
	Value
	// Schemas is what each cache of schemas holds, such as that of a converter: one
	// part of 32, at least 8 MiB, at most 64 MiB.
	Schemas
	// Heap is what the heap may grow to, once, before garbage is collected: a quarter, at
	// most 128 MiB. See [LetHeapGrow].
	Heap
)

// portion says how large a share is.
type portion struct {
	part        int64 // of the budget is one share
	least, most int64 // bytes
}

const unlimited = math.MaxInt64

// shares has the size of each share. It never changes.
var shares = [...]portion{
	LargestBatch: {16, 4 << 20, 512 << 20},
	Batches:      {4, 16 << 20, unlimited},
	Fetch:        {256, 1 << 20, 4 << 20},
	Response:     {4, 16 << 20, 100 << 20},
	Produce:      {16, 1 << 20, 32 << 20},
	Input:        {16, 1 << 20, 32 << 20},
	StoreCache:   {8, 1 << 20, 64 << 20},
	BlockCache:   {8, 1 << 20, 64 << 20},
	StoreMemory:  {4, 1 << 20, unlimited},
	TaskMemory:   {8, 4 << 20, 256 << 20},
	SinkBuffer:   {8, 1 << 20, 64 << 20},
	Value:        {8, 32 << 20, 1 << 30},
	Schemas:      {32, 8 << 20, 64 << 20},
	Heap:         {4, 16 << 20, 128 << 20},
}
