// Package lines cuts input into lines of which none takes more memory than it may.
package lines

import (
	"bufio"
	"bytes"
	"io"

	"github.com/suiro/suiro/connectors/file/internal/members"
)

// prefixSize is how much is kept of a line that is too long.
const prefixSize = 4096

// Line is a line of input.
type Line struct {
	// Text is without the line's end. Of a line that is too long it is the first bytes.
	Text []byte
	// Begin and End are the line's bytes in the input, with its end, and Size is its
	// length without.
	Begin, End, Size int64
	// TooLong is set when the line is longer than it may be.
	TooLong bool
	// File says which file it is of, nil where that is not known. The reader does not set it.
	File *File
}

// File is what distinguishes a file from others, as source offsets have it. Nobody changes
// one.
type File struct {
	// Inode is the file's number, 0 where the system has none.
	Inode int64
	// Head is the checksum of the first bytes, at most HeadSize and none behind the line.
	Head int64
}

// Reader cuts input into lines. It never holds more than longest bytes of a
// line, however long that is. An error of the input, such as io.EOF, does not
// change it, so that it can continue when there is more input.
type Reader struct {
	// Begin is where the line begins that is being read, and Pos is after the last byte
	// that was taken from the input.
	Begin, Pos int64
	// Head are the first bytes of the input as far as they are known, at most [HeadSize].
	Head []byte

	r       *bufio.Reader
	longest int    // line.max.bytes
	partial []byte // in room, while the line fits there
	room    []byte // for the next lines
	tooLong bool
	tail    [2]byte // the last two bytes taken
}

// HeadSize is how many of a file's first bytes distinguish it from other files.
const HeadSize = 512

// New returns a Reader of the input from a position on, at which a line begins. maxLine
// is how long a line may be.
func New(r io.Reader, position int64, maxLine int) *Reader {
	return &Reader{r: bufio.NewReaderSize(r, 64<<10), longest: maxLine, Begin: position, Pos: position}
}

// lineAtOnce is how many bytes of one line are read in one call.
const lineAtOnce = 4 << 20

// Read returns the next complete line. The caller owns its text. It returns members.ErrBusy
// after many bytes of a line, which may be as long as the input.
func (l *Reader) Read() (Line, error) {
	for begin := l.Pos; ; {
		if l.Pos-begin >= lineAtOnce {
			return Line{}, members.ErrBusy
		}
		fragment, err := l.r.ReadSlice('\n')
		l.take(fragment)
		switch err {
		case nil:
			return l.finish(), nil
		case bufio.ErrBufferFull:
		default:
			return Line{}, err
		}
	}
}

// Rest returns what follows the last complete line; ok is false when that is
// nothing.
func (l *Reader) Rest() (last Line, ok bool) {
	if l.Pos == l.Begin {
		return Line{}, false
	}
	return l.finish(), true
}

func (l *Reader) take(fragment []byte) {
	if known := int64(len(l.Head)) - l.Pos; known >= 0 && known < int64(len(fragment)) {
		l.Head = append(l.Head, fragment[known:min(len(fragment), max(HeadSize-int(l.Pos), int(known)))]...)
	}
	l.Pos += int64(len(fragment))
	if n := len(fragment); n >= 2 {
		copy(l.tail[:], fragment[n-2:])
	} else if n == 1 {
		l.tail[0], l.tail[1] = l.tail[1], fragment[0]
	}
	if l.tooLong {
		return
	}
	if len(l.partial)+len(fragment) > l.longest+len("\r\n") {
		l.tooLong = true
		keep := min(prefixSize, l.longest)
		l.partial = append(l.partial, fragment[:min(len(fragment), keep)]...)
		l.partial = bytes.Clone(l.partial[:min(len(l.partial), keep)])
		return
	}
	l.partial = append(l.place(len(fragment)), fragment...)
}

// Short lines share pieces of memory, as each would be an allocation otherwise. A piece
// is small, because a line that somebody keeps keeps its piece.
const (
	roomSize  = 8 << 10
	shortLine = roomSize / 8
)

// place returns what is read of the line, with room for n more bytes where the line is
// a short one.
func (l *Reader) place(n int) []byte {
	if len(l.partial) > 0 || n > shortLine {
		return l.partial
	}
	if len(l.room) < n {
		l.room = make([]byte, roomSize)
	}
	part := l.room[:0:n]
	l.room = l.room[n:]
	return part
}

// finish returns the line that was being read.
func (l *Reader) finish() Line {
	ending := l.ending()
	out := Line{Text: l.partial, Begin: l.Begin, End: l.Pos, Size: l.Pos - l.Begin - ending, TooLong: l.tooLong}
	if !out.TooLong {
		out.Text = out.Text[:out.Size]
		if out.Size > int64(l.longest) {
			out.TooLong = true
			out.Text = out.Text[:min(prefixSize, l.longest)]
		}
	}
	l.Begin, l.partial, l.tooLong, l.tail = l.Pos, nil, false, [2]byte{}
	return out
}

// ending is the length of the line's end: LF, CRLF or none.
func (l *Reader) ending() int64 {
	switch {
	case l.tail[1] != '\n':
		return 0
	case l.tail[0] == '\r' && l.Pos-l.Begin > 1:
		return 2
	}
	return 1
}
