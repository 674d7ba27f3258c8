// Package members reads gzip data of any number of members, in steps that end.
package members

import (
	"bufio"
	"compress/gzip"
	"errors"
	"io"
)

// ErrBusy is returned after much input without anything to return, so that the
// caller can look whether it is to stop. The next call continues.
var ErrBusy = errors.New("much was read, and there is nothing to return yet")

// AtOnce bounds how many members without content are read in one call.
const AtOnce = 1000

// Reader reads gzip data of any number of members. gzip.Reader could do so alone,
// but it returns only when it has bytes, and a file may have gigabytes of members
// that are empty.
type Reader struct {
	in    *bufio.Reader
	z     *gzip.Reader
	ended bool // the member is read to its end
}

// New returns a reader of the members that begin at the first byte of r.
func New(r io.Reader) (*Reader, error) {
	m := &Reader{in: bufio.NewReaderSize(r, 64<<10)}
	var err error
	if m.z, err = gzip.NewReader(m.in); err != nil {
		return nil, err
	}
	m.z.Multistream(false)
	return m, nil
}

// Read returns ErrBusy after many members without a byte.
func (m *Reader) Read(p []byte) (int, error) {
	for range AtOnce {
		if m.ended {
			if err := m.z.Reset(m.in); err != nil {
				return 0, err // io.EOF after the last member
			}
			m.z.Multistream(false)
			m.ended = false
		}
		n, err := m.z.Read(p)
		if errors.Is(err, io.EOF) {
			m.ended, err = true, nil
		}
		if n > 0 || err != nil {
			return n, err
		}
	}
	return 0, ErrBusy
}

// Patient reads on when a reader is busy, until Halted returns an error.
type Patient struct {
	// R is the reader. It may return [ErrBusy].
	R io.Reader
	// Halted says why to stop, nil for going on. It is called before each read.
	Halted func() error
}

// Read returns the error of Halted when there is one.
func (p Patient) Read(b []byte) (int, error) {
	for {
		if err := p.Halted(); err != nil {
			return 0, err
		}
		n, err := p.R.Read(b)
		if n > 0 || !errors.Is(err, ErrBusy) {
			return n, err
		}
	}
}
