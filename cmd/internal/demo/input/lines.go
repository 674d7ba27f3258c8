// Package input counts the lines of an access log, in a file or on the standard
// input, the way the file source reads them.
package input

import (
	"bufio"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
)

// CheckFile reports why a log cannot be read, before anything is started.
func CheckFile(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("read the log: %w", err)
	}
	if info.IsDir() {
		return fmt.Errorf("read the log: %s is a folder: name a file in it", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("read the log: %w", err)
	}
	return f.Close()
}

// CountFile counts the lines of a log from byte from to byte to. In a compressed
// log, from counts decompressed bytes, and to is ignored. When no line begins at
// from, the position belongs to another file, and all lines are counted, as the
// file source reads them all.
func CountFile(path string, from, to int64) (int64, error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	r, err := plainUntil(f, to)
	if err != nil {
		return 0, fmt.Errorf("decompress %s: %w", path, err)
	}
	if from > 0 {
		ok, err := skip(r, from)
		if err != nil {
			return 0, fmt.Errorf("read %s: %w", path, err)
		}
		if !ok {
			return CountFile(path, 0, to)
		}
	}
	n, err := countLines(r)
	if err != nil {
		return 0, fmt.Errorf("read %s: %w", path, err)
	}
	return n, nil
}

// plainUntil reads a file, decompressed if it is compressed and up to byte to if
// it is not.
func plainUntil(f *os.File, to int64) (*bufio.Reader, error) {
	var magic [2]byte
	if n, err := f.ReadAt(magic[:], 0); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	} else if n == 2 && isGzip(magic[:]) {
		return plain(f)
	}
	return bufio.NewReaderSize(io.LimitReader(f, to), 64<<10), nil
}

func isGzip(magic []byte) bool { return magic[0] == 0x1f && magic[1] == 0x8b }

// plain decompresses input that begins with the magic bytes of gzip.
func plain(r io.Reader) (*bufio.Reader, error) {
	b := bufio.NewReaderSize(r, 64<<10)
	if magic, err := b.Peek(2); err != nil || !isGzip(magic) {
		return b, nil // a short or empty file is not compressed
	}
	z, err := gzip.NewReader(b)
	if err != nil {
		return nil, err
	}
	return bufio.NewReaderSize(z, 64<<10), nil
}

// skip skips to byte to and reports whether a line begins there or the input
// ends there.
func skip(r *bufio.Reader, to int64) (bool, error) {
	if _, err := io.CopyN(io.Discard, r, to-1); err != nil {
		return false, ignoreEOF(err)
	}
	before, err := r.ReadByte()
	if err != nil {
		return false, ignoreEOF(err)
	}
	next, err := r.Peek(1)
	switch {
	case errors.Is(err, io.EOF), before == '\n':
		return true, nil
	case err != nil:
		return false, err
	case next[0] == '\n': // the last line has got its line end since
		_, err := r.ReadByte()
		return true, err
	}
	return false, nil
}

func ignoreEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// countLines counts lines; the last may lack its line end.
func countLines(r *bufio.Reader) (n int64, err error) {
	for open := false; ; {
		part, err := r.ReadSlice('\n')
		switch {
		case err == nil:
			n, open = n+1, false
		case errors.Is(err, bufio.ErrBufferFull):
			open = true
		case errors.Is(err, io.EOF):
			if open || len(part) > 0 {
				n++
			}
			return n, nil
		default:
			return n, err
		}
	}
}
