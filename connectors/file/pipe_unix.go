//go:build unix

package file

import (
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"
	"time"
)

// pipe reads a named pipe. Writers may come and go. When the pipe is followed the
// input has no end, otherwise it ends when the last writer closes the pipe.
type pipe struct {
	file   *os.File
	follow bool
	seen   bool // there has been a writer
}

// openPipe does not wait for a writer, as a blocking open would.
func openPipe(path string, follow bool) (io.ReadCloser, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	if info, err := f.Stat(); err != nil || info.Mode()&os.ModeNamedPipe == 0 {
		return nil, errors.Join(fmt.Errorf("%s is no longer a named pipe", path), err, f.Close())
	}
	return &pipe{file: f, follow: follow}, nil
}

// Read waits for input for readPatience, and returns os.ErrDeadlineExceeded when
// there is none.
func (p *pipe) Read(b []byte) (int, error) {
	_ = p.file.SetReadDeadline(time.Now().Add(readPatience)) // without deadlines a read returns at once
	n, err := p.file.Read(b)
	switch {
	case n > 0:
		p.seen = true
		return n, nil
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, syscall.EAGAIN):
		p.seen = true
		return 0, os.ErrDeadlineExceeded
	case errors.Is(err, io.EOF) && (p.follow || !p.seen):
		return 0, os.ErrDeadlineExceeded // there is no writer at present
	}
	return 0, err
}

// Close closes the reading end; writers then get a broken pipe.
func (p *pipe) Close() error { return p.file.Close() }
