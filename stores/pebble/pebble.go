package pebble

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/suiro/suiro/stores"
	"github.com/suiro/suiro/stores/internal/gate"
)

// closeWait bounds the wait for a database that has failed to open or close, as work
// that is stuck in it may never end.
const closeWait = time.Second

// DB is a [stores.DB] on disk.
type DB struct {
	db      *pebble.DB
	fs      *failFS
	lock    io.Closer
	failure *failure
	merges  merges
	calls   gate.Gate
	limit   int64        // of memory
	walks   atomic.Int64 // iterators that are open
}

var _ stores.DB = (*DB)(nil)
var _ stores.Pacer = (*DB)(nil)

// Open opens the DB in dir, and makes it when there is none. One DB at a time
// may have a folder open. The folder and the files that it makes are for the user of the
// process alone.
//
// A DB whose files are damaged, now or when it was open last, is replaced by an empty
// one, with a warning: the caller finds no offsets in it, and reads the state back from
// the changelogs.
func Open(dir string, o *Options) (*DB, error) {
	// The lock goes by name within a process, so one folder needs one name.
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("create the folder of the store: %w", err)
	}
	resolved, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return nil, fmt.Errorf("find the folder of the store: %w", err)
	}
	if resolved, err = filepath.Abs(resolved); err != nil {
		return nil, fmt.Errorf("find the folder of the store: %w", err)
	}
	lock := filepath.Join(resolved, "LOCK")
	if info, err := os.Lstat(lock); err == nil && !info.Mode().IsRegular() {
		return nil, fmt.Errorf("lock store: %s is not a file: delete it", lock) // a link would lead elsewhere
	}
	d, err := open(resolved, o, vfs.Default)
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(lock, 0o600); err != nil {
		return nil, errors.Join(fmt.Errorf("lock store: %w", err), d.Close())
	}
	return d, nil
}

func open(dir string, o *Options, fs vfs.FS) (*DB, error) {
	opts := o.defaults()
	lock, err := fs.Lock(fs.PathJoin(dir, "LOCK"))
	if err != nil {
		return nil, lockError(dir, err)
	}
	d, err := openLocked(dir, opts, fs)
	if err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	d.lock = lock
	return d, nil
}

// openLocked opens the database, or a new one in its place when it is damaged.
func openLocked(dir string, opts Options, fs vfs.FS) (*DB, error) {
	if err := checkLayout(fs, dir, layout); err != nil {
		return nil, err
	}
	cause, err := damageFound(fs, dir)
	var d *DB
	if err == nil && cause == nil {
		d, err = start(dir, opts, fs)
	}
	if errors.Is(err, errDamaged) {
		cause, err = err, nil
	}
	if cause == nil || err != nil {
		return d, err
	}
	opts.Logger.Warn("the store is damaged and begins empty: its state is read back from the changelog topics",
		"dir", dir, "error", cause)
	if err := empty(fs, dir); err != nil {
		return nil, fmt.Errorf("replace the damaged store %s: %w; delete the folder", dir, err)
	}
	return start(dir, opts, fs)
}

// start opens the database as it is.
func start(dir string, opts Options, fs vfs.FS) (*DB, error) {
	d := &DB{failure: newFailure(dir, opts.Logger), limit: opts.CacheBytes}
	d.failure.damaged = func(cause error) { noteDamage(fs, dir, cause) }
	d.fs = &failFS{FS: fs, failure: d.failure}
	d.fs.pace.limit = int64(memTables * opts.MemTableBytes / 2)
	d.fs.opening.Store(true)
	err := d.run(func() (err error) {
		if d.db, err = pebble.Open(dir, pebbleOptions(d, opts)); err != nil {
			return explainOpen(dir, err)
		}
		return nil
	}, closeWait)
	if err != nil {
		return nil, err
	}
	d.fs.opening.Store(false)
	d.merges.Begin()
	return d, nil
}

// lockError explains why the folder could not be locked.
func lockError(dir string, err error) error {
	const remedy = "give each instance its own state.dir"
	switch {
	case errors.Is(err, syscall.EAGAIN):
		return fmt.Errorf("lock store: state.dir %s is in use by another process; %s: %w", dir, remedy, err)
	case strings.Contains(err.Error(), "current process"):
		return fmt.Errorf("lock store: state.dir %s is in use by this process; %s: %w", dir, remedy, err)
	}
	return explain(dir, err)
}

// run calls work on the database and returns its error or why the DB stopped.
// It returns after a while even if work is stuck in a database that has failed; what
// is left behind can no longer change anything on disk.
func (d *DB) run(work func() error, grace time.Duration) error {
	done := make(chan error, 1)
	go func() {
		defer func() {
			if p := recover(); p != nil {
				d.failure.set(fmt.Errorf("panic: %v", p))
				done <- nil
			}
		}()
		done <- work()
	}()
	select {
	case err := <-done:
		if stopped := d.failure.get(); stopped != nil {
			return stopped
		}
		return err
	case <-d.failure.done:
	}
	if grace > 0 {
		select {
		case <-done:
		case <-time.After(grace):
			d.fs.abandoned.Store(true)
		}
	}
	return d.failure.get()
}

// Get implements [stores.DB].
func (d *DB) Get(key []byte) ([]byte, error) {
	if !d.calls.Enter() {
		return nil, stores.ErrClosed
	}
	defer d.calls.Leave()
	if err := d.failure.get(); err != nil {
		return nil, err
	}
	// Pebble's own Get leaves out the filters of the last level, which has most keys: it
	// would read a block of the disk for every key that isn't there.
	it, err := d.db.NewIter(&pebble.IterOptions{UseL6Filters: true})
	if err != nil {
		return nil, d.failure.or(err)
	}
	var value []byte
	if find(it, key) {
		value = append(make([]byte, 0, len(it.Value())), it.Value()...)
	}
	return value, d.failure.or(it.Close())
}

// find moves to the key and reports whether it is there.
func find(it *pebble.Iterator, key []byte) bool {
	return len(key) > 0 && it.SeekPrefixGE(key) // the prefix is the whole key; Pebble knows no empty ones
}

// Iterate implements [stores.DB]. Close waits until the iterator is closed.
func (d *DB) Iterate(from, to []byte, descending bool) (stores.Iterator, error) {
	if !d.calls.Enter() {
		return nil, stores.ErrClosed
	}
	if err := d.failure.get(); err != nil {
		d.calls.Leave()
		return nil, err
	}
	if to != nil && bytes.Compare(from, to) >= 0 {
		return &iterator{d: d}, nil
	}
	if len(from) == 0 {
		from = nil // an empty bound is an open one, which Pebble wants as nil
	}
	it, err := d.db.NewIter(&pebble.IterOptions{LowerBound: from, UpperBound: to})
	if err != nil {
		d.calls.Leave()
		return nil, d.failure.or(err)
	}
	d.walks.Add(1)
	return &iterator{d: d, it: it, descending: descending}, nil
}

// Apply implements [stores.DB].
func (d *DB) Apply(b *stores.Batch) error {
	return d.write(b, func(batch *pebble.Batch) error {
		d.fs.pace.other.Store(time.Now().UnixNano())
		return d.apply(batch)
	})
}

// entryBytes is what an entry of a large batch takes beside its bytes until it is in a file.
const entryBytes = 16

// ApplyPaced implements [stores.Pacer].
func (d *DB) ApplyPaced(b *stores.Batch) error {
	return d.write(b, func(batch *pebble.Batch) error {
		bytes := int64(batch.Len()) + entryBytes*int64(b.Len())
		if !d.fs.pace.wait(bytes, d.recent, d.failure.done) {
			return errors.Join(d.failure.get(), batch.Close())
		}
		defer d.fs.pace.leave(bytes)
		return d.apply(batch)
	})
}

// write makes a batch of Pebble's of another and gives it to apply, unless there is nothing to write
// or the DB is closed or has failed.
func (d *DB) write(b *stores.Batch, apply func(*pebble.Batch) error) error {
	if !d.calls.Enter() {
		return stores.ErrClosed
	}
	defer d.calls.Leave()
	if err := d.failure.get(); err != nil || b.Len() == 0 {
		return err
	}
	batch, err := d.batch(b)
	if err != nil {
		return d.failure.or(err)
	}
	return apply(batch)
}

// recent returns the bytes of recent writes that are in no file. Where too many files of them
// are to be merged, nothing more is to come.
func (d *DB) recent() int64 {
	m := d.db.Metrics()
	if m.Levels[0].Sublevels >= stopL0Tables/2 {
		return d.fs.pace.limit
	}
	return int64(m.MemTable.Size)
}

func (d *DB) apply(batch *pebble.Batch) error {
	return d.run(func() error {
		if err := d.db.Apply(batch, pebble.Sync); err != nil {
			return explain(d.failure.dir, err)
		}
		return batch.Close()
	}, 0)
}

func (d *DB) batch(b *stores.Batch) (*pebble.Batch, error) {
	batch := d.db.NewBatch()
	for _, op := range b.Ops {
		var err error
		switch {
		case op.To == nil && op.Value == nil:
			err = batch.Delete(op.Key, nil)
		case op.To == nil:
			err = batch.Set(op.Key, op.Value, nil)
		case bytes.Compare(op.Key, op.To) < 0:
			err = batch.DeleteRange(op.Key, op.To, nil)
		}
		if err != nil {
			return nil, errors.Join(err, batch.Close())
		}
	}
	return batch, nil
}

// Close implements [stores.DB]. It writes what is in memory to the disk, forces it
// there, and unlocks the folder.
func (d *DB) Close() error {
	if !d.calls.Close() {
		return nil
	}
	err := d.run(func() error {
		var flushed error
		if d.failure.get() == nil {
			flushed = d.db.Flush()
		}
		if err := errors.Join(flushed, d.db.Close()); err != nil {
			return explain(d.failure.dir, err)
		}
		return nil
	}, closeWait)
	return errors.Join(err, d.lock.Close())
}
