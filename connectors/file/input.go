package file

import (
	"bytes"
	"cmp"
	"compress/flate"
	"compress/gzip"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math"
	"os"
	"slices"
	"strings"

	"github.com/suiro/suiro/connectors/file/internal/lines"
	"github.com/suiro/suiro/connectors/file/internal/members"
	"github.com/suiro/suiro/connectors/file/internal/regular"
)

// place is where reading continues: a position in the file with this inode and
// these first bytes. Kafka Connect's own connector keeps only the position.
type place struct {
	position int64
	inode    int64 // 0 where the system has none
	head     int64 // CRC-32 of the first bytes up to the position, at most lines.HeadSize
	known    bool  // inode and head are kept, not only the position
}

// placeOf reads a kept offset.
func placeOf(offset map[string]any) (p place, err error) {
	if offset["position"] == nil {
		return place{}, nil
	}
	if p.position, p.known, err = number(offset, "position"); err != nil || p.position < 0 {
		return place{}, cmp.Or(err, fmt.Errorf("position %d is not a number of bytes", p.position))
	}
	if p.inode, _, err = number(offset, "inode"); err != nil {
		return place{}, err
	}
	if p.head, p.known, err = number(offset, "head"); err != nil || p.head < 0 || p.head > math.MaxUint32 {
		return place{}, cmp.Or(err, fmt.Errorf("head %d is not a checksum of 32 bits", p.head))
	}
	return p, nil
}

// number is an entry of a kept offset; false when there is none.
func number(offset map[string]any, name string) (n int64, is bool, err error) {
	v := offset[name]
	if v == nil {
		return 0, false, nil
	}
	if n, is = v.(int64); !is {
		return 0, false, fmt.Errorf("%s %.40q is not a whole number", name, fmt.Sprint(v))
	}
	return n, true, nil
}

// input is an opened file at a position.
type input struct {
	*lines.Reader
	path  string // by which it was opened; a rotation may have renamed it since
	file  *os.File
	info  os.FileInfo // as of the opening
	gzip  bool        // compressed: it cannot grow
	atEnd bool        // the last read reached the end

	halted func() error // why a long read is to end, nil while it is not

	// What offsets have in common is made once: the checksum of the first bytes is that of
	// many lines.
	inode  int64
	id     *lines.File
	summed int // of how many bytes its checksum is
}

// unread is how many bytes follow the position; 0 when that is not known.
func (in *input) unread() int64 {
	if in == nil || in.gzip {
		return 0
	}
	info, err := in.file.Stat()
	if err != nil {
		return 0
	}
	return max(0, info.Size()-in.Pos)
}

// openInput opens a file at its beginning.
func openInput(path string, maxLine int, halted func() error) (in *input, err error) {
	f, info, err := regular.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			_ = f.Close() // nothing was written
		}
	}()
	in = &input{path: path, file: f, info: info, halted: halted, inode: inodeOf(info)}
	if in.gzip, err = isGzip(f); err != nil {
		return nil, err
	}
	return in, in.seek(0, maxLine)
}

func isGzip(f *os.File) (bool, error) {
	var magic [2]byte
	n, err := f.ReadAt(magic[:], 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return false, err
	}
	return n == 2 && magic == [2]byte{0x1f, 0x8b}, nil
}

// seek goes to a position at which a line begins.
func (in *input) seek(position int64, maxLine int) error {
	head, err := in.bytes(0, lines.HeadSize)
	if err != nil {
		return err
	}
	r, err := in.reader(position)
	if err != nil {
		return err
	}
	in.Reader = lines.New(r, position, maxLine)
	in.Head, in.id = head, nil
	return nil
}

// reader begins at a position.
func (in *input) reader(position int64) (io.Reader, error) {
	if !in.gzip {
		_, err := in.file.Seek(position, io.SeekStart)
		return steady{in}, err
	}
	if _, err := in.file.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	z, err := members.New(in.file)
	if err != nil {
		return nil, err
	}
	before := members.Patient{R: z, Halted: in.halted}
	if _, err := io.CopyN(io.Discard, before, position); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("skip to %d: %w", position, err)
	}
	return z, nil
}

// bytes returns up to n bytes from a position.
func (in *input) bytes(position int64, n int) ([]byte, error) {
	if n == 0 {
		return nil, nil
	}
	buf := make([]byte, n)
	if !in.gzip {
		n, err := in.file.ReadAt(buf, position)
		if errors.Is(err, io.EOF) {
			err = nil
		}
		return buf[:n], err
	}
	r, err := in.reader(position)
	if err != nil {
		return nil, err
	}
	n, err = io.ReadFull(members.Patient{R: r, Halted: in.halted}, buf)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = nil
	}
	return buf[:n], err
}

// identity is what the source offset of a position, up to which this file was read, says
// of the file.
func (in *input) identity(position int64) *lines.File {
	if n := int(min(position, int64(len(in.Head)))); in.id == nil || n != in.summed {
		in.id, in.summed = &lines.File{Inode: in.inode, Head: int64(crc32.ChecksumIEEE(in.Head[:n]))}, n
	}
	return in.id
}

// holds reports whether p is a place in this file, or in a file of which this is a
// copy, and returns where to continue.
func (in *input) holds(p place) (from int64, ok bool, err error) {
	if p.known {
		head, err := in.bytes(0, int(min(p.position, lines.HeadSize)))
		if err != nil || int64(crc32.ChecksumIEEE(head)) != p.head {
			return 0, false, err
		}
	}
	return in.verify(p.position)
}

// verify reports whether position is the end of a line in this file, and returns
// where to continue. A last line without a line end may have got one since.
func (in *input) verify(position int64) (from int64, ok bool, err error) {
	if position == 0 {
		return 0, true, nil
	}
	if info, err := in.file.Stat(); err != nil || !in.gzip && info.Size() < position {
		return 0, false, err
	}
	around, err := in.bytes(position-1, 3)
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

// truncated reports whether the file is shorter than what was read of it, or
// begins with other bytes now.
func (in *input) truncated() (bool, error) {
	if in.gzip {
		return false, nil
	}
	info, err := in.file.Stat()
	if err != nil {
		return false, err
	}
	if info.Size() < in.Pos {
		return true, nil
	}
	same, err := in.begins(in.Head)
	return !same, err
}

// begins reports whether the file begins with head.
func (in *input) begins(head []byte) (bool, error) {
	first, err := in.bytes(0, len(head))
	return bytes.Equal(first, head), err
}

// continues reports whether the file is a copy of what other was before it was
// truncated, and returns the position of the line at which other stopped.
func (in *input) continues(other *input) (from int64, ok bool, err error) {
	if len(other.Head) == 0 {
		return 0, false, nil
	}
	if same, err := in.begins(other.Head); err != nil || !same {
		return 0, false, err
	}
	return in.verify(other.Begin)
}

// isCopyOf reports whether the file, decompressed if need be, has the same beginning
// as another file of this size, and the same length.
func (in *input) isCopyOf(other *input, size int64) (bool, error) {
	if size == 0 || len(other.Head) == 0 {
		return false, nil
	}
	if same, err := in.begins(other.Head); err != nil || !same {
		return false, err
	}
	last, err := in.bytes(size-1, 2)
	return len(last) == 1, err
}

// errTruncated says that a file was truncated, and perhaps written again, while
// it was read.
var errTruncated = errors.New("the file was truncated")

// steady reads the file of an input, but returns nothing that was read after the
// file was truncated: positions would then mean something else.
type steady struct{ in *input }

// Read reads the next bytes, and then checks that the file still begins with the
// same bytes.
func (s steady) Read(p []byte) (int, error) {
	n, err := s.in.file.Read(p)
	if n == 0 || err != nil {
		return n, err
	}
	same, err := s.in.begins(s.in.Head)
	if err == nil && !same {
		err = errTruncated
	}
	if err != nil {
		return 0, err
	}
	return n, nil
}

// unreadable reports whether the file is compressed in a way that the source cannot
// read.
func unreadable(path string) bool {
	return slices.ContainsFunc(compressions[1:], func(ending string) bool { return strings.HasSuffix(path, ending) })
}

// damaged reports whether err says that gzip data is incomplete or wrong.
func damaged(err error) bool {
	var corrupt flate.CorruptInputError
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, gzip.ErrHeader) ||
		errors.Is(err, gzip.ErrChecksum) || errors.As(err, &corrupt)
}
