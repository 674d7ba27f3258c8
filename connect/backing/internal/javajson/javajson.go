// Package javajson writes JSON byte for byte as Kafka Connect's JsonConverter does.
// A compacted topic and a Java worker compare keys by their bytes, so that a key
// which only means the same would be another one.
package javajson

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"unicode/utf8"
)

// Marshal returns the JSON of v: without spaces, the fields of a struct in their
// order and those of a map sorted. Escapes are those of Java: control characters with
// capital digits, and characters outside of the basic plane as two halves. Java writes
// a map in the order that its own map has, which nobody can know.
func Marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return escape(bytes.TrimSuffix(b.Bytes(), []byte("\n"))), nil
}

// escape makes Java's escapes of Go's. Both are in strings alone.
func escape(text []byte) []byte {
	out := make([]byte, 0, len(text))
	for len(text) > 0 {
		n := 1
		switch c := text[0]; {
		case c == '\\' && text[1] == 'u':
			n, out = 6, appendEscape(out, text[2:6])
		case c == '\\':
			n, out = 2, append(out, text[:2]...)
		case c >= 0xf0: // the first byte of four
			r, size := utf8.DecodeRune(text)
			r -= 0x10000
			n, out = size, fmt.Appendf(out, `\u%04X\u%04X`, 0xd800+r>>10, 0xdc00+r&0x3ff)
		default:
			out = append(out, c)
		}
		text = text[n:]
	}
	return out
}

// appendEscape writes a character that Go has escaped: Java escapes those alone that
// JSON does not allow.
func appendEscape(out, digits []byte) []byte {
	n, err := strconv.ParseUint(string(digits), 16, 16)
	if err != nil || n < ' ' {
		return append(append(out, `\u`...), bytes.ToUpper(digits)...)
	}
	return utf8.AppendRune(out, rune(n))
}
