package stores

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"unsafe"

	"github.com/tidwall/btree"
)

// keyChunk is the size in bytes of the chunks that keys are copied to.
const keyChunk = 16 << 10

// minKept is how many entries an overlay keeps memory for, whatever an epoch has used of it.
const minKept = 16 << 10

// mostKept is about how many bytes of memory an overlay keeps for the next epoch at most, and
// keptEntry how many it takes for each entry.
const (
	mostKept  = 8 << 20
	keptEntry = 120
)

// entryOverhead is what [Overlay.Bytes] counts for a pending write on top of
// its key and value: the entry, its slot in the map and its place in the order.
const entryOverhead = 128

// Overlay holds the writes of one task's open epoch over what a [DB] has of
// that task. It belongs to one goroutine.
//
// After the epoch's transaction has committed, [Overlay.CommitTo] hands the
// writes to the batch that also carries the changelog offset and, once that is
// applied, [Overlay.Clear] forgets them. After an abort Clear is all.
type Overlay struct {
	db     DB
	prefix []byte
	buf    []byte // the DB key of the Get at hand

	// entries has one element per key written since Clear, byKey finds it unless [Overlay.Add]
	// wrote it.
	// The strings in byKey share the bytes of entry.dbKey, which never change.
	entries []entry
	byKey   map[string]int32
	chunk   []byte // what is left of the chunk that takes the next key
	size    int64

	// order has the pending writes as of the last Iterate, unordered the
	// entries written after it. So a task that does not iterate pays nothing
	// for order, and an iterator is not disturbed by writes.
	order     *btree.BTreeG[pending]
	unordered []int32
	iterators int // open ones on order

	sorted []place // of the entries in the order of keys, when it has all

	memory *Memory // nil: shared with nobody
	parts  []*Part
	kept   *Part // for the next epoch

	attached []Attachment
	most     int   // bytes of a key and value, 0 for any
	refused  error // of the first write that was longer, since Refused
	handed   bool  // to a batch, since Clear
	failed   error // of the first read that failed
}

type entry struct {
	dbKey     []byte // with prefix
	value     []byte // nil for a deletion
	unordered bool   // listed in Overlay.unordered
}

// pending is a write in key order; its key is without prefix.
type pending struct{ key, value []byte }

func lessPending(a, b pending) bool { return bytes.Compare(a.key, b.key) < 0 }

func newOrder() *btree.BTreeG[pending] {
	return btree.NewBTreeGOptions(lessPending, btree.Options{NoLocks: true})
}

// NewOverlay returns the overlay of one task over db. The prefix is put before
// every key; see [TaskPrefix].
func NewOverlay(db DB, prefix []byte) *Overlay {
	o := &Overlay{
		db:     db,
		prefix: bytes.Clone(prefix),
		byKey:  make(map[string]int32),
		order:  newOrder(),
	}
	o.kept = o.Part(mostKept)
	return o
}

// Get returns the value of key, the pending one before the one in the DB, or
// nil when there is none. The caller does not change it; it is valid until the
// next write of the key.
func (o *Overlay) Get(key []byte) ([]byte, error) {
	if i, ok := o.byKey[string(key)]; ok {
		return o.entries[i].value, nil
	}
	o.buf = append(append(o.buf[:0], o.prefix...), key...)
	value, err := o.db.Get(o.buf)
	o.note(err)
	return value, err
}

// Failed returns the first error of the DB that a read has met, nil for none. Who made the
// read may have taken it for one of the record in process.
func (o *Overlay) Failed() error { return o.failed }

func (o *Overlay) note(err error) {
	if err != nil && o.failed == nil {
		o.failed = err
	}
}

// Put sets the value of key. It copies key and keeps value, which nobody may
// change until Clear; a nil value is stored as an empty one. It returns false when the
// write is left out because of [Overlay.Bound].
func (o *Overlay) Put(key, value []byte) bool {
	if value == nil {
		value = []byte{}
	}
	return o.set(key, value)
}

// Add is Put of a key that is written once: no write of the epoch has the same key, and nobody
// gets it other than with [Overlay.Iterate].
func (o *Overlay) Add(key, value []byte) bool {
	if value == nil {
		value = []byte{}
	}
	if !o.fits(key, value) {
		return false
	}
	o.assign(o.insert(key), value)
	return true
}

// Delete removes key; it is not an error when there is none. It copies key.
func (o *Overlay) Delete(key []byte) { o.set(key, nil) }

// Bound limits a key and its value to so many bytes together. A longer write is left
// out, and [Overlay.Refused] tells of it. Default: no bound.
func (o *Overlay) Bound(most int) { o.most = most }

// ErrTooLarge is in the error of [Overlay.Refused].
var ErrTooLarge = errors.New("the value is too large")

// Refused returns the error of the first write since the last call that was left out,
// with the store, the key and the size, or nil.
func (o *Overlay) Refused() error {
	err := o.refused
	o.refused = nil
	return err
}

// fits reports whether a write may be made, and remembers one that may not.
func (o *Overlay) fits(key, value []byte) bool {
	n := len(key) + len(value)
	if o.most <= 0 || n <= o.most {
		return true
	}
	if o.refused == nil {
		store, own, _ := SplitKey(key) // made by a view
		o.refused = fmt.Errorf("store %s, key %.64q: %w: %d bytes, and %d are the most", store, own, ErrTooLarge, n, o.most)
	}
	return false
}

func (o *Overlay) set(key, value []byte) bool {
	if value != nil && !o.fits(key, value) {
		return false
	}
	i, ok := o.byKey[string(key)]
	if !ok {
		i = o.insert(key)
		o.byKey[bytesAsString(o.entries[i].dbKey[len(o.prefix):])] = i
	}
	o.assign(i, value)
	return true
}

// assign sets the value of an entry.
func (o *Overlay) assign(i int32, value []byte) {
	e := &o.entries[i]
	o.size += int64(len(value) - len(e.value))
	e.value = value
	if !e.unordered {
		e.unordered = true
		o.unordered = append(o.unordered, i)
	}
}

// insert adds an entry without a value and returns its index.
func (o *Overlay) insert(key []byte) int32 {
	dbKey := o.newKey(key)
	i := int32(len(o.entries))
	o.entries = append(o.entries, entry{dbKey: dbKey})
	o.size += int64(len(dbKey)) + entryOverhead
	return i
}

// newKey copies prefix and key to memory that is never written again, because
// batches and changelog records may hold it longer than the overlay does.
func (o *Overlay) newKey(key []byte) []byte {
	n := len(o.prefix) + len(key)
	if n > keyChunk/4 {
		return append(append(make([]byte, 0, n), o.prefix...), key...)
	}
	if n > cap(o.chunk) {
		o.chunk = make([]byte, 0, keyChunk)
	}
	k := append(append(o.chunk[:0:n], o.prefix...), key...)
	o.chunk = o.chunk[n:n]
	return k
}

// bytesAsString shares the memory of b, which must not change.
func bytesAsString(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// Iterate returns an iterator over from <= key < to, pending writes and DB
// merged, in ascending or descending order; nil bounds are open. Writes are
// allowed while it is open and not seen by it.
func (o *Overlay) Iterate(from, to []byte, descending bool) (Iterator, error) {
	lower, upper := bounds(o.prefix, from, to)
	db, err := o.db.Iterate(lower, upper, descending)
	if err != nil {
		o.note(err)
		return nil, err
	}
	o.sort()
	o.iterators++
	m := &merged{overlay: o, order: o.order, db: db, trim: len(o.prefix)}
	m.writes = pendingIterator{
		it: o.order.Iter(), from: bytes.Clone(from), to: bytes.Clone(to), descending: descending,
	}
	m.onWrites.next, m.onDB.next = m.writes.next, db.Next
	return m, nil
}

// sort brings order up to date.
func (o *Overlay) sort() {
	if len(o.unordered) == 0 {
		return
	}
	if o.iterators > 0 {
		o.order = o.order.Copy()
		o.iterators = 0 // none on the copy
	}
	for _, i := range o.unordered {
		e := &o.entries[i]
		e.unordered = false
		o.order.Set(pending{key: e.dbKey[len(o.prefix):], value: e.value})
	}
	o.unordered = o.unordered[:0]
}

// Pending yields the pending writes in the order of keys: the latest value of each key, nil
// for a deletion. Nothing may be written meanwhile. Keys and values stay unchanged after
// Clear.
func (o *Overlay) Pending(yield func(key, value []byte) bool) {
	for _, p := range o.inOrder() {
		e := &o.entries[p.index]
		if !yield(e.dbKey[len(o.prefix):], e.value) {
			return
		}
	}
}

// inOrder returns the places of the entries in the order of their keys. It does not need
// order, which is there for iterators: to sort once costs less than half of what a tree does.
func (o *Overlay) inOrder() []place {
	if len(o.sorted) == len(o.entries) {
		return o.sorted
	}
	o.sorted = slices.Grow(o.sorted[:0], len(o.entries))
	for i := range o.entries {
		o.sorted = append(o.sorted, place{index: int32(i)})
	}
	sortPlaces(o.sorted, o.entries, len(o.prefix), mostHeads)
	return o.sorted
}

// Committed reads what the DB has of the task, without the pending writes.
func (o *Overlay) Committed() Source { return TaskState(o.db, o.prefix) }

// Share makes what the task keeps in memory beside the DB a part of what all tasks of the
// process may keep. It is called before the first [Overlay.Part]. Default: the task shares with
// nobody.
func (o *Overlay) Share(m *Memory) {
	o.memory = m
	o.kept = o.Part(mostKept)
}

// Part returns memory for what the task keeps beside the DB, of which it has never a use for
// more than so many bytes. [Overlay.Close] gives it back.
func (o *Overlay) Part(most int64) *Part {
	m := o.memory
	if m == nil {
		m = NewMemory(most)
	}
	p := m.part(most)
	o.parts = append(o.parts, p)
	return p
}

// Close gives back the memory of the task, which has ended. It may be called twice.
func (o *Overlay) Close() {
	for _, p := range o.parts {
		p.Close()
	}
}

// Attachment is told of the commits and aborts of an [Overlay], in its goroutine.
type Attachment interface {
	// CommitTo adds writes to a batch, behind the pending ones. The DB keys of the task
	// begin with prefix.
	CommitTo(b *Batch, prefix []byte)
	// Clear is called when the pending writes were applied with the batch of CommitTo,
	// or were forgotten.
	Clear(committed bool)
}

// Attach makes a part of each later commit and abort.
func (o *Overlay) Attach(a Attachment) { o.attached = append(o.attached, a) }

// Len returns the number of keys with a pending write.
func (o *Overlay) Len() int { return len(o.entries) }

// Bytes returns roughly the memory that the pending writes hold.
func (o *Overlay) Bytes() int64 { return o.size }

// CommitTo adds all pending writes to b, under their DB keys and in their order, in which
// they are cheaper to write, and those of what is attached. It does not clear the overlay.
func (o *Overlay) CommitTo(b *Batch) {
	o.handed = true
	b.Ops = slices.Grow(b.Ops, len(o.entries))
	for _, p := range o.inOrder() {
		e := &o.entries[p.index]
		b.Ops = append(b.Ops, Op{Key: e.dbKey, Value: e.value})
	}
	for _, a := range o.attached {
		a.CommitTo(b, o.prefix)
	}
}

// Clear forgets the pending writes, and keeps memory for the next ones. It is called
// after the batch of CommitTo was applied, or when the epoch was aborted.
func (o *Overlay) Clear() {
	handed := o.handed
	o.handed = false
	for _, a := range o.attached {
		a.Clear(handed)
	}
	if len(o.entries) == 0 {
		return
	}
	if !o.keeps(len(o.entries), cap(o.entries)) {
		o.entries, o.byKey, o.unordered, o.sorted, o.chunk = nil, make(map[string]int32), nil, nil, nil
	}
	clear(o.entries)
	clear(o.byKey)
	o.entries, o.unordered, o.sorted, o.size = o.entries[:0], o.unordered[:0], o.sorted[:0], 0
	if o.order.Len() > 0 {
		o.order, o.iterators = newOrder(), 0
	}
}

// keeps reports whether memory for so many entries is kept for the next epoch. It is not when
// an earlier epoch was far larger than this one: the time to clear a map grows with its size.
func (o *Overlay) keeps(used, all int) bool {
	if n := int64(all) * keptEntry; all > minKept && used < all/16 || o.kept.Take(n) < n {
		o.kept.Take(0)
		return false
	}
	return true
}
