package pebble

import (
	"errors"
	"io"
	"os"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// retryPause slows down what Pebble tries again after a failure, which it does at
// once and without end.
const retryPause = 20 * time.Millisecond

// failFS stops the DB at the first write that fails and refuses to change
// anything on disk from then on: what is left in memory of a batch whose Apply
// returned an error must not reach the disk later, nor may a DB that could not
// be closed disturb the one opened after it.
type failFS struct {
	vfs.FS
	failure *failure
	stalls  stalls

	opening   atomic.Bool // while the DB is being opened
	busy      atomic.Bool // once there was work in the background
	pace      pace
	abandoned atomic.Bool // once nobody waits for the database any more
}

// check stops the DB if err is set, and returns err.
func (f *failFS) check(err error) error {
	if err != nil {
		f.failure.set(err)
		f.hold()
	}
	return err
}

// refuse returns an error when the DB has stopped.
func (f *failFS) refuse() error {
	err := f.failure.get()
	if err != nil {
		f.hold()
		<-time.After(retryPause) // Pebble tries again at once, and hands on no context
	}
	return err
}

// hold keeps a goroutine of a stopped database for good when it must not continue:
// in an abandoned database, which would try again without end, and in one that fails
// to open after background work has begun, because Pebble then frees what that work
// still uses, and the process crashes.
func (f *failFS) hold() {
	if f.abandoned.Load() || f.opening.Load() && f.busy.Load() {
		select {}
	}
}

func (f *failFS) Create(name string, c vfs.DiskWriteCategory) (vfs.File, error) {
	return f.create(name, func() (vfs.File, error) { return f.FS.Create(name, c) })
}

func (f *failFS) ReuseForWrite(oldName, name string, c vfs.DiskWriteCategory) (vfs.File, error) {
	return f.create(name, func() (vfs.File, error) { return f.FS.ReuseForWrite(oldName, name, c) })
}

func (f *failFS) OpenReadWrite(
	name string, c vfs.DiskWriteCategory, opts ...vfs.OpenOption,
) (vfs.File, error) {
	return f.create(name, func() (vfs.File, error) { return f.FS.OpenReadWrite(name, c, opts...) })
}

func (f *failFS) create(name string, create func() (vfs.File, error)) (vfs.File, error) {
	err := f.refuse()
	var file vfs.File
	if err == nil {
		file, err = create()
	}
	if err == nil {
		err = private(file)
	}
	isLog := strings.HasSuffix(name, ".log")
	switch {
	case f.check(err) != nil && isLog:
		return &logFile{failFile{File: vfs.NewMemFile(nil), fs: f}}, nil
	case err != nil:
		return nil, err
	case isLog:
		return &logFile{failFile{File: file, fs: f}}, nil
	}
	return &failFile{File: file, fs: f}, nil
}

// private makes a file one that only the user of the process may read. Pebble leaves
// that to the umask. A file in memory has no mode.
func private(file vfs.File) error {
	fd := file.Fd()
	if fd == vfs.InvalidFd {
		return nil
	}
	if err := syscall.Fchmod(int(fd), 0o600); err != nil {
		return errors.Join(err, file.Close())
	}
	return nil
}

func (f *failFS) OpenDir(name string) (vfs.File, error) {
	dir, err := f.FS.OpenDir(name)
	if err != nil {
		return nil, err
	}
	return &dirFile{failFile{File: dir, fs: f}}, nil
}

func (f *failFS) Rename(oldName, newName string) error {
	return f.change(func() error { return f.FS.Rename(oldName, newName) })
}

func (f *failFS) Link(oldName, newName string) error {
	return f.change(func() error { return f.FS.Link(oldName, newName) })
}

func (f *failFS) MkdirAll(dir string, perm os.FileMode) error {
	return f.change(func() error { return f.FS.MkdirAll(dir, perm&0o700) })
}

func (f *failFS) change(change func() error) error {
	if err := f.refuse(); err != nil {
		return err
	}
	return f.check(change())
}

// Remove and RemoveAll don't stop the DB: a file that is left over does no harm.

func (f *failFS) Remove(name string) error {
	if err := f.refuse(); err != nil {
		return err
	}
	return f.FS.Remove(name)
}

func (f *failFS) RemoveAll(name string) error {
	if err := f.refuse(); err != nil {
		return err
	}
	return f.FS.RemoveAll(name)
}

// Lock does nothing: the DB holds the lock of its folder itself, because it
// must let go of it even when Pebble no longer can.
func (f *failFS) Lock(string) (io.Closer, error) { return unlocked{}, nil }

type unlocked struct{}

func (unlocked) Close() error { return nil }

func (f *failFS) Unwrap() vfs.FS { return f.FS }
