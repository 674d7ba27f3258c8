package file

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
)

// input is an opened file at a position.
type input struct {
	*lineReader
	file   *os.File
	finite bool // compressed: has an end that is not waited at
}

// openInput opens the file and goes to the position. moved is why the position
// was given up, "" when it was not.
func openInput(path string, position int64, maxLine int) (in *input, moved string, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, "", err
	}
	defer func() {
		if err != nil {
			_ = f.Close() // nothing was written
		}
	}()
	if info, serr := f.Stat(); serr == nil && info.IsDir() {
		return nil, "", fmt.Errorf("%s is a folder", path)
	}
	in = &input{file: f}
	if in.finite, err = isGzip(f); err != nil {
		return nil, "", err
	}
	if position > 0 {
		var ok bool
		if position, ok, err = in.verify(position); err != nil {
			return nil, "", err
		}
		if !ok {
			moved = "it does not follow the end of a line, so the file is another one"
		}
	}
	r, err := in.reader(position)
	if err != nil {
		return nil, "", err
	}
	in.lineReader = newLineReader(r, position, maxLine)
	return in, moved, nil
}

func isGzip(f *os.File) (bool, error) {
	var magic [2]byte
	n, err := f.ReadAt(magic[:], 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return false, err
	}
	return n == 2 && magic == [2]byte{0x1f, 0x8b}, nil
}

// reader begins at a position.
func (in *input) reader(position int64) (io.Reader, error) {
	if !in.finite {
		_, err := in.file.Seek(position, io.SeekStart)
		return in.file, err
	}
	if _, err := in.file.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	z, err := gzip.NewReader(bufio.NewReaderSize(in.file, 64<<10))
	if err != nil {
		return nil, err
	}
	if _, err := io.CopyN(io.Discard, z, position); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("skip to %d: %w", position, err)
	}
	return z, nil
}

// verify reports whether position is the end of a line in this file, and
// returns where to read on. A last line without end may have got it since.
func (in *input) verify(position int64) (from int64, ok bool, err error) {
	around, err := in.around(position)
	if err != nil {
		return 0, false, err
	}
	switch {
	case len(around) == 0: // the file is shorter
		return 0, false, nil
	case around[0] == '\n', len(around) == 1: // after a line, or at the very end
		return position, true, nil
	case around[1] == '\n':
		return position + 1, true, nil
	case bytes.HasPrefix(around[1:], []byte("\r\n")):
		return position + 2, true, nil
	}
	return 0, false, nil
}

// around returns the byte before the position and up to two from it on.
func (in *input) around(position int64) ([]byte, error) {
	r, err := in.reader(position - 1)
	if err != nil {
		return nil, err
	}
	buf := make([]byte, 3)
	n, err := io.ReadFull(r, buf)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = nil
	}
	return buf[:n], err
}

// change is what became of a followed file.
type change int

const (
	unchanged change = iota
	truncated        // it is shorter than what was read
	replaced         // another file has its name, and something in it
)

// changed compares the opened file with the path. A path that leads nowhere or
// to an empty file is unchanged: what writes has not changed over yet.
func (in *input) changed(path string) (change, error) {
	now, err := os.Stat(path)
	if errors.Is(err, os.ErrNotExist) {
		return unchanged, nil
	}
	if err != nil {
		return unchanged, err
	}
	opened, err := in.file.Stat()
	if err != nil {
		return unchanged, err
	}
	switch {
	case !os.SameFile(now, opened) && now.Size() == 0:
		return unchanged, nil
	case !os.SameFile(now, opened):
		return replaced, nil
	case opened.Size() < in.pos:
		return truncated, nil
	}
	return unchanged, nil
}
