package hdfs

import (
	"bufio"

	"github.com/suiro/suiro/connectors/filesets/storage"
	"github.com/suiro/suiro/transforms/formats/avro"
	"github.com/suiro/suiro/transforms/formats/avro/ocf"
)

// dataFile is one file of a set while it is written.
type dataFile struct {
	dir   string // final directory below the root
	temp  string
	codec *avro.Codec

	out     storage.File // nil once closed, as is body: their buffers are large
	body    body
	first   int64
	last    int64
	records int64
	used    int64 // when it was last written to, by the set's count
	bytes   int64 // length once closed
}

// body frames the bytes of records.
type body interface {
	// WriteRaw adds the bytes of a record.
	WriteRaw(b []byte) error
	// Close writes what is left, and leaves the file open.
	Close() error
	// Written is how many bytes the file got so far, Buffered what waits.
	Written() int64
	Buffered() int
}

func newBody(out storage.File, codec *avro.Codec, compression string) (body, error) {
	if codec != nil {
		return ocf.NewWriter(out, codec, &ocf.Options{Codec: compression})
	}
	return &lines{w: bufio.NewWriterSize(out, 64<<10)}, nil
}

// lines is a body without frame.
type lines struct {
	w       *bufio.Writer
	written int64
}

func (l *lines) WriteRaw(b []byte) error {
	n, err := l.w.Write(b)
	l.written += int64(n)
	return err
}
func (l *lines) Close() error   { return l.w.Flush() }
func (l *lines) Written() int64 { return l.written }
func (l *lines) Buffered() int  { return 0 }

// close completes the file; its contents are with the storage when it returns
// nil.
func (f *dataFile) close() error {
	body, out := f.body, f.out
	f.body, f.out = nil, nil
	if err := body.Close(); err != nil {
		out.Abort()
		return err
	}
	f.bytes = body.Written()
	return out.Close()
}
