package json

import (
	"fmt"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/internal/jsontext"
)

// maxDepth is how deep lists and objects may be nested, as in Kafka Connect.
const maxDepth = 1000

// scanner reads the tokens of one JSON text, which is UTF-8.
type scanner struct {
	text  []byte
	at    int
	depth int
}

// syntaxError is a text that is not JSON. Reading cannot go on after it.
type syntaxError struct {
	offset int
	what   string
}

func (e *syntaxError) Error() string {
	return fmt.Sprintf("%v: byte %d: %s", data.ErrInvalid, e.offset, e.what)
}

func (e *syntaxError) Unwrap() error { return data.ErrInvalid }

// bad returns a syntax error at the place reached. wanted says what should be
// there.
func (s *scanner) bad(wanted string) error {
	if s.at >= len(s.text) {
		return &syntaxError{s.at, "unexpected end of JSON, want " + wanted}
	}
	r, _ := utf8.DecodeRune(s.text[s.at:])
	return &syntaxError{s.at, fmt.Sprintf("unexpected %q, want %s", r, wanted)}
}

// peek passes over blanks and returns the byte that follows, 0 at the end.
func (s *scanner) peek() byte {
	for s.at < len(s.text) {
		switch c := s.text[s.at]; c {
		case ' ', '\t', '\n', '\r':
			s.at++
		default:
			return c
		}
	}
	return 0
}

// end checks that nothing follows.
func (s *scanner) end() error {
	if s.peek(); s.at < len(s.text) {
		return s.bad("the end, because a message is one value")
	}
	return nil
}

// open passes over the bracket of a list or an object.
func (s *scanner) open() error {
	if s.depth == maxDepth {
		return &syntaxError{s.at, fmt.Sprintf("nested deeper than %d", maxDepth)}
	}
	s.depth++
	s.at++
	return nil
}

// more passes over the comma before the next item of a list or an object, or
// over the closing bracket, and reports whether an item follows.
func (s *scanner) more(first bool, closing byte) (bool, error) {
	switch c := s.peek(); {
	case c == closing:
		s.at++
		s.depth--
		return false, nil
	case first:
		return true, nil
	case c == ',':
		s.at++
		return true, nil
	default:
		return false, s.bad(fmt.Sprintf("a comma or %q", closing))
	}
}

// name reads the name of a member and the colon after it.
func (s *scanner) name() (string, error) {
	if s.peek() != '"' {
		return "", s.bad("a name in quotes")
	}
	name, err := s.str()
	if err != nil {
		return "", err
	}
	if s.peek() != ':' {
		return "", s.bad("a colon")
	}
	s.at++
	return string(name), nil
}

// literal passes over word.
func (s *scanner) literal(word string) error {
	for i := range len(word) {
		if s.at >= len(s.text) || s.text[s.at] != word[i] {
			return s.bad(word)
		}
		s.at++
	}
	return nil
}

// number passes over a number and returns its digits.
func (s *scanner) number() ([]byte, error) {
	start := s.at
	for s.at < len(s.text) {
		switch c := s.text[s.at]; {
		case '0' <= c && c <= '9', c == '-', c == '+', c == '.', c == 'e', c == 'E':
			s.at++
			continue
		}
		break
	}
	digits := s.text[start:s.at]
	if ok, _ := jsontext.IsNumber(digits); !ok {
		return nil, &syntaxError{start, fmt.Sprintf("%.40q is not a JSON number", digits)}
	}
	return digits, nil
}

// str reads a string. What it returns is part of the text unless there are
// escapes in it.
func (s *scanner) str() ([]byte, error) {
	s.at++
	start := s.at
	for {
		s.at = jsontext.Special(s.text, s.at)
		if s.at >= len(s.text) {
			return nil, s.bad(`a closing quote`)
		}
		switch c := s.text[s.at]; {
		case c == '"':
			s.at++
			return s.text[start : s.at-1], nil
		case c == '\\':
			return s.escaped(append([]byte{}, s.text[start:s.at]...))
		case c < ' ':
			return nil, s.bad("an escape instead of a control character")
		}
		s.at++
	}
}

// escaped reads the rest of a string, of which text was read, from its first escape.
func (s *scanner) escaped(text []byte) ([]byte, error) {
	for {
		from := s.at
		s.at = jsontext.Special(s.text, s.at)
		text = append(text, s.text[from:s.at]...)
		if s.at >= len(s.text) {
			return nil, s.bad("a closing quote")
		}
		c := s.text[s.at]
		switch {
		case c == '"':
			s.at++
			return text, nil
		case c < ' ':
			return nil, s.bad("an escape instead of a control character")
		case c != '\\':
			text = append(text, c)
			s.at++
			continue
		}
		r, err := s.escape()
		if err != nil {
			return nil, err
		}
		text = utf8.AppendRune(text, r)
	}
}

// escape reads one escape. Half of a surrogate pair, which UTF-8 has no bytes
// for, is U+FFFD.
func (s *scanner) escape() (rune, error) {
	s.at++
	if s.at >= len(s.text) {
		return 0, s.bad("an escape")
	}
	c := s.text[s.at]
	switch c {
	case '"', '\\', '/':
	case 'b':
		c = '\b'
	case 'f':
		c = '\f'
	case 'n':
		c = '\n'
	case 'r':
		c = '\r'
	case 't':
		c = '\t'
	case 'u':
		return s.unicode()
	default:
		return 0, s.bad(`one of "\/bfnrtu`)
	}
	s.at++
	return rune(c), nil
}

// unicode reads the escape whose u is next, and the second half of its pair.
func (s *scanner) unicode() (rune, error) {
	r, ok := s.hex(s.at + 1)
	if !ok {
		return 0, s.bad("four hexadecimal digits after it")
	}
	s.at += 5
	if !utf16.IsSurrogate(r) {
		return r, nil
	}
	if s.at+1 < len(s.text) && s.text[s.at] == '\\' && s.text[s.at+1] == 'u' {
		low, _ := s.hex(s.at + 2)
		if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
			s.at += 6
			return pair, nil
		}
	}
	return utf8.RuneError, nil
}

// hex reads the four hexadecimal digits at i.
func (s *scanner) hex(i int) (r rune, ok bool) {
	if i+4 > len(s.text) {
		return 0, false
	}
	for _, c := range s.text[i : i+4] {
		switch {
		case '0' <= c && c <= '9':
			c -= '0'
		case 'a' <= c|0x20 && c|0x20 <= 'f':
			c = c | 0x20 - 'a' + 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}

// skip passes over one value and returns its text.
func (s *scanner) skip() ([]byte, error) {
	c := s.peek()
	start := s.at
	var err error
	switch c {
	case '{':
		err = s.skipItems('}')
	case '[':
		err = s.skipItems(']')
	case '"':
		_, err = s.str()
	case 't':
		err = s.literal("true")
	case 'f':
		err = s.literal("false")
	case 'n':
		err = s.literal("null")
	case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		_, err = s.number()
	default:
		err = s.bad("a value")
	}
	return s.text[start:s.at], err
}

func (s *scanner) skipItems(closing byte) error {
	if err := s.open(); err != nil {
		return err
	}
	for first := true; ; first = false {
		more, err := s.more(first, closing)
		if err != nil || !more {
			return err
		}
		if closing == '}' {
			if _, err := s.name(); err != nil {
				return err
			}
		}
		if _, err := s.skip(); err != nil {
			return err
		}
	}
}
