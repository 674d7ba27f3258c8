package filesets

import (
	"github.com/suiro/suiro/connectors/filesets/format"
	"github.com/suiro/suiro/connectors/filesets/storage"
)

// fileKey says which records of a set share a file.
type fileKey struct {
	topic, dir string
	schema     *format.Schema // nil when the format has none
}

// dataFile is one file of a set while it is written.
type dataFile struct {
	dir    string // final directory below the root
	temp   string
	schema *format.Schema

	out     storage.File // nil once closed, as is rows: their buffers are large
	rows    format.Writer
	first   int64
	last    int64
	records int64
	used    int64 // when it was last written to, by the set's count
	bytes   int64 // length once closed
}

// close completes the file; its contents are with the storage when it returns
// nil.
func (f *dataFile) close() error {
	rows, out := f.rows, f.out
	f.rows, f.out = nil, nil
	if err := rows.Close(); err != nil {
		out.Abort()
		return err
	}
	f.bytes = rows.Size()
	return out.Close()
}
