package file

import (
	"bufio"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"
)

// standardInput is read once for all lives of a task, in a goroutine that
// lasts as long as the process, because a read of it cannot be cancelled.
type standardInput struct {
	source io.Reader
	once   sync.Once
	chunks chan []byte
	end    error // why chunks was closed

	lines *lineReader // one task uses it at a time
	ahead []byte
}

func newStandardInput(r io.Reader) *standardInput {
	return &standardInput{source: r, chunks: make(chan []byte)}
}

// open begins to read, or goes on at the position where an earlier task ended.
func (s *standardInput) open(kept int64, maxLine int) (*lineReader, error) {
	if s.lines == nil {
		s.lines = newLineReader(s, 0, maxLine)
		return s.lines, nil
	}
	if s.lines.begin != kept {
		return nil, fmt.Errorf("standard input was read up to byte %d, but only %d are kept in kafka, and it cannot be "+
			"read again: start anew with the input from there on, or use a file", s.lines.begin, kept)
	}
	return s.lines, nil
}

// Read waits a moment for input and otherwise returns os.ErrDeadlineExceeded.
func (s *standardInput) Read(p []byte) (int, error) {
	s.once.Do(func() { go s.pump() })
	if len(s.ahead) == 0 {
		select {
		case chunk, ok := <-s.chunks:
			if !ok {
				return 0, s.end
			}
			s.ahead = chunk
		case <-time.After(100 * time.Millisecond):
			return 0, os.ErrDeadlineExceeded
		}
	}
	n := copy(p, s.ahead)
	s.ahead = s.ahead[n:]
	return n, nil
}

func (s *standardInput) pump() {
	defer close(s.chunks)
	plain := bufio.NewReaderSize(s.source, 64<<10)
	var r io.Reader = plain
	if magic, err := plain.Peek(2); err == nil && magic[0] == 0x1f && magic[1] == 0x8b {
		z, err := gzip.NewReader(plain)
		if err != nil {
			s.end = err
			return
		}
		r = z
	}
	for {
		buf := make([]byte, 64<<10)
		n, err := r.Read(buf)
		if n > 0 {
			s.chunks <- buf[:n]
		}
		if err != nil {
			s.end = err
			return
		}
	}
}

// isWaiting reports whether a read only found nothing yet.
func isWaiting(err error) bool { return errors.Is(err, os.ErrDeadlineExceeded) }
