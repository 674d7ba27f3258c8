package document

import (
	"fmt"
	"hash/maphash"
	"slices"
	"unicode/utf8"

	"github.com/suiro/suiro/internal/jsontext"
)

const (
	// maxDepth is how deep a document may nest; Elasticsearch's own parser
	// stops at the same depth.
	maxDepth = 1000
	// certainDepth is how deep every JSON converter reads.
	certainDepth = 250
	// fewNames is up to how many names of an object are compared one by one.
	fewNames = 16
)

// SyntaxError says where bytes stop being one JSON object.
type SyntaxError struct {
	// At is the offset of the byte, from 0.
	At int
	// What is wrong there.
	What string
}

// Error names what is wrong and where.
func (e *SyntaxError) Error() string {
	return fmt.Sprintf("value is not a JSON object: %s at byte %d", e.What, e.At)
}

// Span is a stretch of a document; the zero Span is absent.
type Span struct {
	// From and To are the offsets of its first byte and of the one behind it.
	From, To int
}

// Found reports whether the stretch is there.
func (s Span) Found() bool { return s.To > 0 }

// Shape is what a scan learns of a valid document.
type Shape struct {
	// Object is where the object is, without the white space around it.
	Object Span
	// Empty means that the object has no fields.
	Empty bool
	// Multiline means that there is a line break between tokens. A bulk body
	// separates documents by line breaks, so these must be blanked.
	Multiline bool
	// Ambiguous means that readers of JSON may differ about what the text says:
	// a name may be there twice in an object, a surrogate has no partner, or it
	// nests deeper than converters read. Such a document is not copied, but
	// decoded and encoded, so that it means what its converter says.
	Ambiguous bool
}

// Scanner checks that bytes are one JSON object, in one pass and without
// decoding: what it accepts can stand in a line of a bulk body without changing
// the meaning of the lines around it. It is used by one goroutine at a time.
type Scanner struct {
	want  []string
	found []Span
	seed  maphash.Seed

	src       []byte
	pos       int
	multiline bool
	ambiguous bool
	names     []uint64 // hashes of the names in the objects that are open
}

// NewScanner returns a scanner that also finds the values of the top-level
// fields named in want.
func NewScanner(want ...string) *Scanner {
	return &Scanner{want: want, found: make([]Span, len(want)), seed: maphash.MakeSeed()}
}

// Scan checks src and tells the shape of the object.
func (s *Scanner) Scan(src []byte) (Shape, error) {
	clear(s.found)
	s.src, s.pos, s.names = src, 0, s.names[:0]
	s.multiline, s.ambiguous = false, false
	s.space()
	if s.pos == len(src) || src[s.pos] != '{' {
		return Shape{}, s.fail("no opening brace")
	}
	from := s.pos
	s.multiline = false
	if err := s.object(1); err != nil {
		return Shape{}, err
	}
	sh := Shape{Object: Span{from, s.pos}, Multiline: s.multiline, Ambiguous: s.ambiguous}
	if s.space(); s.pos != len(src) {
		return Shape{}, s.fail("something after the closing brace")
	}
	s.pos = from + 1
	sh.Empty = s.next() == '}'
	return sh, nil
}

// Field returns where the value of the field is that NewScanner was given as
// want[i], in what was scanned last; absent when there is no such field.
func (s *Scanner) Field(i int) Span { return s.found[i] }

func (s *Scanner) fail(what string) error {
	if s.pos >= len(s.src) {
		what = "it ends too early"
	}
	return &SyntaxError{s.pos, what}
}

func (s *Scanner) space() {
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
func (s *Scanner) next() byte {
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
func (s *Scanner) object(depth int) error {
	if err := s.deeper(depth); err != nil {
		return err
	}
	first := len(s.names)
	if s.next() == '}' {
		s.pos++
		return nil
	}
	for {
		if err := s.field(depth, first); err != nil {
			return err
		}
		switch s.next() {
		case ',':
			s.pos++
		case '}':
			s.pos++
			s.endNames(first)
			return nil
		default:
			return s.fail("neither comma nor closing brace")
		}
	}
}

// deeper moves past an opening brace or bracket.
func (s *Scanner) deeper(depth int) error {
	if depth > maxDepth {
		return s.fail(fmt.Sprintf("nesting deeper than %d", maxDepth))
	}
	s.ambiguous = s.ambiguous || depth > certainDepth
	s.pos++
	return nil
}

// field scans a name and its value; first is where the names of its object
// begin in names.
func (s *Scanner) field(depth, first int) error {
	if s.next() != '"' {
		return s.fail("no field name")
	}
	from := s.pos + 1
	escaped, err := s.str()
	if err != nil {
		return err
	}
	name := s.src[from : s.pos-1]
	s.noteName(name, first, escaped)
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
		s.note(name, Span{from, s.pos})
	}
	return nil
}

// noteName looks for a name that its object has already. Names are compared by
// their hashes: two that differ and share one are only decoded in vain. A name
// with an escape may be one of the others in another spelling.
func (s *Scanner) noteName(name []byte, first int, escaped bool) {
	h := maphash.Bytes(s.seed, name)
	before := s.names[first:]
	if escaped || len(before) < fewNames && slices.Contains(before, h) {
		s.ambiguous = true
	}
	s.names = append(s.names, h)
}

// endNames forgets the names of an object. Those of a large one are compared
// now, in order.
func (s *Scanner) endNames(first int) {
	if names := s.names[first:]; len(names) > fewNames {
		slices.Sort(names)
		for i := range names[1:] {
			s.ambiguous = s.ambiguous || names[i] == names[i+1]
		}
	}
	s.names = s.names[:first]
}

func (s *Scanner) note(name []byte, value Span) {
	for i, w := range s.want {
		if string(name) == w {
			s.found[i] = value
		}
	}
}

// array scans from an opening bracket to behind the closing one.
func (s *Scanner) array(depth int) error {
	if err := s.deeper(depth); err != nil {
		return err
	}
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

func (s *Scanner) value(depth int) error {
	if s.pos >= len(s.src) {
		return s.fail("")
	}
	switch c := s.src[s.pos]; c {
	case '"':
		_, err := s.str()
		return err
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

func (s *Scanner) word(w string) error {
	if len(s.src)-s.pos < len(w) || string(s.src[s.pos:s.pos+len(w)]) != w {
		return s.fail("no value")
	}
	s.pos += len(w)
	return nil
}

func (s *Scanner) digits() bool {
	from := s.pos
	for s.pos < len(s.src) && s.src[s.pos]-'0' <= 9 {
		s.pos++
	}
	return s.pos > from
}

func (s *Scanner) at(c byte) bool { return s.pos < len(s.src) && s.src[s.pos] == c }

func (s *Scanner) number() error {
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

// str scans from an opening quote to behind the closing one, and reports
// whether there is an escape between.
func (s *Scanner) str() (escaped bool, err error) {
	from := s.pos
	s.pos++
	ascii := true
	for {
		if s.pos = jsontext.Special(s.src, s.pos); s.pos >= len(s.src) {
			return false, s.fail("")
		}
		switch c := s.src[s.pos]; {
		case c == '"':
			s.pos++
			if !ascii && !utf8.Valid(s.src[from:s.pos]) {
				s.pos = from
				return false, s.fail("a string that is not UTF-8")
			}
			return escaped, nil
		case c == '\\':
			escaped = true
			if err := s.escape(); err != nil {
				return false, err
			}
		case c < ' ':
			return false, s.fail("a control character inside a string")
		default:
			ascii = false
			s.pos++
		}
	}
}

// escape scans one escape sequence from its backslash, or two that are one
// character.
func (s *Scanner) escape() error {
	s.pos++
	if s.pos >= len(s.src) {
		return s.fail("")
	}
	switch s.src[s.pos] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		s.pos++
		return nil
	case 'u':
		unit, err := s.unit()
		switch {
		case err != nil:
			return err
		case unit>>11 != 0xd800>>11:
			return nil
		case unit >= 0xdc00 || !s.at('\\') || s.pos+1 >= len(s.src) || s.src[s.pos+1] != 'u':
			s.ambiguous = true
			return nil
		}
		s.pos++
		unit, err = s.unit()
		s.ambiguous = s.ambiguous || unit>>10 != 0xdc00>>10
		return err
	}
	return s.fail("an unknown escape")
}

// unit scans a UTF-16 code unit from its u.
func (s *Scanner) unit() (unit rune, err error) {
	s.pos++
	for range 4 {
		if s.pos >= len(s.src) {
			return 0, s.fail("")
		}
		c := s.src[s.pos]
		switch {
		case '0' <= c && c <= '9':
			unit = unit<<4 | rune(c-'0')
		case 'a' <= c|0x20 && c|0x20 <= 'f':
			unit = unit<<4 | rune(c|0x20-'a'+10)
		default:
			return 0, s.fail("an unknown escape")
		}
		s.pos++
	}
	return unit, nil
}
