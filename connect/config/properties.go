package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// ReadProperties reads Java's properties syntax: "key=value", "key: value" or
// "key value" lines, comments after # or !, a backslash at the end of a line to
// continue on the next line, and backslash escapes. The text is UTF-8. The last of
// several lines with the same key counts.
func ReadProperties(r io.Reader) (map[string]string, error) {
	text, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("read properties: %w", err)
	}
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	if !utf8.Valid(text) {
		return nil, errors.New("read properties: the text is not UTF-8")
	}
	props := map[string]string{}
	lines := splitLines(string(text))
	for i := 0; i < len(lines); i++ {
		first := i + 1
		line := trimBlank(lines[i])
		if line == "" || line[0] == '#' || line[0] == '!' {
			continue
		}
		var whole strings.Builder
		for continues(line) {
			whole.WriteString(line[:len(line)-1])
			line = ""
			if i+1 < len(lines) {
				i++
				line = trimBlank(lines[i])
			}
		}
		whole.WriteString(line)
		line = whole.String()
		key, value := splitProperty(line)
		k, kerr := unescape(key)
		v, verr := unescape(value)
		if kerr != nil || verr != nil {
			return nil, fmt.Errorf("read properties: line %d: malformed \\uxxxx escape", first)
		}
		props[k] = v
	}
	return props, nil
}

const blanks = " \t\f"

func trimBlank(s string) string { return strings.TrimLeft(s, blanks) }

func splitLines(text string) []string {
	text = strings.ReplaceAll(text, "\r\n", "\n")
	return strings.Split(strings.ReplaceAll(text, "\r", "\n"), "\n")
}

// continues reports whether the line ends with an odd number of backslashes.
func continues(line string) bool {
	return (len(line)-len(strings.TrimRight(line, `\`)))%2 == 1
}

// splitProperty cuts at the first unescaped =, : or blank. One = or : between
// blanks belongs to the separator.
func splitProperty(line string) (key, value string) {
	end := len(line)
	for i := 0; i < len(line); i++ {
		if line[i] == '\\' {
			i++
			continue
		}
		if strings.IndexByte("=:"+blanks, line[i]) >= 0 {
			end = i
			break
		}
	}
	rest := trimBlank(line[end:])
	if rest != "" && (rest[0] == '=' || rest[0] == ':') {
		rest = trimBlank(rest[1:])
	}
	return line[:end], rest
}

// unescape resolves \t \n \r \f \uXXXX; before any other character a
// backslash means nothing.
func unescape(s string) (string, error) {
	if strings.IndexByte(s, '\\') < 0 {
		return s, nil
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			b.WriteByte(s[i])
			continue
		}
		i++
		if s[i] != 'u' {
			b.WriteByte(escaped(s[i]))
			continue
		}
		r, n, err := unicodeEscape(s[i+1:])
		if err != nil {
			return "", err
		}
		b.WriteRune(r)
		i += n
	}
	return b.String(), nil
}

func escaped(c byte) byte {
	switch c {
	case 't':
		return '\t'
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 'f':
		return '\f'
	}
	return c
}

// unicodeEscape reads the digits after \u, and those of a second escape when
// both make a surrogate pair. n is the number of bytes read.
func unicodeEscape(s string) (r rune, n int, err error) {
	unit := func(s string) (rune, error) {
		if len(s) < 4 {
			return 0, strconv.ErrSyntax
		}
		v, err := strconv.ParseUint(s[:4], 16, 16)
		return rune(v), err
	}
	if r, err = unit(s); err != nil || !utf16.IsSurrogate(r) {
		return r, 4, err
	}
	if strings.HasPrefix(s[4:], `\u`) {
		if low, err := unit(s[6:]); err == nil && utf16.DecodeRune(r, low) != utf8.RuneError {
			return utf16.DecodeRune(r, low), 10, nil
		}
	}
	return utf8.RuneError, 4, nil
}
