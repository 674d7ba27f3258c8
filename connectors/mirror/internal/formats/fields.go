package formats

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"unicode/utf8"
)

var (
	errShort  = errors.New("it ends too early")
	errLength = errors.New("a text has a negative length")
	errUTF8   = errors.New("a text is not UTF-8")
)

// fields reads fields one after another. After the first that is not there it has its error, and
// everything that it returns is zero.
type fields struct {
	rest []byte
	err  error
}

func (f *fields) take(n int) []byte {
	if f.err == nil && n > len(f.rest) {
		f.err = errShort
	}
	if f.err != nil {
		return nil
	}
	taken := f.rest[:n]
	f.rest = f.rest[n:]
	return taken
}

func (f *fields) int16() int16 {
	if b := f.take(2); b != nil {
		return int16(binary.BigEndian.Uint16(b))
	}
	return 0
}

func (f *fields) int32() int32 {
	if b := f.take(4); b != nil {
		return int32(binary.BigEndian.Uint32(b))
	}
	return 0
}

func (f *fields) int64() int64 {
	if b := f.take(8); b != nil {
		return int64(binary.BigEndian.Uint64(b))
	}
	return 0
}

func (f *fields) text() string {
	n := f.int16()
	if f.err == nil && n < 0 {
		f.err = errLength
	}
	b := f.take(int(n))
	if f.err == nil && !utf8.Valid(b) {
		f.err = errUTF8
	}
	if f.err != nil {
		return ""
	}
	return string(b)
}

// appendText writes a text. It has at most as many bytes as an int16 counts, as names of topics and
// clusters have.
func appendText(dst []byte, text string) ([]byte, error) {
	if len(text) > math.MaxInt16 {
		return nil, fmt.Errorf("a text has %d bytes, and the format has room for %d", len(text), math.MaxInt16)
	}
	dst = binary.BigEndian.AppendUint16(dst, uint16(len(text)))
	return append(dst, text...), nil
}
