package elasticsearch

import (
	"encoding/binary"
	"fmt"
	"math/bits"
	"unicode/utf8"
)

// maxDepth is how deep a document may nest; Elasticsearch's own parser stops
// at the same depth.
const maxDepth = 1000

// syntaxError says where bytes stop being one JSON object.
type syntaxError struct {
	at   int
	what string
}

func (e *syntaxError) Error() string {
	return fmt.Sprintf("value is not a JSON object: %s at byte %d", e.what, e.at)
}

// span is a stretch of a document; the zero span is absent.
type span struct{ from, to int }

func (s span) found() bool { return s.to > 0 }

// shape is what a scan learns of a valid document.
type shape struct {
	// from and to bound the object without the white space around it.
	from, to int
	// empty means that the object has no fields.
	empty bool
	// multiline means that there is a line break between tokens. A bulk body
	// separates documents by line breaks, so these must be blanked.
	multiline bool
}

// scanner checks that bytes are one JSON object, in one pass and without
// decoding: what it accepts can stand in a line of a bulk body without
// changing the meaning of the lines around it.
type scanner struct {
	src       []byte
	pos       int
	multiline bool
	// want are names of top-level fields, found where their values are.
	want  []string
	found []span
}

// scanObject checks src and tells the shape of the object, and where the
// values of the wanted top-level fields are; found has want's length.
func scanObject(src []byte, want []string, found []span) (shape, error) {
	s := scanner{src: src, want: want, found: found}
	s.space()
	if s.pos == len(src) || src[s.pos] != '{' {
		return shape{}, s.fail("no opening brace")
	}
	sh := shape{from: s.pos}
	if err := s.object(1); err != nil {
		return shape{}, err
	}
	sh.to = s.pos
	multiline := s.multiline
	s.space()
	if s.pos != len(src) {
		return shape{}, s.fail("something after the closing brace")
	}
	sh.multiline = multiline
	sh.empty = s.emptyAt(sh.from)
	return sh, nil
}

// emptyAt reports whether the valid object at from has no fields.
func (s *scanner) emptyAt(from int) bool {
	s.pos = from + 1
	s.space()
	return s.src[s.pos] == '}'
}

func (s *scanner) fail(what string) error {
	if s.pos >= len(s.src) {
		what = "it ends too early"
	}
	return &syntaxError{s.pos, what}
}

func (s *scanner) space() {
	for s.pos < len(s.src) {
		switch s.src[s.pos] {
		case ' ', '\t':
		case '\n', '\r':
			s.multiline = true
		default:
			return
		}
		s.pos++
	}
}

// next moves past white space and returns the byte there, 0 at the end.
func (s *scanner) next() byte {
	if s.pos < len(s.src) && s.src[s.pos] > ' ' {
		return s.src[s.pos]
	}
	s.space()
	if s.pos < len(s.src) {
		return s.src[s.pos]
	}
	return 0
}

// object scans from an opening brace to behind the closing one.
func (s *scanner) object(depth int) error {
	if depth > maxDepth {
		return s.fail(fmt.Sprintf("nesting deeper than %d", maxDepth))
	}
	s.pos++
	if s.next() == '}' {
		s.pos++
		return nil
	}
	for {
		if s.next() != '"' {
			return s.fail("no field name")
		}
		from := s.pos + 1
		if err := s.str(); err != nil {
			return err
		}
		name := s.src[from : s.pos-1]
		if s.next() != ':' {
			return s.fail("no colon")
		}
		s.pos++
		s.next()
		from = s.pos
		if err := s.value(depth); err != nil {
			return err
		}
		if depth == 1 && len(s.want) > 0 {
			s.note(name, span{from, s.pos})
		}
		switch s.next() {
		case ',':
			s.pos++
		case '}':
			s.pos++
			return nil
		default:
			return s.fail("neither comma nor closing brace")
		}
	}
}

func (s *scanner) note(name []byte, value span) {
	for i, w := range s.want {
		if string(name) == w {
			s.found[i] = value
		}
	}
}

// array scans from an opening bracket to behind the closing one.
func (s *scanner) array(depth int) error {
	if depth > maxDepth {
		return s.fail(fmt.Sprintf("nesting deeper than %d", maxDepth))
	}
	s.pos++
	if s.next() == ']' {
		s.pos++
		return nil
	}
	for {
		s.next()
		if err := s.value(depth); err != nil {
			return err
		}
		switch s.next() {
		case ',':
			s.pos++
		case ']':
			s.pos++
			return nil
		default:
			return s.fail("neither comma nor closing bracket")
		}
	}
}

func (s *scanner) value(depth int) error {
	if s.pos >= len(s.src) {
		return s.fail("")
	}
	switch c := s.src[s.pos]; c {
	case '"':
		return s.str()
	case '{':
		return s.object(depth + 1)
	case '[':
		return s.array(depth + 1)
	case 't':
		return s.word("true")
	case 'f':
		return s.word("false")
	case 'n':
		return s.word("null")
	default:
		if c == '-' || '0' <= c && c <= '9' {
			return s.number()
		}
	}
	return s.fail("no value")
}

func (s *scanner) word(w string) error {
	if len(s.src)-s.pos < len(w) || string(s.src[s.pos:s.pos+len(w)]) != w {
		return s.fail("no value")
	}
	s.pos += len(w)
	return nil
}

func (s *scanner) digits() bool {
	from := s.pos
	for s.pos < len(s.src) && s.src[s.pos]-'0' <= 9 {
		s.pos++
	}
	return s.pos > from
}

func (s *scanner) at(c byte) bool { return s.pos < len(s.src) && s.src[s.pos] == c }

func (s *scanner) number() error {
	if s.at('-') {
		s.pos++
	}
	if s.at('0') {
		s.pos++
	} else if !s.digits() {
		return s.fail("not a number")
	}
	if s.at('.') {
		s.pos++
		if !s.digits() {
			return s.fail("not a number")
		}
	}
	if s.at('e') || s.at('E') {
		s.pos++
		if s.at('+') || s.at('-') {
			s.pos++
		}
		if !s.digits() {
			return s.fail("not a number")
		}
	}
	return nil
}

// Each byte of these words is the byte in its name.
const (
	ones   = 0x0101010101010101
	tops   = 0x80 * ones
	blanks = 0x20 * ones
	quotes = '"' * ones
	slants = '\\' * ones
)

// str scans from an opening quote to behind the closing one.
func (s *scanner) str() error {
	from := s.pos
	s.pos++
	ascii := true
	for {
		s.plain()
		if s.pos >= len(s.src) {
			return s.fail("")
		}
		switch c := s.src[s.pos]; {
		case c == '"':
			s.pos++
			if !ascii && !utf8.Valid(s.src[from:s.pos]) {
				s.pos = from
				return s.fail("a string that is not UTF-8")
			}
			return nil
		case c == '\\':
			if err := s.escape(); err != nil {
				return err
			}
		case c < ' ':
			return s.fail("a control character inside a string")
		default:
			ascii = false
			s.pos++
		}
	}
}

// plain moves to the next byte that is a quote, a backslash, a control
// character or not ASCII, eight bytes at a time.
func (s *scanner) plain() {
	for s.pos+8 <= len(s.src) {
		x := binary.LittleEndian.Uint64(s.src[s.pos:])
		q, b := x^quotes, x^slants
		hit := ((x-blanks)&^x | (q-ones)&^q | (b-ones)&^b | x) & tops
		if hit != 0 {
			s.pos += bits.TrailingZeros64(hit) / 8
			return
		}
		s.pos += 8
	}
	for s.pos < len(s.src) {
		if c := s.src[s.pos]; c < ' ' || c == '"' || c == '\\' || c >= utf8.RuneSelf {
			return
		}
		s.pos++
	}
}

// escape scans one escape sequence from its backslash.
func (s *scanner) escape() error {
	s.pos++
	if s.pos >= len(s.src) {
		return s.fail("")
	}
	switch s.src[s.pos] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		s.pos++
		return nil
	case 'u':
		s.pos++
		for range 4 {
			if s.pos >= len(s.src) || !hex(s.src[s.pos]) {
				return s.fail("an unknown escape")
			}
			s.pos++
		}
		return nil
	}
	return s.fail("an unknown escape")
}

func hex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'f'
}
