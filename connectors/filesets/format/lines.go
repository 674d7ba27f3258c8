package format

import (
	"bufio"
	"errors"
	"io"
)

// lineBuffer is how much of a file of lines waits in memory.
const lineBuffer = 64 << 10

// lineWriter is a file of one line a record.
type lineWriter struct {
	out  *bufio.Writer
	size int64
}

func newLineWriter(w io.Writer) *lineWriter {
	return &lineWriter{out: bufio.NewWriterSize(w, lineBuffer)}
}

// Write implements [Writer].
func (l *lineWriter) Write(row Row) error {
	n, err := l.out.Write(row.Bytes)
	l.size += int64(n)
	if err != nil {
		return err
	}
	l.size++
	return l.out.WriteByte('\n')
}

// Size implements [Writer].
func (l *lineWriter) Size() int64 { return l.size }

// Close implements [Writer].
func (l *lineWriter) Close() error { return l.out.Flush() }

var errCut = errors.New("the file ends within a line: it is cut short")

// nextLine returns a line without its end, and io.EOF after the last.
func nextLine(r *bufio.Reader) ([]byte, error) {
	line, err := r.ReadBytes('\n')
	switch {
	case errors.Is(err, io.EOF) && len(line) > 0:
		return nil, errCut
	case err != nil:
		return nil, err
	}
	return line[:len(line)-1], nil
}
