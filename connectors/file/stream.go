package file

import (
	"bufio"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/suiro/suiro/connectors/file/internal/lines"
	"github.com/suiro/suiro/connectors/file/internal/members"
)

// stream is input that can be read only once: the standard input or a named pipe.
// It belongs to the connector, so that a task which is started again continues
// where the one before it ended. One task uses it at a time.
type stream struct {
	name   string
	source io.Reader // Read returns os.ErrDeadlineExceeded when there is no input yet
	lines  *lines.Reader
	ended  bool
}

// open begins to read, or continues where an earlier task ended. The position p
// that is kept in Kafka must be the same.
func (s *stream) open(p place, maxLine int) error {
	if s.lines == nil {
		s.lines = lines.New(s.source, 0, maxLine)
		return nil
	}
	if s.lines.Begin != p.position {
		return fmt.Errorf("%s was read up to byte %d, but Kafka holds its lines only up to byte %d, and it "+
			"cannot be read again: restart the connector with the input from that byte on, or use a file",
			s.name, s.lines.Begin, p.position)
	}
	return nil
}

// next returns the next line; ok is false when there is none yet.
func (s *stream) next(context.Context) (l lines.Line, ok bool, err error) {
	if s.ended {
		return lines.Line{}, false, nil
	}
	l, err = s.lines.Read()
	switch {
	case err == nil:
		ok = true
	case errors.Is(err, os.ErrDeadlineExceeded):
		return lines.Line{}, false, nil
	case errors.Is(err, members.ErrBusy):
		return lines.Line{}, false, err
	case errors.Is(err, io.EOF):
		s.ended = true
		l, ok = s.lines.Rest()
	default:
		return lines.Line{}, false, fmt.Errorf("read %s at byte %d: %w", s.name, s.lines.Pos, err)
	}
	return l, ok, nil
}

func (s *stream) done() bool { return s.ended }

// close keeps the input open for the next life of the task.
func (s *stream) close() error { return nil }

// free closes the input for good, when the connector stops.
func (s *stream) free() error {
	if c, ok := s.source.(io.Closer); ok {
		return c.Close()
	}
	return nil
}

// pump reads an input in a goroutine that ends with the input or the process,
// because a read of the standard input cannot be cancelled. It decompresses gzip.
type pump struct {
	source io.Reader
	once   sync.Once
	chunks chan []byte
	end    error // why chunks was closed
	ahead  []byte
}

func newPump(r io.Reader) *pump { return &pump{source: r, chunks: make(chan []byte)} }

// Read waits for input for readPatience, and returns os.ErrDeadlineExceeded when
// there is none.
func (s *pump) Read(p []byte) (int, error) {
	s.once.Do(func() { go s.run() })
	if len(s.ahead) == 0 {
		select {
		case chunk, ok := <-s.chunks:
			if !ok {
				return 0, s.end
			}
			s.ahead = chunk
		case <-time.After(readPatience):
			return 0, os.ErrDeadlineExceeded
		}
	}
	n := copy(p, s.ahead)
	s.ahead = s.ahead[n:]
	return n, nil
}

// readPatience is how long a read of a stream waits for input.
const readPatience = 100 * time.Millisecond

func (s *pump) run() {
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
