package storage

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"syscall"
)

var _ Storage = Local{}

// Local is a [Storage] on the operating system's file system. What Close and
// Rename of it have done survives a power cut.
type Local struct{}

// MkdirAll implements [Storage].
func (Local) MkdirAll(dir string) error { return refused(os.MkdirAll(filepath.FromSlash(dir), 0o755)) }

// Create implements [Storage].
func (Local) Create(path string) (File, error) {
	f, err := os.OpenFile(filepath.FromSlash(path), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return nil, refused(err)
	}
	return &localFile{f: f}, nil
}

// Rename implements [Storage].
func (Local) Rename(from, to string) error {
	from, to = filepath.FromSlash(from), filepath.FromSlash(to)
	if err := os.Rename(from, to); err != nil {
		return refused(err)
	}
	if err := syncDir(filepath.Dir(to)); err != nil {
		return err
	}
	// The parent of from may be fenced away by now; it is gone from here
	// either way.
	if err := syncDir(filepath.Dir(from)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// Remove implements [Storage].
func (Local) Remove(path string) error { return os.RemoveAll(filepath.FromSlash(path)) }

// List implements [Storage].
func (Local) List(dir string) ([]Entry, error) {
	list, err := os.ReadDir(filepath.FromSlash(dir))
	if err != nil {
		return nil, err
	}
	out := make([]Entry, 0, len(list))
	for _, d := range list {
		info, err := d.Info()
		if errors.Is(err, fs.ErrNotExist) {
			continue // removed since
		}
		if err != nil {
			return nil, err
		}
		out = append(out, entryOf(info))
	}
	return out, nil
}

// Stat implements [Storage].
func (Local) Stat(path string) (Entry, error) {
	info, err := os.Stat(filepath.FromSlash(path))
	if err != nil {
		return Entry{}, err
	}
	return entryOf(info), nil
}

// ReadFile implements [Storage].
func (Local) ReadFile(path string) ([]byte, error) { return os.ReadFile(filepath.FromSlash(path)) }

// Close implements [Storage].
func (Local) Close() error { return nil }

// refused marks what the operating system will say again whenever it is asked.
func refused(err error) error {
	for _, cause := range []error{syscall.ENOTDIR, syscall.ENAMETOOLONG, syscall.EINVAL, syscall.EROFS} {
		if errors.Is(err, cause) {
			return fmt.Errorf("%w: %w", err, ErrRefused)
		}
	}
	return err
}

func entryOf(info fs.FileInfo) Entry {
	return Entry{Name: info.Name(), Dir: info.IsDir(), Size: info.Size(), ModTime: info.ModTime()}
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

type localFile struct {
	f    *os.File
	once sync.Once
	err  error
}

func (l *localFile) Write(b []byte) (int, error) { return l.f.Write(b) }

func (l *localFile) Close() error {
	l.once.Do(func() { l.err = errors.Join(l.f.Sync(), l.f.Close()) })
	return l.err
}

func (l *localFile) Abort() {
	l.once.Do(func() { l.err = l.f.Close() })
}
