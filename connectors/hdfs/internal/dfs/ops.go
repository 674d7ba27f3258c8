package dfs

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path"
	"strings"
	"time"

	"github.com/colinmarc/hdfs/v2"

	"github.com/suiro/suiro/connectors/filesets/storage"
)

// MkdirAll implements [storage.Storage].
func (f *FS) MkdirAll(dir string) error {
	err := f.call(func(c *hdfs.Client) error { return c.MkdirAll(dir, 0o777&^f.umask) })
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

// piece is about how many entries of a directory are asked for at a time.
const piece = 1000

// List implements [storage.Storage].
func (f *FS) List(dir string) iter.Seq2[storage.Entry, error] {
	return func(yield func(storage.Entry, error) bool) {
		var r *hdfs.FileReader
		err := f.call(func(c *hdfs.Client) (err error) {
			r, err = c.Open(dir)
			return err
		})
		for err == nil {
			var list []fs.FileInfo
			// The reader belongs to a client of its own, which orders its calls.
			err = f.call(func(*hdfs.Client) (err error) {
				list, err = r.Readdir(piece)
				if errors.Is(err, io.EOF) {
					list, err = nil, nil
				}
				return err
			})
			if err == nil && len(list) == 0 {
				return
			}
			for _, info := range list {
				if !isElement(info.Name()) {
					err = fmt.Errorf("list %s: the name node answers with the name %q", dir, info.Name())
					break
				}
				if !yield(entryOf(info), nil) {
					return
				}
			}
		}
		yield(storage.Entry{}, err)
	}
}

// isElement reports whether a name is one element of a path.
func isElement(name string) bool {
	return name != "" && name != "." && name != ".." && !strings.Contains(name, "/")
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
func (f *FS) ReadFile(p string, limit int64) (data []byte, err error) {
	var rerr error
	err = f.call(func(c *hdfs.Client) error {
		r, err := c.Open(p)
		if err != nil {
			return err
		}
		if info := r.Stat(); info.IsDir() || info.Size() > limit {
			rerr = fmt.Errorf("read %s: %w of at most %d bytes", p, storage.ErrUnfit, limit)
			return r.Close()
		}
		late := &deadlineReader{r: r, until: time.Now().Add(f.patience())}
		if data, rerr = io.ReadAll(io.LimitReader(late, limit+1)); int64(len(data)) > limit {
			rerr = fmt.Errorf("read %s: %w of at most %d bytes", p, storage.ErrUnfit, limit)
		}
		return r.Close()
	})
	return data, cmp.Or(err, explain(rerr))
}

// deadlineReader ends a read that makes progress too slowly.
type deadlineReader struct {
	r     io.Reader
	until time.Time
}

// Read returns os.ErrDeadlineExceeded when the time is over.
func (d *deadlineReader) Read(p []byte) (int, error) {
	if time.Now().After(d.until) {
		return 0, os.ErrDeadlineExceeded
	}
	return d.r.Read(p)
}

// minBlock is the smallest block size that is believed: HDFS' own least is 1 MiB.
const minBlock = 1 << 20

// defaults are the replication and the block size that the name node prefers.
func defaults(c *hdfs.Client) (replication int, block int64, err error) {
	d, err := c.ServerDefaults()
	if err != nil {
		return 0, 0, err
	}
	if d.Replication < 1 || d.BlockSize < minBlock {
		return 0, 0, fmt.Errorf("the name node answers with a replication of %d and blocks of %d bytes", d.Replication,
			d.BlockSize)
	}
	return d.Replication, d.BlockSize, nil
}

// Create implements [storage.Storage].
func (f *FS) Create(p string) (storage.File, error) {
	var w *file
	err := f.call(func(c *hdfs.Client) error {
		replication, blockSize, err := defaults(c)
		if err != nil {
			return err
		}
		fw, err := c.CreateFile(p, replication, blockSize, 0o666&^f.umask)
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
