package place

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"

	"github.com/suiro/suiro/cmd/internal/attack/honest"
	"github.com/suiro/suiro/connectors/filesets/storage"
)

var _ Place = (*Folder)(nil)

// largestFile is the longest file of a sink that is read, in bytes.
const largestFile = 1 << 30

// Folder counts the records in the files of a folder of a storage, and all below it.
// Files whose names begin with a dot, a plus sign or an underscore are not read, as no
// program reads them; a file is read once, as no file changes.
type Folder struct {
	tallied
	storage storage.Storage
	dir     string
	read    map[string]bool
}

// NewFolder returns the place of a folder, which need not exist yet.
func NewFolder(s storage.Storage, dir string, l *honest.Lane) *Folder {
	return &Folder{tallied: tallied{"folder " + dir, honest.NewTally(l)}, storage: s, dir: dir, read: map[string]bool{}}
}

// Look implements [Place].
func (f *Folder) Look(ctx context.Context) error { return f.walk(ctx, f.dir) }

func (f *Folder) walk(ctx context.Context, dir string) error {
	for e, err := range f.storage.List(dir) {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("list %s: %w", dir, err)
		}
		name := path.Join(dir, e.Name)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case e.Name[0] == '.' || e.Name[0] == '_' || e.Name[0] == '+' || f.read[name]:
		case e.Dir:
			if err := f.walk(ctx, name); err != nil {
				return err
			}
		default:
			text, err := f.storage.ReadFile(name, largestFile)
			if err != nil {
				return fmt.Errorf("read %s: %w", name, err)
			}
			f.read[name] = true
			f.Scan(text)
		}
	}
	return nil
}
