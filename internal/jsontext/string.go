package jsontext

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf8"
)

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// Special returns the place of the first byte of s, from i on, that a JSON
// string cannot hold as it is or that is not ASCII: below 0x20, a double quote,
// a backslash or above 0x7f. It returns len(s) when there is none.
//
// Eight bytes are checked at a time, as one word: each subtraction below leaves the high
// bit of a byte set where the byte is below 0x20, or equal to the quote or the
// backslash. A borrow can only spoil bytes above the first hit.
func Special(s []byte, i int) int {
	for ; i+8 <= len(s); i += 8 {
		w := binary.LittleEndian.Uint64(s[i:])
		hit := (w | (w - 0x20*ones) | ((w ^ '"'*ones) - ones) | ((w ^ '\\'*ones) - ones)) & highs
		if hit != 0 {
			return i + bits.TrailingZeros64(hit)/8
		}
	}
	for ; i < len(s); i++ {
		if c := s[i]; c < 0x20 || c == '"' || c == '\\' || c >= utf8.RuneSelf {
			return i
		}
	}
	return i
}

// AppendString appends s to dst as a JSON string in its quotes. Each byte that
// is not part of valid UTF-8 becomes U+FFFD.
func AppendString[S ~[]byte | ~string](dst []byte, s S) []byte {
	dst = append(dst, '"')
	dst = AppendEscaped(dst, []byte(s))
	return append(dst, '"')
}

// AppendEscaped is AppendString without the quotes.
func AppendEscaped(dst, s []byte) []byte {
	for {
		i := Special(s, 0)
		dst = append(dst, s[:i]...)
		if s = s[i:]; len(s) == 0 {
			return dst
		}
		if s[0] < utf8.RuneSelf {
			dst = appendEscape(dst, s[0])
			s = s[1:]
			continue
		}
		n := nonASCII(s)
		dst = appendText(dst, s[:n])
		s = s[n:]
	}
}

// nonASCII returns how many bytes of s, from its start, are above 0x7f.
func nonASCII(s []byte) int {
	for i, c := range s {
		if c < utf8.RuneSelf {
			return i
		}
	}
	return len(s)
}

// appendText appends s, which needs no escape, with U+FFFD for what is not UTF-8.
func appendText(dst, s []byte) []byte {
	if utf8.Valid(s) {
		return append(dst, s...)
	}
	for len(s) > 0 {
		r, n := utf8.DecodeRune(s)
		dst = utf8.AppendRune(dst, r)
		s = s[n:]
	}
	return dst
}

func appendEscape(dst []byte, c byte) []byte {
	const hex = "0123456789abcdef"
	switch c {
	case '"', '\\':
		return append(dst, '\\', c)
	case '\b':
		return append(dst, '\\', 'b')
	case '\f':
		return append(dst, '\\', 'f')
	case '\n':
		return append(dst, '\\', 'n')
	case '\r':
		return append(dst, '\\', 'r')
	case '\t':
		return append(dst, '\\', 't')
	default:
		return append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
	}
}
