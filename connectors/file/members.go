package file

import (
	"bufio"
	"compress/gzip"
	"errors"
	"io"
)

// errBusy is returned after much input without the end of a line, so that the
// caller can look whether it is to stop. The next call continues.
var errBusy = errors.New("no line has ended yet")

// membersAtOnce bounds how many members without content are read in one call.
const membersAtOnce = 1000

// members reads gzip data of any number of members. gzip.Reader could do so alone,
// but it returns only when it has bytes, and a file may have gigabytes of members
// that are empty.
type members struct {
	in    *bufio.Reader
	z     *gzip.Reader
	ended bool // the member is read to its end
}

func newMembers(r io.Reader) (*members, error) {
	m := &members{in: bufio.NewReaderSize(r, 64<<10)}
	var err error
	if m.z, err = gzip.NewReader(m.in); err != nil {
		return nil, err
	}
	m.z.Multistream(false)
	return m, nil
}

// Read returns errBusy after many members without a byte.
func (m *members) Read(p []byte) (int, error) {
	for range membersAtOnce {
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
	return 0, errBusy
}

// patient reads on when a reader is busy, until halted returns an error.
type patient struct {
	r      io.Reader
	halted func() error
}

// Read returns the error of halted when there is one.
func (p patient) Read(b []byte) (int, error) {
	for {
		if err := p.halted(); err != nil {
			return 0, err
		}
		n, err := p.r.Read(b)
		if n > 0 || !errors.Is(err, errBusy) {
			return n, err
		}
	}
}
