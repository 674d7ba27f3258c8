// Package recent has the entries of a window store that were put last.
package recent

import (
	"bytes"
	"hash/maphash"

	"github.com/suiro/suiro/stores"
	"github.com/suiro/suiro/stores/format"
)

// Bytes is about the most memory that the entries of a store take.
const Bytes = 4 << 20

// step is how many bytes of memory are taken at a time.
const step = 64 << 10

// overhead is what an entry takes beside its key and value.
const overhead = 128

// chunkSize is the size in bytes of the chunks that keys and values are copied to.
const chunkSize = 16 << 10

// suffix is the length of what follows the key in a [format.WindowKey].
const suffix = 12

// Entries are all entries that start after some time. A join looks around the time of each
// record, where half of the keys have nothing yet, and iterators over each segment of the DB
// are most of what that costs.
//
// When they take too much memory those that came first are forgotten, and the time moves on.
type Entries struct {
	after int64
	// ring has the entries with the numbers from first on and below end, each at the end of
	// its number. Numbers begin at 1.
	ring       []entry
	first, end uint64
	// latest has the number of the last entry of each slot, which is the end of a hash. A
	// number below first is none, so that nothing is to be removed when entries are forgotten.
	latest []uint64
	seed   maphash.Seed
	size   int // of the entries
	memory *stores.Part
	room   int    // of memory that was taken
	full   bool   // there was no more
	chunk  []byte // what is left of the chunk that takes the next entry
}

// entry is small, as thousands of them are made anew all the time.
type entry struct {
	data   []byte // the whole key (key, start and sequence), and the value
	key    int32  // bytes of the whole key
	hash   uint32
	start  int64
	before uint64 // the number of the entry before in this slot
	most   int64  // the largest start of this entry and those before
}

// least is how many entries there is room for at the start, a power of two.
const least = 256

// New returns those of a store that has nothing that starts after a time.
func New(after int64, memory *stores.Part) *Entries {
	return &Entries{after: after, first: 1, end: 1, memory: memory, ring: make([]entry, least),
		latest: make([]uint64, least), seed: maphash.MakeSeed()}
}

// Forget begins again with a store that has nothing that starts after a time.
func (r *Entries) Forget(after int64) {
	*r = *New(after, r.memory)
	r.Settle()
}

// Settle gives back memory that is not needed any more, or that is not theirs any more. It is
// called between epochs.
func (r *Entries) Settle() {
	r.room, r.full = int(r.memory.Take(int64(r.size))), false
	for r.size > r.room {
		r.drop()
	}
	slots := least
	for uint64(slots) < r.end-r.first {
		slots *= 2
	}
	if slots < len(r.ring)/2 {
		r.resize(slots)
	}
}

// take takes more memory.
func (r *Entries) take() {
	want := int64(r.size + step)
	r.room = int(r.memory.Take(want))
	r.full = int64(r.room) < want
}

// Add takes an entry that was put into the store, of which what starts before a time has
// expired. It copies both slices.
func (r *Entries) Add(k format.WindowKey, value []byte, expired int64) {
	if r.size > r.room && !r.full {
		r.take()
	}
	for r.first < r.end && (r.size > r.room || r.at(r.first).start < expired) {
		r.drop()
	}
	if k.Start <= r.after {
		return
	}
	if r.end-r.first == uint64(len(r.ring)) {
		r.resize(2 * len(r.ring))
	}
	e := r.at(r.end)
	e.data, e.key = r.copied(k, value)
	e.hash, e.start = r.hash(k.Key), k.Start
	r.size += e.size()
	r.end++
	r.link(r.end - 1)
}

// at is where the entry with a number is.
func (r *Entries) at(number uint64) *entry { return &r.ring[number&uint64(len(r.ring)-1)] }

// slot is where the number of the last entry with a hash is.
func (r *Entries) slot(hash uint32) *uint64 { return &r.latest[hash&uint32(len(r.latest)-1)] }

func (r *Entries) hash(key []byte) uint32 { return uint32(maphash.Bytes(r.seed, key)) }

// resize makes room for so many entries, a power of two.
func (r *Entries) resize(slots int) {
	old := *r
	r.ring, r.latest = make([]entry, slots), make([]uint64, slots)
	for n := r.first; n < r.end; n++ {
		*r.at(n) = *old.at(n)
		r.link(n)
	}
}

// link makes an entry the last one of its slot.
func (r *Entries) link(number uint64) {
	e := r.at(number)
	last := r.slot(e.hash)
	e.before, e.most = *last, e.start
	if e.before >= r.first {
		e.most = max(e.most, r.at(e.before).most)
	}
	*last = number
}

func (e *entry) size() int { return len(e.data) + overhead }

// copied returns the bytes of the key and of the value behind it, and how many the key has.
func (r *Entries) copied(k format.WindowKey, value []byte) (data []byte, key int32) {
	n := len(k.Key) + suffix
	size := n + len(value)
	switch {
	case size > chunkSize/4:
		data = make([]byte, 0, size)
	case size > cap(r.chunk):
		r.chunk = make([]byte, 0, chunkSize)
		fallthrough
	default:
		data, r.chunk = r.chunk[:0:size], r.chunk[size:size]
	}
	return append(k.Append(data), value...), int32(n)
}

// drop forgets the entry that came first.
func (r *Entries) drop() {
	e := r.at(r.first)
	r.after = max(r.after, e.start)
	r.size -= e.size()
	*e = entry{}
	r.first++
}

// Find returns the entries of key with from <= start <= to in order, if all of them are here.
func (r *Entries) Find(key []byte, from, to int64, descending bool) (*Iterator, bool) {
	if from <= r.after {
		return nil, false
	}
	it, hash := &Iterator{}, r.hash(key)
	it.left = it.one[:0]
	for n := *r.slot(hash); n >= r.first; {
		e := r.at(n)
		if e.most < from {
			break
		}
		if e.hash == hash && e.start >= from && e.start <= to && bytes.Equal(e.data[:e.key-suffix], key) {
			it.left = append(it.left, found{e.data, e.key, e.start})
		}
		n = e.before
	}
	it.sort(descending)
	return it, true
}
