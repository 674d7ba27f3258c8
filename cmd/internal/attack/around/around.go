// Package around tells whether anything outside the folders that a process was given
// has changed: it remembers a tree but for those folders, and compares it later.
package around

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"time"
)

// Tree is what a folder held when it was looked at.
type Tree struct {
	root  string
	given []string
	files map[string]node
}

// node describes a file, a folder or another thing by all that a program can change.
type node struct {
	mode    fs.FileMode
	size    int64
	changed time.Time
	link    string
	sum     [sha256.Size]byte
	inode   uint64
}

// Look remembers root and everything below it but the given folders, which may change.
func Look(root string, given ...string) (*Tree, error) {
	t := &Tree{root: root, given: given}
	var err error
	t.files, err = t.look()
	return t, err
}

// Changes returns what differs now, a line each.
func (t *Tree) Changes() ([]string, error) {
	now, err := t.look()
	if err != nil {
		return nil, err
	}
	names := maps.Clone(t.files)
	maps.Copy(names, now)
	var out []string
	for _, name := range slices.Sorted(maps.Keys(names)) {
		before, was := t.files[name]
		after, is := now[name]
		switch {
		case !was:
			out = append(out, "new: "+name)
		case !is:
			out = append(out, "gone: "+name)
		case before != after:
			out = append(out, fmt.Sprintf("changed: %s (%v, %d bytes; before %v, %d bytes)",
				name, after.mode, after.size, before.mode, before.size))
		}
	}
	return out, nil
}

func (t *Tree) look() (map[string]node, error) {
	files := map[string]node{}
	err := filepath.WalkDir(t.root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if slices.Contains(t.given, name) {
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		n, err := describe(name)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		if err == nil {
			files[name] = n
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("look at %s: %w", t.root, err)
	}
	return files, nil
}

func describe(name string) (node, error) {
	info, err := os.Lstat(name)
	if err != nil {
		return node{}, err
	}
	n := node{mode: info.Mode(), size: info.Size(), changed: info.ModTime()}
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		n.inode = st.Ino
	}
	switch {
	case info.IsDir():
		n.size = 0 // of no meaning
	case info.Mode()&fs.ModeSymlink != 0:
		n.link, err = os.Readlink(name)
	case info.Mode().IsRegular():
		n.sum, err = sum(name)
	}
	return n, err
}

func sum(name string) (out [sha256.Size]byte, err error) {
	f, err := os.Open(name)
	if err != nil {
		return out, err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return out, err
	}
	return [sha256.Size]byte(h.Sum(nil)), nil
}
