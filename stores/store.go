package stores

import "errors"

// ErrClosed is returned by every call on a DB after Close.
var ErrClosed = errors.New("store is closed")

// DB is an ordered key-value store, shared by all the tasks of a process. All
// methods are safe for concurrent use. No key is empty.
type DB interface {
	// Get returns the value of key, or nil when there is none. The caller may
	// keep and change the result.
	Get(key []byte) ([]byte, error)
	// Iterate returns an iterator over from <= key < to in ascending order of
	// bytes, or in descending order; nil bounds are open. It sees the DB as it
	// was at the call, whatever is applied later.
	Iterate(from, to []byte, descending bool) (Iterator, error)
	// Apply writes a batch. After a crash all of the batch is there or nothing of
	// it, and never a later batch without an earlier one. All batches survive a
	// crash of the process; the first ones up to some batch survive a crash of the
	// machine. An error means that nothing was written, or that the DB has stopped:
	// then every call returns the error, and when the DB is opened again, the batch
	// is there as a whole or not at all.
	Apply(b *Batch) error
	// Close waits for running calls and open iterators, and releases everything.
	// Calls that begin after it return [ErrClosed]. It may be called twice.
	Close() error
}

// Sizer is a [DB] that can tell how large a part of it is.
type Sizer interface {
	// Size returns about how many bytes the files have for from <= key < to, without
	// what is in memory only.
	Size(from, to []byte) (int64, error)
}

// Pacer is a DB whose Apply waits when more is written than it gets into files.
type Pacer interface {
	// ApplyPaced is Apply for a batch that nobody waits for, such as one of a restore: while
	// others apply theirs it waits early, so that they need not wait because of it.
	ApplyPaced(b *Batch) error
}

// Paced returns db with an Apply that is ApplyPaced, and db itself when it is no [Pacer].
func Paced(db DB) DB {
	if p, ok := db.(Pacer); ok {
		return paced{db, p}
	}
	return db
}

type paced struct {
	DB
	pacer Pacer
}

func (p paced) Apply(b *Batch) error { return p.pacer.ApplyPaced(b) }

// Iterator walks keys in order. It is used by one goroutine and must be
// closed. Key and Value are valid until the next call of Next or Close.
type Iterator interface {
	// Next moves to the first or next entry; false at the end or on an error.
	Next() bool
	Key() []byte
	Value() []byte
	// Err returns the error that stopped the iteration early, or nil.
	Err() error
	Close() error
}

// Batch is a list of writes that a [DB] applies atomically, in order. The
// zero Batch is empty and ready to use.
type Batch struct {
	// Ops are the writes in order. Default: none.
	Ops []Op
}

// Op is one write.
type Op struct {
	// Key is the key to write, or the beginning of the range to delete.
	Key []byte
	// Value is the value to write; nil deletes Key.
	Value []byte
	// To, when it is not nil, makes the Op delete the range Key <= k < To.
	To []byte
}

// Put adds a write. Neither slice may be changed until the batch is applied; a
// nil value is stored as an empty one.
func (b *Batch) Put(key, value []byte) {
	if value == nil {
		value = []byte{}
	}
	b.Ops = append(b.Ops, Op{Key: key, Value: value})
}

// Delete adds a deletion. It is not an error when the key does not exist.
func (b *Batch) Delete(key []byte) { b.Ops = append(b.Ops, Op{Key: key}) }

// DeleteRange adds the deletion of from <= key < to.
func (b *Batch) DeleteRange(from, to []byte) { b.Ops = append(b.Ops, Op{Key: from, To: to}) }

// Len returns the number of writes.
func (b *Batch) Len() int { return len(b.Ops) }

// Reset empties the batch and keeps its memory.
func (b *Batch) Reset() { b.Ops = b.Ops[:0] }
