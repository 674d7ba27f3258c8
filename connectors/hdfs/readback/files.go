// Package readback reads back what the HDFS sink wrote, as any other program
// would: its files, and Hive's tables over them. Tests and the demo count with
// it; the sink itself does not need it.
package readback

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"path"
	"strings"

	"github.com/suiro/suiro/connectors/filesets/format"
	"github.com/suiro/suiro/connectors/filesets/storage"
	"github.com/suiro/suiro/connectors/hdfs/internal/dfs"
)

// Counted is what is in a folder and all below it.
type Counted struct {
	// Rows are the records of all files.
	Rows int64
	// Files is how many there are, and Folders in how many folders.
	Files, Folders int
}

// CountFiles reads all files that have the ending of a known format below a
// folder of the store, file:///… or hdfs://host:port/…, but for those that Hive
// passes over: names that begin with a dot or an underscore. A folder that does
// not exist holds nothing.
func CountFiles(ctx context.Context, store, folder string) (Counted, error) {
	st, dir, err := Open(store, folder)
	if err != nil {
		return Counted{}, fmt.Errorf("count rows: %w", err)
	}
	c := counter{ctx: ctx, st: st}
	err = c.walk(dir)
	return c.Counted, errors.Join(err, st.Close())
}

// Open returns the files of a store, file:///… or hdfs://host:port/…, and the path of
// a folder of it. The caller closes it.
func Open(store, folder string) (st storage.Storage, dir string, err error) {
	u, err := url.Parse(store)
	if err != nil {
		return nil, "", err
	}
	dir = path.Join("/", u.Path, folder)
	st, err = open(u, dir)
	return st, dir, err
}

func open(u *url.URL, dir string) (storage.Storage, error) {
	switch u.Scheme {
	case "file":
		return storage.NewLocal(dir, 0o077), nil
	case "hdfs":
		return dfs.New(u.Host, nil)
	}
	return nil, fmt.Errorf("store %s: want file:///folder or hdfs://host:port", u.Redacted())
}

type counter struct {
	Counted
	ctx context.Context
	st  storage.Storage
}

func (c *counter) walk(dir string) error {
	before := c.Files
	for e, err := range c.st.List(dir) {
		if errors.Is(err, fs.ErrNotExist) {
			break
		}
		if err != nil {
			return fmt.Errorf("list %s: %w", dir, err)
		}
		if err := c.ctx.Err(); err != nil {
			return err
		}
		name := path.Join(dir, e.Name)
		switch {
		case e.Name[0] == '.' || e.Name[0] == '_' || e.Other:
		case e.Dir:
			files := c.Files
			if err := c.walk(name); err != nil {
				return err
			}
			before += c.Files - files // those of the folder below
		default:
			if err := c.read(name); err != nil {
				return err
			}
		}
	}
	if c.Files > before {
		c.Folders++
	}
	return nil
}

// maxFile is the longest file that is read, in bytes.
const maxFile = 1 << 30

// read counts the rows of a file and decodes each.
func (c *counter) read(name string) error {
	f := formatOf(name)
	if f == nil {
		return nil
	}
	raw, err := c.st.ReadFile(name, maxFile)
	if err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	rows, err := f.Read(bytes.NewReader(raw))
	if err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	c.Files++
	for {
		_, err := rows.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read %s: %w", name, err)
		}
		c.Rows++
	}
}

// formatOf is the format whose files end as name does, nil when there is none.
func formatOf(name string) format.Format {
	for _, f := range format.All() {
		if strings.HasSuffix(name, f.Ext()) {
			return f
		}
	}
	return nil
}
