package storagetest

import (
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/suiro/suiro/connectors/filesets/storage"
)

var _ storage.Storage = (*Mem)(nil)

// Mem is a [storage.Storage] in memory. Each operation is atomic, as in HDFS,
// unless it is told to be as slow as an operating system.
type Mem struct {
	*tree
	hook     Hook
	twoSteps bool
}

// Hook is called for each operation, outside the lock. It calls do when it
// likes, if at all, and returns what the caller sees.
type Hook func(op Op, do func() error) error

type tree struct {
	mu   sync.Mutex
	root *node
}

// Op names an operation for a hook.
type Op struct {
	// Name is lookup, mkdir, create, write, close, rename, remove, list, stat
	// or read.
	Name string
	// Path is what it is about; To is a rename's other end.
	Path, To string
}

// String is for logs of failed runs.
func (o Op) String() string {
	if o.To != "" {
		return o.Name + " " + o.Path + " -> " + o.To
	}
	return o.Name + " " + o.Path
}

type node struct {
	children map[string]*node // nil for a file
	data     []byte
	gone     bool // removed: an open file's writes fail
	time     time.Time
}

// NewMem returns an empty tree.
func NewMem() *Mem { return &Mem{tree: &tree{root: newDir()}} }

// With returns another view of the same tree whose operations go through hook.
// With twoSteps a create or rename first looks its parents up and then, as a
// second operation, acts in them wherever they were moved meanwhile, and a
// listing takes its time, as system calls do.
func (m *Mem) With(hook Hook, twoSteps bool) *Mem {
	return &Mem{tree: m.tree, hook: hook, twoSteps: twoSteps}
}

func newDir() *node { return &node{children: map[string]*node{}} }

func (m *Mem) run(op Op, f func() error) error {
	do := func() error {
		m.mu.Lock()
		defer m.mu.Unlock()
		return f()
	}
	if m.hook == nil {
		return do()
	}
	return m.hook(op, do)
}

// find returns the node at p, nil when there is none.
func (m *Mem) find(p string) *node {
	n := m.root
	for _, e := range elements(p) {
		if n = n.children[e]; n == nil {
			return nil
		}
	}
	return n
}

// parents returns how to find the parents of paths when the operation acts: by
// looking then, or with twoSteps by having looked now.
func (m *Mem) parents(paths ...string) (func(p string) *node, error) {
	now := func(p string) *node { return m.find(path.Dir(p)) }
	if !m.twoSteps {
		return now, nil
	}
	found := map[string]*node{}
	err := m.run(Op{Name: "lookup", Path: paths[0]}, func() error {
		for _, p := range paths {
			found[p] = now(p)
		}
		return nil
	})
	return func(p string) *node { return found[p] }, err
}

func elements(p string) []string {
	return strings.FieldsFunc(path.Clean(p), func(r rune) bool { return r == '/' })
}

func notExist(op, p string) error { return &fs.PathError{Op: op, Path: p, Err: fs.ErrNotExist} }

var errParent = fmt.Errorf("one of the directories is a file: %w", storage.ErrRefused)

// MkdirAll implements [storage.Storage].
func (m *Mem) MkdirAll(dir string) error {
	return m.run(Op{Name: "mkdir", Path: dir}, func() error {
		n := m.root
		for _, e := range elements(dir) {
			if n.children[e] == nil {
				n.children[e] = newDir()
			}
			if n = n.children[e]; n.children == nil {
				return &fs.PathError{Op: "mkdir", Path: dir, Err: errParent}
			}
		}
		return nil
	})
}

// Create implements [storage.Storage].
func (m *Mem) Create(p string) (storage.File, error) {
	f := &node{}
	parentOf, err := m.parents(p)
	if err != nil {
		return nil, err
	}
	err = m.run(Op{Name: "create", Path: p}, func() error {
		parent := parentOf(p)
		if parent == nil || parent.children == nil || parent.gone {
			return notExist("create", p)
		}
		if parent.children[path.Base(p)] != nil {
			return &fs.PathError{Op: "create", Path: p, Err: fs.ErrExist}
		}
		parent.children[path.Base(p)] = f
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &memFile{m: m, n: f, path: p}, nil
}

// Rename implements [storage.Storage].
func (m *Mem) Rename(from, to string) error {
	parentOf, err := m.parents(from, to)
	if err != nil {
		return err
	}
	return m.run(Op{Name: "rename", Path: from, To: to}, func() error {
		srcParent, dstParent := parentOf(from), parentOf(to)
		if srcParent == nil || dstParent == nil || dstParent.children == nil || dstParent.gone {
			return notExist("rename", from)
		}
		src := srcParent.children[path.Base(from)]
		if src == nil {
			return notExist("rename", from)
		}
		if old := dstParent.children[path.Base(to)]; old != nil && len(old.children) > 0 {
			return &fs.PathError{Op: "rename", Path: to, Err: fs.ErrExist}
		}
		delete(srcParent.children, path.Base(from))
		dstParent.children[path.Base(to)] = src
		return nil
	})
}

// Remove implements [storage.Storage].
func (m *Mem) Remove(p string) error {
	return m.run(Op{Name: "remove", Path: p}, func() error {
		parent := m.find(path.Dir(p))
		if parent == nil || parent.children[path.Base(p)] == nil {
			return nil
		}
		parent.children[path.Base(p)].forget()
		delete(parent.children, path.Base(p))
		return nil
	})
}

func (n *node) forget() {
	n.gone = true
	for name, c := range n.children {
		c.forget()
		delete(n.children, name)
	}
}

// List implements [storage.Storage]. With twoSteps it reads the names and then,
// as a second operation, what is still there under them.
func (m *Mem) List(dir string) iter.Seq2[storage.Entry, error] {
	return func(yield func(storage.Entry, error) bool) {
		list, err := m.list(dir)
		for _, e := range list {
			if !yield(e, nil) {
				return
			}
		}
		if err != nil {
			yield(storage.Entry{}, err)
		}
	}
}

func (m *Mem) list(dir string) (out []storage.Entry, err error) {
	var names []string
	read := func() error {
		n := m.find(dir)
		if n == nil || n.children == nil {
			return notExist("list", dir)
		}
		names = slices.Sorted(maps.Keys(n.children))
		return nil
	}
	look := func() error {
		out = out[:0]
		for _, name := range names {
			if n := m.find(path.Join(dir, name)); n != nil {
				out = append(out, n.entry(name))
			}
		}
		return nil
	}
	if !m.twoSteps {
		err = m.run(Op{Name: "list", Path: dir}, func() error { return errors.Join(read(), look()) })
	} else if err = m.run(Op{Name: "list", Path: dir}, read); err == nil {
		err = m.run(Op{Name: "lookup", Path: dir}, look)
	}
	return out, err
}

func (n *node) entry(name string) storage.Entry {
	return storage.Entry{Name: name, Dir: n.children != nil, Size: int64(len(n.data)), ModTime: n.time}
}

// Stat implements [storage.Storage].
func (m *Mem) Stat(p string) (e storage.Entry, err error) {
	err = m.run(Op{Name: "stat", Path: p}, func() error {
		n := m.find(p)
		if n == nil {
			return notExist("stat", p)
		}
		e = n.entry(path.Base(p))
		return nil
	})
	return e, err
}

// ReadFile implements [storage.Storage].
func (m *Mem) ReadFile(p string, limit int64) (data []byte, err error) {
	err = m.run(Op{Name: "read", Path: p}, func() error {
		n := m.find(p)
		switch {
		case n == nil:
			return notExist("open", p)
		case n.children != nil || int64(len(n.data)) > limit:
			return &fs.PathError{Op: "read", Path: p, Err: storage.ErrUnfit}
		}
		data = append([]byte(nil), n.data...)
		return nil
	})
	return data, err
}

// Close implements [storage.Storage].
func (m *Mem) Close() error { return nil }

// Files returns the contents of every file under dir by path, without asking
// the hook.
func (m *Mem) Files(dir string) map[string][]byte {
	m.mu.Lock()
	defer m.mu.Unlock()
	out := map[string][]byte{}
	var walk func(p string, n *node)
	walk = func(p string, n *node) {
		if n.children == nil {
			out[p] = n.data
			return
		}
		for name, c := range n.children {
			walk(path.Join(p, name), c)
		}
	}
	if n := m.find(dir); n != nil {
		walk(path.Clean(dir), n)
	}
	return out
}

type memFile struct {
	m      *Mem
	n      *node
	path   string
	closed bool
}

func (f *memFile) Write(b []byte) (int, error) {
	err := f.m.run(Op{Name: "write", Path: f.path}, func() error {
		if f.n.gone || f.closed {
			return notExist("write", f.path)
		}
		f.n.data = append(f.n.data, b...)
		return nil
	})
	if err != nil {
		return 0, err
	}
	return len(b), nil
}

func (f *memFile) Close() error {
	return f.m.run(Op{Name: "close", Path: f.path}, func() error {
		if f.n.gone {
			return notExist("close", f.path)
		}
		f.closed = true
		return nil
	})
}

func (f *memFile) Abort() {}
