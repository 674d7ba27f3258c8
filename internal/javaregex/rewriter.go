package javaregex

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// rewriter rewrites an expression of Java, from left to right, into one of an engine
// that has look-around, back references and atomic groups as Java writes them, numbers
// named groups behind the others, and knows neither possessive quantifiers nor classes
// within classes.
type rewriter struct {
	reader
	out    []byte
	atom   int   // where in out the last atom begins that may be repeated, or none
	open   []int // where in out the groups begin that are not closed
	groups int
	names  map[string]int
}

const none = -1

var (
	errNothing  = errors.New("a quantifier has nothing to repeat: write \\ before it where it stands for itself")
	errClose    = errors.New("a ) has no (")
	errOpen     = errors.New("a ( has no )")
	errGroup    = errors.New("there is no such group (?")
	errFlag     = errors.New("of flags, only i, m, s, u and d are supported")
	errNoGroup  = errors.New("a back reference names a group that does not stand before it")
	errBoundary = errors.New("\\b{g}, \\G, \\X and \\N are not supported")
)

var (
	special   = regexp.MustCompile(`^\(\?(:|=|!|>|<=|<!)`)
	namedOpen = regexp.MustCompile(`^\(\?<([a-zA-Z][a-zA-Z0-9]*)>`)
	flags     = regexp.MustCompile(`^\(\?([a-zA-Z]*(?:-[a-zA-Z]*)?)([:)])`)
	reference = regexp.MustCompile(`^\\k<([a-zA-Z][a-zA-Z0-9]*)>`)
)

func (r *rewriter) run() error {
	for r.rest != "" {
		if err := r.step(); err != nil {
			return err
		}
	}
	if len(r.open) > 0 {
		return errOpen
	}
	return nil
}

func (r *rewriter) step() error {
	switch c := r.rest[0]; c {
	case '\\':
		return r.escape()
	case '[':
		return r.class()
	case '(':
		return r.group()
	case ')':
		if len(r.open) == 0 {
			return errClose
		}
		r.put(")", 1)
		r.atom = r.open[len(r.open)-1]
		r.open = r.open[:len(r.open)-1]
	case '|', '^', '$':
		r.put(string(c), 1)
		r.atom = none
	case '*', '+', '?', '{':
		return r.quantifier()
	case '.':
		r.begin()
		r.put(".", 1)
	default:
		char, size := utf8.DecodeRuneInString(r.rest)
		r.literal(char)
		r.rest = r.rest[size:]
	}
	return nil
}

// put appends text for n bytes that were read.
func (r *rewriter) put(text string, n int) {
	r.out = append(r.out, text...)
	r.rest = r.rest[n:]
}

// begin says that an atom follows.
func (r *rewriter) begin() { r.atom = len(r.out) }

// literal appends a character that stands for itself.
func (r *rewriter) literal(char rune) {
	r.begin()
	if char > ' ' && char < 0x7f && !isWord(char) {
		r.out = append(r.out, '\\')
	}
	r.out = utf8.AppendRune(r.out, char)
}

func isWord(c rune) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_'
}

func (r *rewriter) group() error {
	if m := special.FindString(r.rest); m != "" {
		r.open = append(r.open, len(r.out))
		r.put(m, len(m))
	} else if m := namedOpen.FindStringSubmatch(r.rest); m != nil {
		r.groups++
		if _, there := r.names[m[1]]; there {
			return fmt.Errorf("two groups have the name %q", m[1])
		}
		r.names[m[1]] = r.groups
		r.open = append(r.open, len(r.out))
		r.put("(", len(m[0]))
	} else if m := flags.FindStringSubmatch(r.rest); m != nil {
		return r.setFlags(m)
	} else if strings.HasPrefix(r.rest, "(?") {
		return errGroup
	} else {
		r.groups++
		r.open = append(r.open, len(r.out))
		r.put("(", 1)
	}
	r.atom = none
	return nil
}

// setFlags leaves out u and d, which are what the engine does anyway.
func (r *rewriter) setFlags(m []string) error {
	set := strings.NewReplacer("u", "", "d", "").Replace(m[1])
	if strings.Trim(set, "ims-") != "" {
		return errFlag
	}
	if m[2] == ":" {
		r.open = append(r.open, len(r.out))
	}
	switch set = strings.TrimSuffix(set, "-"); {
	case set != "":
		r.put("(?"+set+m[2], len(m[0]))
	case m[2] == ":":
		r.put("(?:", len(m[0]))
	default:
		r.put("", len(m[0]))
	}
	r.atom = none
	return nil
}

// quantifier repeats the last atom. A + behind it makes it keep what it took, as an
// atomic group does.
func (r *rewriter) quantifier() error {
	size := 1
	if r.rest[0] == '{' {
		if size = len(quantifier.FindString(r.rest)); size == 0 {
			return errBrace
		}
	}
	if r.atom == none {
		return errNothing
	}
	r.put(r.rest[:size], size)
	switch {
	case strings.HasPrefix(r.rest, "+"):
		atom := "(?>" + string(r.out[r.atom:]) + ")"
		r.out = append(r.out[:r.atom], atom...)
		r.rest = r.rest[1:]
	case strings.HasPrefix(r.rest, "?"):
		r.put("?", 1)
	}
	r.atom = none
	return nil
}

func (r *rewriter) escape() error {
	if len(r.rest) < 2 {
		return errEnd
	}
	switch c := r.rest[1]; c {
	case 'Q':
		quoted, rest, _ := strings.Cut(r.rest[2:], `\E`)
		for _, char := range quoted {
			r.literal(char)
		}
		r.rest = rest
	case 'A', 'Z', 'z', 'b', 'B':
		if strings.HasPrefix(r.rest[2:], "{") {
			return errBoundary
		}
		r.put(r.rest[:2], 2)
		r.atom = none
	case 'G', 'X', 'N':
		return errBoundary
	case 'R':
		r.begin()
		r.put(`(?>\r\n|[\n\x0b\f\r\x85\u2028\u2029])`, 2)
	case 'k', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		return r.reference()
	default:
		it, err := r.item()
		if err != nil {
			return err
		}
		if it.isChar {
			r.literal(it.char)
			return nil
		}
		r.begin()
		r.out = append(r.out, it.pattern()...)
	}
	return nil
}

// reference reads a back reference. As in Java, a digit belongs to the number only
// while there are so many groups before it.
func (r *rewriter) reference() error {
	n, size := 0, 0
	if m := reference.FindStringSubmatch(r.rest); m != nil {
		n, size = r.names[m[1]], len(m[0])
	} else {
		for size = 1; size < len(r.rest) && '0' <= r.rest[size] && r.rest[size] <= '9'; size++ {
			next := n*10 + int(r.rest[size]-'0')
			if n > 0 && next > r.groups {
				break
			}
			n = next
		}
	}
	if n == 0 || n > r.groups {
		return errNoGroup
	}
	r.begin()
	r.put(`\k<`+strconv.Itoa(n)+`>`, size)
	return nil
}

// class appends a class.
func (r *rewriter) class() error {
	text, err := r.readClass(0)
	if err != nil {
		return err
	}
	r.begin()
	r.out = append(r.out, text...)
	return nil
}
