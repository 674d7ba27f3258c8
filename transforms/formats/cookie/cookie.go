package cookie

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
)

// ErrBroken is the cause of every error of this package: a pair that is not
// name=value, or a percent sign without two hex digits.
var ErrBroken = errors.New("broken cookie")

// Next cuts the first pair off a cookie header. It returns the pair without the
// blanks around it, its name and value, and what comes after. Empty pairs, such as
// the one after a trailing semicolon, are skipped; pair is nil after the last.
//
// A pair without an equals sign, or with no name before it, has a nil name.
func Next(header []byte) (pair, name, value, rest []byte) {
	for len(header) > 0 {
		pair, rest = header, nil
		if i := bytes.IndexByte(header, ';'); i >= 0 {
			pair, rest = header[:i], header[i+1:]
		}
		if pair = trim(pair); len(pair) > 0 {
			if i := bytes.IndexByte(pair, '='); i > 0 {
				if name = trim(pair[:i]); len(name) > 0 {
					return pair, name, trim(pair[i+1:]), rest
				}
			}
			return pair, nil, nil, rest
		}
		header = rest
	}
	return nil, nil, nil, nil
}

// AppendDecoded appends value to dst with %XX turned into the byte it stands
// for. A plus sign stays a plus sign: that a blank is written so is a rule of
// forms, not of cookies. On error dst comes back as given.
func AppendDecoded(dst, value []byte) ([]byte, error) {
	i := bytes.IndexByte(value, '%')
	if i < 0 {
		return append(dst, value...), nil
	}
	start := len(dst)
	dst = append(dst, value[:i]...)
	for ; i < len(value); i++ { // escapes come in runs: a byte at a time is quicker now
		c := value[i]
		if c == '%' {
			if i+2 >= len(value) {
				return dst[:start], Broken(shortEscape, value[i:])
			}
			hi, lo := unhex[value[i+1]], unhex[value[i+2]]
			if hi|lo > 15 {
				return dst[:start], Broken(shortEscape, value[i:i+3])
			}
			c = hi<<4 | lo
			i += 2
		}
		dst = append(dst, c)
	}
	return dst, nil
}

const shortEscape = "percent sign without two hex digits"

// Broken makes an ErrBroken that says why and shows where.
func Broken(why string, where []byte) error {
	const longest = 40
	shown := where
	if len(shown) > longest {
		shown = shown[:longest]
	}
	return fmt.Errorf("%w: %s at %s", ErrBroken, why, strconv.Quote(string(shown)))
}

// trim removes blanks and tabs from both ends.
func trim(b []byte) []byte {
	for len(b) > 0 && (b[0] == ' ' || b[0] == '\t') {
		b = b[1:]
	}
	for len(b) > 0 && (b[len(b)-1] == ' ' || b[len(b)-1] == '\t') {
		b = b[:len(b)-1]
	}
	return b
}

// unhex holds the value of a hex digit, and 255 for any other byte.
var unhex = func() (t [256]byte) {
	for i := range t {
		t[i] = 255
	}
	for i, c := range []byte("0123456789abcdef") {
		t[c] = byte(i)
	}
	for i, c := range []byte("ABCDEF") {
		t[c] = byte(10 + i)
	}
	return t
}()

// Append appends name=value to dst, the value encoded as the encodeURIComponent
// of browsers does: all but letters, digits and -_.!~*'() as %XX. It says false,
// and dst comes back as given, when name cannot be one: names are not encoded.
func Append(dst []byte, name, value string) ([]byte, bool) {
	for i := range len(name) {
		if c := name[i]; c <= ' ' || c == ';' || c == '=' || c == 0x7f {
			return dst, false
		}
	}
	if name == "" {
		return dst, false
	}
	dst = append(append(dst, name...), '=')
	for i := range len(value) {
		c := value[i]
		if unreserved[c] {
			dst = append(dst, c)
			continue
		}
		const hex = "0123456789ABCDEF"
		dst = append(dst, '%', hex[c>>4], hex[c&15])
	}
	return dst, true
}

// unreserved tells the bytes that are not encoded.
var unreserved = func() (t [256]bool) {
	for _, c := range []byte("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_.!~*'()") {
		t[c] = true
	}
	return t
}()
