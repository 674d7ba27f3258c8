package place

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/suiro/suiro/cmd/internal/attack/honest"
)

var _ Place = (*File)(nil)

// File counts the records in a file that grows.
type File struct {
	tallied
	path string
	read int64
	tail []byte // the end of what was read, too short for an id
}

// NewFile returns the place of a file, which need not exist yet.
func NewFile(path string, l *honest.Lane) *File {
	return &File{tallied: tallied{"file " + path, honest.NewTally(l)}, path: path}
}

// Look implements [Place].
func (f *File) Look(ctx context.Context) error {
	in, err := os.Open(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read %s: %w", f.path, err)
	}
	defer in.Close()
	if _, err := in.Seek(f.read, io.SeekStart); err != nil {
		return fmt.Errorf("read %s: %w", f.path, err)
	}
	block := make([]byte, 1<<20)
	for ctx.Err() == nil {
		n, err := in.Read(block)
		f.read += int64(n)
		f.tail = scan(f.Tally, append(f.tail, block[:n]...))
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read %s: %w", f.path, err)
		}
	}
	return ctx.Err()
}

// scan counts the ids in text and returns its end, which may hold the beginning of one.
func scan(t *honest.Tally, text []byte) []byte {
	t.Scan(text)
	from := max(0, len(text)-t.Longest()+1)
	return append([]byte(nil), text[from:]...)
}
