// Package absent knows which keys a store does not have, without asking its DB.
package absent

import (
	"bytes"
	"errors"
	"hash/maphash"
	"math"
	"math/bits"

	"github.com/suiro/suiro/stores"
)

// Filter is a Bloom filter of all keys of a store, so that one which is not there need not be
// looked for in the DB: in a count of keys that are new, that was half of its work.
//
// Every write adds its key, and what is aborted or deleted later stays in it. The keys that the
// DB has at the start are read after each commit, some at a time and more of them than were
// added meanwhile; until then nothing is known. When there is not enough memory for all keys
// nothing is known either, until there is more: then they are read again. It belongs to the
// task.
type Filter struct {
	committed stores.Source
	seed      maphash.Seed
	memory    *stores.Part
	parts     [][]block // each twice as large as the one before
	bytes     int64     // of the parts
	room      int       // for keys in the last one
	tight     bool      // which has twice as many as it should
	added     int       // keys since the last read
	whole     bool      // it has all keys
	off       bool      // it has none, as there are too many or the DB cannot be read
	needs     int64     // bytes with which it begins again then
	prefix    []byte    // of all keys
	next, end []byte    // the keys of the DB that are still to be read
}

var _ stores.Attachment = (*Filter)(nil)

// block has all bits of a key, so that a look is a single access to memory.
type block [8]uint64

// firstBlocks is how many blocks of 64 bytes the first part has, leastBlocks how many are worth
// a part when there is not more memory, and most what seven parts take.
const (
	blockBytes  = 64
	firstBlocks = 32 << 10 / blockBytes
	leastBlocks = 4 << 10 / blockBytes
	most        = 127 * firstBlocks * blockBytes
)

const (
	keyBits  = 6    // of a key
	perBlock = 42   // keys, with 12 bits each
	step     = 2000 // keys of the DB that are read after a commit
)

// New returns the filter of the store whose keys begin with prefix, which is attached to the
// overlay of its task. Of an empty store all is known.
func New(o *stores.Overlay, prefix []byte) *Filter {
	f := &Filter{committed: o.Committed(), seed: maphash.MakeSeed(), memory: o.Part(most), prefix: bytes.Clone(prefix),
		end: stores.PrefixEnd(prefix)}
	f.begin()
	o.Attach(f)
	return f
}

// begin reads the first keys of the DB into an empty filter.
func (f *Filter) begin() {
	f.off, f.next = false, bytes.Clone(f.prefix)
	f.read()
}

// Lacks reports whether the store is known to have no such key.
func (f *Filter) Lacks(key []byte) bool { return f.whole && !f.has(maphash.Bytes(f.seed, key)) }

func (f *Filter) has(hash uint64) bool {
	for _, part := range f.parts {
		if blockOf(part, hash).has(hash) {
			return true
		}
	}
	return false
}

// Add notes that the store may have a key.
func (f *Filter) Add(key []byte) {
	hash := maphash.Bytes(f.seed, key)
	if f.off || f.has(hash) {
		return
	}
	if f.room <= 0 && !f.grow() {
		f.giveUp(f.bytes + f.bytes/2)
		return
	}
	f.room--
	f.added++
	blockOf(f.parts[len(f.parts)-1], hash).set(hash)
}

// grow makes room for more keys, or returns false. When there is no memory for another part,
// the last one takes twice as many keys as it should; with more it would say little.
func (f *Filter) grow() bool {
	blocks, least := int64(firstBlocks), int64(leastBlocks)
	if n := len(f.parts); n > 0 {
		last := int64(len(f.parts[n-1]))
		blocks, least = 2*last, max(least, last/4) // each part is one more to look into
	}
	blocks = (f.memory.Take(f.bytes+blocks*blockBytes) - f.bytes) / blockBytes
	if blocks >= least {
		f.parts, f.bytes = append(f.parts, make([]block, blocks)), f.bytes+blocks*blockBytes
		f.room, f.tight = int(blocks)*perBlock, false
		return true
	}
	if f.memory.Take(f.bytes) < f.bytes || f.tight || len(f.parts) == 0 {
		return false
	}
	f.room, f.tight = len(f.parts[len(f.parts)-1])*perBlock, true
	return true
}

// giveUp forgets all keys, until there are so many bytes.
func (f *Filter) giveUp(needs int64) {
	f.memory.Take(0)
	f.off, f.whole, f.parts, f.bytes, f.room, f.tight = true, false, nil, 0, 0, false
	f.needs = max(needs, leastBlocks*blockBytes)
}

// CommitTo implements [stores.Attachment].
func (f *Filter) CommitTo(*stores.Batch, []byte) {}

// Clear implements [stores.Attachment].
func (f *Filter) Clear(committed bool) {
	switch {
	case !committed:
	case f.off:
		if f.needs <= most && f.memory.TakeAll(f.needs) {
			f.begin()
		}
	case f.memory.Take(f.bytes) < f.bytes: // others have come
		f.giveUp(f.bytes)
	case !f.whole:
		f.read()
	}
}

// read adds some of the keys that the DB has.
func (f *Filter) read() {
	it, err := f.committed.Iterate(f.next, f.end, false)
	if err != nil {
		f.leave()
		return
	}
	n, limit := 0, step+2*f.added
	for ; n < limit && !f.off && it.Next(); n++ {
		f.Add(it.Key())
		f.next = append(f.next[:0], it.Key()...)
	}
	if errors.Join(it.Err(), it.Close()) != nil {
		f.leave()
	}
	f.added, f.whole = 0, n < limit && !f.off
}

// leave gives up a DB that cannot be read, for good. Whoever needs it is told.
func (f *Filter) leave() { f.giveUp(math.MaxInt64) }

// blockOf returns the block of a hash.
func blockOf(part []block, hash uint64) *block {
	n, _ := bits.Mul64(hash, uint64(len(part)))
	return &part[n]
}

// has and set look at bits that are as far from each other as the hash says. Its upper bits
// are those of the block.
func (b *block) has(hash uint64) bool {
	at, step := uint32(hash), uint32(hash>>9)|1
	for range keyBits {
		if b[at>>6&7]&(1<<(at&63)) == 0 {
			return false
		}
		at += step
	}
	return true
}

func (b *block) set(hash uint64) {
	at, step := uint32(hash), uint32(hash>>9)|1
	for range keyBits {
		b[at>>6&7] |= 1 << (at & 63)
		at += step
	}
}
