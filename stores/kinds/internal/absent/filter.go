// Package absent knows which keys a store does not have, without asking its DB.
package absent

import (
	"bytes"
	"errors"
	"hash/maphash"
	"math/bits"

	"github.com/suiro/suiro/stores"
)

// Filter is a Bloom filter of all keys of a store, so that one which is not there need not be
// looked for in the DB: in a count of keys that are new, that was half of its work.
//
// Every write adds its key, and what is aborted or deleted later stays in it. The keys that the
// DB has at the start are read after each commit, some at a time and more of them than were
// added meanwhile; until then nothing is known. It belongs to the task.
type Filter struct {
	committed stores.Source
	seed      maphash.Seed
	parts     [][]block // each twice as large as the one before
	room      int       // for keys in the last one
	added     int       // keys since the last read
	whole     bool      // it has all keys
	off       bool      // there are too many keys
	next, end []byte    // the keys of the DB that are still to be read
}

var _ stores.Attachment = (*Filter)(nil)

// block has all bits of a key, so that a look is a single access to memory.
type block [8]uint64

// The first part, and the largest one, in blocks of 64 bytes: all together take 4 MiB at most.
const (
	firstBlocks = 32 << 10 / 64
	mostBlocks  = 2 << 20 / 64
)

const (
	keyBits  = 6    // of a key
	perBlock = 42   // keys, with 12 bits each
	step     = 2000 // keys of the DB that are read after a commit
)

// New returns the filter of the store whose keys begin with prefix, which is attached to the
// overlay of its task. Of an empty store all is known.
func New(o *stores.Overlay, prefix []byte) *Filter {
	f := &Filter{committed: o.Committed(), seed: maphash.MakeSeed(), next: bytes.Clone(prefix),
		end: stores.PrefixEnd(prefix)}
	f.read()
	o.Attach(f)
	return f
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

// Add notes that the store may have a key. When the largest part has twice the keys that it
// has room for, it says little, and is given up.
func (f *Filter) Add(key []byte) {
	hash := maphash.Bytes(f.seed, key)
	if f.off || f.has(hash) {
		return
	}
	if f.room <= 0 && !f.grow() {
		f.off, f.whole, f.parts = true, false, nil
		return
	}
	f.room--
	f.added++
	blockOf(f.parts[len(f.parts)-1], hash).set(hash)
}

// grow makes room for more keys, or returns false.
func (f *Filter) grow() bool {
	blocks := firstBlocks
	if n := len(f.parts); n > 0 {
		blocks = 2 * len(f.parts[n-1])
	}
	if blocks > mostBlocks {
		return false
	}
	f.parts = append(f.parts, make([]block, blocks))
	if f.room = blocks * perBlock; blocks == mostBlocks {
		f.room *= 2
	}
	return true
}

// CommitTo implements [stores.Attachment].
func (f *Filter) CommitTo(*stores.Batch, []byte) {}

// Clear implements [stores.Attachment].
func (f *Filter) Clear(committed bool) {
	if committed && !f.whole && !f.off {
		f.read()
	}
}

// read adds some of the keys that the DB has.
func (f *Filter) read() {
	it, err := f.committed.Iterate(f.next, f.end, false)
	if err != nil {
		f.off = true // whoever needs the DB is told
		return
	}
	n, most := 0, step+2*f.added
	for ; n < most && it.Next(); n++ {
		f.Add(it.Key())
		f.next = append(f.next[:0], it.Key()...)
	}
	if errors.Join(it.Err(), it.Close()) != nil {
		f.off = true
	}
	f.added, f.whole = 0, n < most && !f.off
}

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
