package dfs

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"time"

	"github.com/colinmarc/hdfs/v2"

	"github.com/suiro/suiro/connectors/filesets/storage"
)

// MkdirAll implements [storage.Storage].
func (f *FS) MkdirAll(dir string) error {
	err := f.call(func(c *hdfs.Client) error { return c.MkdirAll(dir, 0o755) })
	if errors.Is(err, fs.ErrExist) { // and it is not a directory
		return fmt.Errorf("%w: %w", err, storage.ErrRefused)
	}
	return err
}

// Rename implements [storage.Storage]. An existing to is replaced.
func (f *FS) Rename(from, to string) error {
	return f.call(func(c *hdfs.Client) error { return c.Rename(from, to) })
}

// Remove implements [storage.Storage].
func (f *FS) Remove(p string) error {
	err := f.call(func(c *hdfs.Client) error { return c.RemoveAll(p) })
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// List implements [storage.Storage].
func (f *FS) List(dir string) (out []storage.Entry, err error) {
	err = f.call(func(c *hdfs.Client) error {
		list, err := c.ReadDir(dir)
		for _, info := range list {
			out = append(out, entryOf(info))
		}
		return err
	})
	return out, err
}

// Stat implements [storage.Storage].
func (f *FS) Stat(p string) (e storage.Entry, err error) {
	err = f.call(func(c *hdfs.Client) error {
		info, err := c.Stat(p)
		if err == nil {
			e = entryOf(info)
			e.Name = path.Base(p)
		}
		return err
	})
	return e, err
}

func entryOf(info fs.FileInfo) storage.Entry {
	return storage.Entry{Name: info.Name(), Dir: info.IsDir(), Size: info.Size(), ModTime: info.ModTime()}
}

// ReadFile implements [storage.Storage]. Trouble with the data nodes is no
// reason to replace the clients, which would cost the files that are open.
func (f *FS) ReadFile(p string) (data []byte, err error) {
	var rerr error
	err = f.call(func(c *hdfs.Client) error {
		r, err := c.Open(p)
		if err != nil {
			return err
		}
		data, rerr = io.ReadAll(r)
		return r.Close()
	})
	return data, cmp.Or(err, explain(rerr))
}

// Create implements [storage.Storage].
func (f *FS) Create(p string) (storage.File, error) {
	var w *file
	err := f.call(func(c *hdfs.Client) error {
		fw, err := c.Create(p)
		if err == nil {
			w = &file{fs: f, w: fw}
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return w, nil
}

// file is an open file. Its calls go past the slots: the client it came from
// keeps its lease and orders its calls itself.
type file struct {
	fs      *FS
	w       *hdfs.FileWriter
	written bool // there may be a connection to a data node
	closed  bool
}

// Write leaves empty writes out: the first one would make a block that cannot
// be closed.
func (w *file) Write(b []byte) (int, error) {
	if len(b) == 0 {
		return 0, nil
	}
	w.written = true
	n, err := w.w.Write(b)
	return n, explain(err)
}

// closeTries bounds how long Close waits for the data nodes to tell the name
// node of the last block: with the pauses between, about half a minute.
const closeTries = 24

// Close tries again as long as only the replication is not confirmed. After
// any other error the file is lost.
func (w *file) Close() error {
	if w.closed {
		return nil
	}
	if err := w.w.Flush(); err != nil {
		w.Abort() // a stream that fails in Close leaves a goroutine behind
		return explain(err)
	}
	w.closed = true
	pause := 2 * time.Millisecond
	for try := 1; ; try++ {
		err := w.w.Close()
		if !hdfs.IsErrReplicating(err) || try == closeTries {
			return explain(err)
		}
		select {
		case <-w.fs.done:
			return err
		case <-time.After(pause):
		}
		pause = min(2*pause, 2*time.Second)
	}
}

// Abort closes the connection to the data node. The client has no call for
// that but Close, which an abandoned connection keeps from waiting.
func (w *file) Abort() {
	if w.closed {
		return
	}
	w.closed = true
	if !w.written {
		return // there is no connection, and Close would ask the name node
	}
	_ = w.w.SetDeadline(abandoned)
	_ = w.w.Close()
}
