package kinds

import (
	"bytes"
	"cmp"
	"hash/maphash"
	"slices"

	"github.com/suiro/suiro/stores/format"
)

// recentBytes is about the most memory that the recent entries of a store take.
const recentBytes = 4 << 20

// recentOverhead is what an entry takes beside its key and value.
const recentOverhead = 128

// recentChunk is the size in bytes of the chunks that keys and values are copied to.
const recentChunk = 16 << 10

// recent has the entries of a window store that were put last: all that start after some
// time. A join looks around the time of each record, where half of the keys have nothing yet,
// and iterators over each segment of the DB are most of what that costs.
//
// When it takes too much memory the entries that came first are forgotten, and the time
// moves on.
type recent struct {
	after   int64
	first   uint64 // the number of entries[0]; numbers begin at 1
	entries []recentEntry
	// latest has the number of the last entry of each slot, which is the end of a hash. A
	// number below first is none, so that nothing is to be removed when entries are forgotten.
	latest []uint64
	seed   maphash.Seed
	size   int
	room   int    // of memory
	chunk  []byte // what is left of the chunk that takes the next entry
}

type recentEntry struct {
	key, value []byte // the whole key: key, start and sequence
	hash       uint64
	before     uint64 // the number of the entry before in this slot
	most       int64  // the largest start of this entry and those before
}

// newRecent returns an empty one for a store that has nothing that starts after a time.
func newRecent(after int64) *recent {
	return &recent{after: after, first: 1, room: recentBytes, latest: make([]uint64, 256), seed: maphash.MakeSeed()}
}

// forget begins again with a store that has nothing that starts after a time.
func (r *recent) forget(after int64) {
	r.after, r.first, r.entries, r.size = after, r.first+uint64(len(r.entries)), nil, 0
}

// add takes an entry that was put into the store, of which what starts before a time has
// expired. It copies both slices.
func (r *recent) add(k format.WindowKey, value []byte, expired int64) {
	for len(r.entries) > 0 && (r.size > r.room || windowStart(r.entries[0].key) < expired) {
		r.drop()
	}
	if k.Start <= r.after {
		return
	}
	e := recentEntry{hash: maphash.Bytes(r.seed, k.Key)}
	e.key, e.value = r.copied(k, value)
	r.entries = append(r.entries, e)
	r.size += e.size()
	if len(r.entries) <= len(r.latest) {
		r.link(len(r.entries) - 1)
		return
	}
	r.latest = make([]uint64, 2*len(r.latest))
	for i := range r.entries {
		r.link(i)
	}
}

// slot is where the last entry with a hash is.
func (r *recent) slot(hash uint64) *uint64 { return &r.latest[hash&uint64(len(r.latest)-1)] }

// link makes an entry the last one of its slot.
func (r *recent) link(i int) {
	e := &r.entries[i]
	last := r.slot(e.hash)
	e.before, e.most = *last, windowStart(e.key)
	if e.before >= r.first {
		e.most = max(e.most, r.entries[e.before-r.first].most)
	}
	*last = r.first + uint64(i)
}

func (e *recentEntry) size() int { return len(e.key) + len(e.value) + recentOverhead }

// copied returns the bytes of the key and a copy of the value.
func (r *recent) copied(k format.WindowKey, value []byte) (key, own []byte) {
	n := len(k.Key) + windowSuffix
	size := n + len(value)
	var data []byte
	switch {
	case size > recentChunk/4:
		data = make([]byte, 0, size)
	case size > cap(r.chunk):
		r.chunk = make([]byte, 0, recentChunk)
		fallthrough
	default:
		data, r.chunk = r.chunk[:0:size], r.chunk[size:size]
	}
	data = append(k.Append(data), value...)
	return data[:n:n], data[n:]
}

// drop forgets the entry that came first.
func (r *recent) drop() {
	e := &r.entries[0]
	r.after = max(r.after, windowStart(e.key))
	r.size -= e.size()
	*e = recentEntry{}
	r.entries, r.first = r.entries[1:], r.first+1
}

// find returns the entries of key with from <= start <= to in order, if it has all of them.
func (r *recent) find(key []byte, from, to int64, descending bool) (*recentIterator, bool) {
	if from <= r.after {
		return nil, false
	}
	it := &recentIterator{}
	for n := *r.slot(maphash.Bytes(r.seed, key)); n >= r.first; {
		e := &r.entries[n-r.first]
		if e.most < from {
			break
		}
		start := windowStart(e.key)
		if start >= from && start <= to && bytes.Equal(e.key[:len(e.key)-windowSuffix], key) {
			it.left = append(it.left, *e)
		}
		n = e.before
	}
	if len(it.left) > 1 {
		slices.SortFunc(it.left, func(a, b recentEntry) int {
			order := cmp.Or(cmp.Compare(windowStart(a.key), windowStart(b.key)), bytes.Compare(a.key, b.key))
			if descending {
				return -order
			}
			return order
		})
	}
	return it, true
}

// recentIterator walks entries that were found.
type recentIterator struct {
	left []recentEntry
	at   recentEntry
}

func (i *recentIterator) Next() bool {
	if len(i.left) == 0 {
		return false
	}
	i.at, i.left = i.left[0], i.left[1:]
	return true
}

func (i *recentIterator) Key() []byte   { return i.at.key }
func (i *recentIterator) Value() []byte { return i.at.value }
func (i *recentIterator) Err() error    { return nil }

func (i *recentIterator) Close() error {
	i.left = nil
	return nil
}
