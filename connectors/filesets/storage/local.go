package storage

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
)

var _ Storage = Local{}

// Local is a [Storage] in a folder of the operating system's file system. What
// Close and Rename of it have done survives a power cut. Nothing outside the folder
// is touched: a path that leads out of it, by .. or by a symbolic link that was put
// in the way, is ErrRefused.
type Local struct {
	root  string
	umask fs.FileMode
}

// NewLocal returns the storage of all paths at and below root, which need not exist
// and may itself be a symbolic link. Files get the mode 0666 and folders 0777
// without the bits of umask, and without those that the process' own umask takes
// away.
func NewLocal(root string, umask fs.FileMode) Local {
	return Local{root: filepath.Clean(filepath.FromSlash(root)), umask: umask.Perm()}
}

// in opens the folder and does something in it with a path, which is relative then.
// The folder is opened each time, so that it may be moved away and made again.
func (l Local) in(op, path string, do func(r *os.Root, rel string) error) error {
	rel, err := l.rel(op, path)
	if err != nil {
		return err
	}
	r, err := os.OpenRoot(l.root)
	if err != nil {
		return refused(err)
	}
	defer r.Close()
	return l.explain(r, path, do(r, rel))
}

// rel is a path as seen from the folder.
func (l Local) rel(op, path string) (string, error) {
	rel, err := filepath.Rel(l.root, filepath.FromSlash(path))
	if err != nil || rel == ".." || strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
		return "", &fs.PathError{Op: op, Path: path, Err: fmt.Errorf("it is not in %s: %w", l.root, ErrRefused)}
	}
	return rel, nil
}

// explain gives an error its whole path, and says when it is about a symbolic link.
func (l Local) explain(r *os.Root, path string, err error) error {
	var failed, outside *fs.PathError
	if !errors.As(err, &failed) {
		return refused(err)
	}
	if _, probe := r.Lstat(filepath.Join("..", "x")); errors.As(probe, &outside) && errors.Is(err, outside.Err) {
		return &fs.PathError{Op: failed.Op, Path: path,
			Err: fmt.Errorf("a symbolic link leads out of %s: remove it: %w", l.root, ErrRefused)}
	}
	return refused(&fs.PathError{Op: failed.Op, Path: path, Err: failed.Err})
}

// MkdirAll implements [Storage].
func (l Local) MkdirAll(dir string) error {
	rel, err := l.rel("mkdir", dir)
	if err != nil {
		return err
	}
	mode := 0o777 &^ l.umask
	if err := os.MkdirAll(l.root, mode); err != nil || rel == "." {
		return refused(err)
	}
	err = l.in("mkdir", dir, func(r *os.Root, rel string) error { return r.MkdirAll(rel, mode) })
	if errors.Is(err, fs.ErrExist) { // and it is not a directory
		return fmt.Errorf("%w: %w", err, ErrRefused)
	}
	return err
}

// Create implements [Storage].
func (l Local) Create(path string) (f File, err error) {
	err = l.in("create", path, func(r *os.Root, rel string) error {
		out, err := r.OpenFile(rel, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666&^l.umask)
		if err == nil {
			f = &localFile{f: out}
		}
		return err
	})
	return f, err
}

// Rename implements [Storage].
func (l Local) Rename(from, to string) error {
	return l.in("rename", from, func(r *os.Root, rel string) error {
		target, err := l.rel("rename", to)
		if err != nil {
			return err
		}
		if err := r.Rename(rel, target); err != nil {
			return renamed(from, to, err)
		}
		if err := syncDir(r, filepath.Dir(target)); err != nil {
			return err
		}
		// The parent of from may be fenced away by now; it is gone from here
		// either way.
		if err := syncDir(r, filepath.Dir(rel)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return nil
	})
}

// renamed is an error of a rename with whole paths.
func renamed(from, to string, err error) error {
	var link *os.LinkError
	if errors.As(err, &link) {
		return &fs.PathError{Op: "rename", Path: from, Err: fmt.Errorf("to %s: %w", to, link.Err)}
	}
	return err
}

// Remove implements [Storage]. A symbolic link is removed, not what it leads to.
func (l Local) Remove(path string) error {
	err := l.in("remove", path, func(r *os.Root, rel string) error { return r.RemoveAll(rel) })
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// piece is how many entries of a directory are read at a time.
const piece = 512

// List implements [Storage].
func (l Local) List(dir string) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		err := l.in("list", dir, func(r *os.Root, rel string) error {
			d, err := r.OpenFile(rel, os.O_RDONLY|syscall.O_NONBLOCK, 0)
			if err != nil {
				return err
			}
			defer d.Close()
			return each(d, func(e Entry) bool { return yield(e, nil) })
		})
		if err != nil && !errors.Is(err, errStop) {
			yield(Entry{}, err)
		}
	}
}

// errStop ends a listing whose reader wants no more.
var errStop = errors.New("enough entries")

// each reads a directory piece by piece, until yield returns false.
func each(d *os.File, yield func(Entry) bool) error {
	for {
		list, err := d.ReadDir(piece)
		for _, e := range list {
			info, err := e.Info()
			if errors.Is(err, fs.ErrNotExist) {
				continue // removed since
			}
			if err != nil {
				return err
			}
			if !yield(entryOf(info)) {
				return errStop
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// Stat implements [Storage]. It describes a symbolic link itself.
func (l Local) Stat(path string) (e Entry, err error) {
	err = l.in("stat", path, func(r *os.Root, rel string) error {
		info, err := r.Lstat(rel)
		if err == nil {
			e = entryOf(info)
		}
		return err
	})
	return e, err
}

// ReadFile implements [Storage]. It does not wait for whoever writes to a pipe.
func (l Local) ReadFile(path string, limit int64) (data []byte, err error) {
	err = l.in("read", path, func(r *os.Root, rel string) error {
		if info, err := r.Lstat(rel); err != nil || !info.Mode().IsRegular() {
			return errors.Join(err, unfit(path, err))
		}
		f, err := r.OpenFile(rel, os.O_RDONLY|syscall.O_NONBLOCK, 0)
		if err != nil {
			return err
		}
		defer f.Close()
		if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
			return errors.Join(err, unfit(path, err))
		}
		data, err = io.ReadAll(io.LimitReader(f, limit+1))
		if err == nil && int64(len(data)) > limit {
			return &fs.PathError{Op: "read", Path: path, Err: fmt.Errorf("%w of at most %d bytes", ErrUnfit, limit)}
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return data, nil
}

// unfit is the error about what is there and not a file, nil when it could not be
// looked at.
func unfit(path string, err error) error {
	if err != nil {
		return nil
	}
	return &fs.PathError{Op: "read", Path: path, Err: ErrUnfit}
}

// Close implements [Storage].
func (Local) Close() error { return nil }

// refused marks what the operating system will say again whenever it is asked.
func refused(err error) error {
	for _, cause := range []error{syscall.ENOTDIR, syscall.ENAMETOOLONG, syscall.EINVAL, syscall.EROFS, syscall.ELOOP} {
		if errors.Is(err, cause) && !errors.Is(err, ErrRefused) {
			return fmt.Errorf("%w: %w", err, ErrRefused)
		}
	}
	return err
}

func entryOf(info fs.FileInfo) Entry {
	return Entry{Name: info.Name(), Dir: info.IsDir(), Other: !info.IsDir() && !info.Mode().IsRegular(),
		Size: info.Size(), ModTime: info.ModTime()}
}

func syncDir(r *os.Root, dir string) error {
	d, err := r.Open(dir)
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
