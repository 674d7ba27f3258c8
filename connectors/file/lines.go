package file

import (
	"bufio"
	"bytes"
	"io"

	"github.com/suiro/suiro/connectors/file/internal/members"
)

// prefixSize is how much is kept of a line that is too long.
const prefixSize = 4096

// line is a line of input.
type line struct {
	text       []byte // without its end; the first bytes of a line that is too long
	begin, end int64  // its bytes in the input, with its end
	size       int64  // without its end
	tooLong    bool
	offset     map[string]any // the source offset after the line
}

// lineReader cuts input into lines. It never holds more than longest bytes of a
// line, however long that is. An error of the input, such as io.EOF, does not
// change it, so that it can continue when there is more input.
type lineReader struct {
	r       *bufio.Reader
	longest int // line.max.bytes

	begin   int64  // of the line that is being read
	pos     int64  // after the last byte taken from r
	partial []byte // in room, while the line fits there
	room    []byte // for the next lines
	tooLong bool
	tail    [2]byte // the last two bytes taken
	head    []byte  // the first bytes of the input as far as they are known, at most headSize
}

func newLineReader(r io.Reader, position int64, maxLine int) *lineReader {
	return &lineReader{r: bufio.NewReaderSize(r, 64<<10), longest: maxLine, begin: position, pos: position}
}

// lineAtOnce is how many bytes of one line are read in one call.
const lineAtOnce = 4 << 20

// read returns the next complete line. The caller owns its text. It returns members.ErrBusy
// after many bytes of a line, which may be as long as the input.
func (l *lineReader) read() (line, error) {
	for begin := l.pos; ; {
		if l.pos-begin >= lineAtOnce {
			return line{}, members.ErrBusy
		}
		fragment, err := l.r.ReadSlice('\n')
		l.take(fragment)
		switch err {
		case nil:
			return l.finish(), nil
		case bufio.ErrBufferFull:
		default:
			return line{}, err
		}
	}
}

// rest returns what follows the last complete line; ok is false when that is
// nothing.
func (l *lineReader) rest() (last line, ok bool) {
	if l.pos == l.begin {
		return line{}, false
	}
	return l.finish(), true
}

func (l *lineReader) take(fragment []byte) {
	if known := int64(len(l.head)) - l.pos; known >= 0 && known < int64(len(fragment)) {
		l.head = append(l.head, fragment[known:min(len(fragment), max(headSize-int(l.pos), int(known)))]...)
	}
	l.pos += int64(len(fragment))
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
func (l *lineReader) place(n int) []byte {
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
func (l *lineReader) finish() line {
	ending := l.ending()
	out := line{text: l.partial, begin: l.begin, end: l.pos, size: l.pos - l.begin - ending, tooLong: l.tooLong}
	if !out.tooLong {
		out.text = out.text[:out.size]
		if out.size > int64(l.longest) {
			out.tooLong = true
			out.text = out.text[:min(prefixSize, l.longest)]
		}
	}
	l.begin, l.partial, l.tooLong, l.tail = l.pos, nil, false, [2]byte{}
	return out
}

// ending is the length of the line's end: LF, CRLF or none.
func (l *lineReader) ending() int64 {
	switch {
	case l.tail[1] != '\n':
		return 0
	case l.tail[0] == '\r' && l.pos-l.begin > 1:
		return 2
	}
	return 1
}
