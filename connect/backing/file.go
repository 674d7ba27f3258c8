package backing

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
)

var _ OffsetStore = (*File)(nil)

// File is an [OffsetStore] in a file, which one worker uses at a time.
type File struct {
	path string
	lock *os.File // locked until Close

	mu     sync.Mutex // guards m and the file
	m      map[string]Entry
	create func(dir, pattern string) (tempFile, error)
}

// tempFile is the part of a file that writing needs.
type tempFile interface {
	Write([]byte) (int, error)
	Sync() error
	Close() error
	Name() string
}

// MaxFile is the most bytes that an offset file may have, 256 MiB: those of a
// million source partitions.
const MaxFile = 256 << 20

// OpenFile locks the file at path and reads it; one that does not exist is empty.
// It fails when another process has the file open, when the file or its lock is a
// symbolic link, and when it has more than [MaxFile] bytes. What a crash left of an
// unfinished write is removed.
func OpenFile(path string) (*File, error) {
	s := &File{path: path, m: map[string]Entry{}, create: func(dir, pattern string) (tempFile, error) {
		return os.CreateTemp(dir, pattern) // with mode 0600
	}}
	var err error
	if s.lock, err = lockFile(path + ".lock"); err != nil {
		return nil, fmt.Errorf("open the offset file %s (offset.storage.file.filename): %w", path, err)
	}
	if err := s.sweep(); err != nil {
		return nil, errors.Join(fmt.Errorf("remove unfinished writes of the offset file %s: %w", path, err), s.Close())
	}
	if err := s.read(); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *File) read() error {
	text, err := readRegular(s.path, MaxFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("open the offset file %s (offset.storage.file.filename): %w", s.path, err)
	}
	if s.m, err = decodeFile(text); err != nil {
		return fmt.Errorf("open the offset file %s: %w: restore it, or remove it to start from the beginning", s.path, err)
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
func (s *File) sweep() error {
	dir, prefix := filepath.Dir(s.path), filepath.Base(s.path)+unfinished
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

// Refresh does nothing, as no other process writes the file.
func (*File) Refresh(context.Context) error { return nil }

// Get returns the offset of a source partition, nil when there is none.
func (s *File) Get(connector string, partition map[string]any) (map[string]any, error) {
	key, err := Key(connector, partition)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.m[string(key)].Offset, nil
}

// List returns the source partitions of a connector, sorted by their keys.
func (s *File) List(connector string) ([]Entry, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return list(s.m, connector)
}

// Put writes a new file in place of the old one. When it fails, the old content
// stays.
func (s *File) Put(_ context.Context, connector string, entries []Entry) error {
	changed, err := normal(connector, entries)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	next := maps.Clone(s.m)
	merge(next, changed)
	if err := s.write(next); err != nil {
		return fmt.Errorf("write the offset file %s (offset.storage.file.filename): %w", s.path, err)
	}
	s.m = next
	return nil
}

// Close lets another worker open the file. Each Put is complete.
func (s *File) Close() error {
	if err := s.lock.Close(); !errors.Is(err, fs.ErrClosed) {
		return err
	}
	return nil
}

func (s *File) write(m map[string]Entry) (err error) {
	text, err := encodeFile(m)
	if err != nil {
		return err
	}
	f, err := s.create(filepath.Dir(s.path), filepath.Base(s.path)+unfinished+"*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name()) // the error to report is the first one
		}
	}()
	_, err = f.Write(text)
	if err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return err
	}
	if err := os.Rename(f.Name(), s.path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(s.path))
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
