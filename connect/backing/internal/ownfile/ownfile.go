// Package ownfile has a file that belongs to one worker at a time, which reads and
// writes it whole.
package ownfile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// File is a file that is locked from Open to Close. One goroutine at a time uses it.
type File struct {
	// Create makes the file that a write begins with; a test may have it fail.
	Create func(dir, pattern string) (Temp, error)

	path string
	lock *os.File
}

// Temp is the part of a file that writing needs, as an [os.File] has it.
type Temp interface {
	io.WriteCloser
	// Sync puts what was written on disk.
	Sync() error
	// Name returns the path of the file.
	Name() string
}

// Open locks the file at path, which need not exist, and removes what a crash left of an
// unfinished write. It fails when another process has the file open, and when its lock is
// a symbolic link.
func Open(path string) (*File, error) {
	lock, err := lockFile(path + ".lock")
	if err != nil {
		return nil, err
	}
	f := &File{path: path, lock: lock, Create: func(dir, pattern string) (Temp, error) {
		return os.CreateTemp(dir, pattern) // with mode 0600
	}}
	if err := f.sweep(); err != nil {
		return nil, errors.Join(fmt.Errorf("remove unfinished writes: %w", err), f.Close())
	}
	return f, nil
}

// Read returns the content of the file, nil when there is none. It fails when the file is
// a symbolic link or has more than limit bytes.
func (f *File) Read(limit int64) ([]byte, error) {
	text, err := readRegular(f.path, limit)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return text, err
}

// Write puts a new file in the place of the old one, so that a crash or a full disk leaves
// the old content whole.
func (f *File) Write(text []byte) (err error) {
	temp, err := f.Create(filepath.Dir(f.path), filepath.Base(f.path)+unfinished+"*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(temp.Name()) // the error to report is the first one
		}
	}()
	_, err = temp.Write(text)
	if err == nil {
		err = temp.Sync()
	}
	if cerr := temp.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return err
	}
	if err := os.Rename(temp.Name(), f.path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(f.path))
}

// Close lets another worker open the file.
func (f *File) Close() error {
	if err := f.lock.Close(); !errors.Is(err, fs.ErrClosed) {
		return err
	}
	return nil
}

// lockFile makes a file and locks it for as long as it is open or the process
// lives. A file system without locks locks nothing.
func lockFile(path string) (*os.File, error) {
	f, err := openRegular(path, os.O_CREATE|os.O_RDWR)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, errors.Join(errors.New("another worker uses it: stop that worker, or give each worker a file of its own"),
			f.Close())
	}
	return f, nil
}

// unfinished is between the name of the file and the number of one that is being
// written.
const unfinished = ".unfinished-"

// sweep removes what a crash left of unfinished writes. The lock is held, so that
// nobody writes.
func (f *File) sweep() error {
	dir, prefix := filepath.Dir(f.path), filepath.Base(f.path)+unfinished
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		number, ok := strings.CutPrefix(e.Name(), prefix)
		if _, err := strconv.ParseUint(number, 10, 64); !ok || err != nil || !e.Type().IsRegular() {
			continue
		}
		if err := os.Remove(filepath.Join(dir, e.Name())); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// syncDir makes a rename survive a crash of the machine.
func syncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

// readRegular reads a file of at most limit bytes, and nothing that is none: a pipe
// would never end, and a link that was planted would show another file.
func readRegular(path string, limit int64) ([]byte, error) {
	f, err := openRegular(path, os.O_RDONLY)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if info.Size() > limit {
		return nil, fmt.Errorf("it has %d bytes, and at most %d are read: name another one", info.Size(), limit)
	}
	return io.ReadAll(io.LimitReader(f, limit))
}

// openRegular opens a file, with mode 0600 if it is made.
func openRegular(path string, flag int) (*os.File, error) {
	f, err := os.OpenFile(path, flag|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0o600)
	if errors.Is(err, syscall.ELOOP) {
		return nil, fmt.Errorf("%s is a symbolic link: name the file itself", path)
	}
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s is not a regular file: name another one", path)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}
