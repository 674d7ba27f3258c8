// Package javaregex compiles the regular expressions of Java, as configurations
// of Kafka Connect have them. [Compile] makes expressions of Go, which others can
// be given; [ParsePattern] takes what those lack, too.
//
// # Into expressions of Go
//
// What both write alike is compiled as it is, and what Java writes in a way of its
// own is rewritten: \h, \R, \Z, \uXXXX, \p{Alpha}. What Go does not have, or
// would read as something else, is an error: look-around, back references,
// possessive quantifiers, intersections and unions of classes, a { that is not a
// quantifier. In return an expression takes time in proportion to the text.
//
// # With look-around
//
// Look-around, back references, atomic groups, possessive quantifiers, and classes
// within classes with && are run by an engine that steps back. What it lacks is
// rewritten or refused: possessive quantifiers are atomic groups, an intersection of
// classes is a look-ahead, groups with names are numbered as in Java. The flags x and
// U, \b{g}, \G, \X, \N{…} and Java's own properties (\p{javaLowerCase}) are errors.
package javaregex

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// Compile compiles an expression of Java. Blanks at its ends count.
func Compile(expr string) (*regexp.Regexp, error) {
	t := translator{rest: expr}
	if err := t.run(); err != nil {
		return nil, fmt.Errorf("regular expression %q: %w", expr, err)
	}
	re, err := regexp.Compile(t.out.String())
	if err != nil {
		return nil, fmt.Errorf("regular expression %q: %w; look-around, back references and possessive quantifiers "+
			"are not supported", expr, err)
	}
	return re, nil
}

// Whole compiles an expression of Java that only whole texts match.
func Whole(expr string) (*regexp.Regexp, error) {
	re, err := Compile(expr)
	if err != nil {
		return nil, err
	}
	return regexp.Compile(`\A(?:` + re.String() + `)\z`)
}

// Valid accepts text that Compile accepts. It is a check for config.Func.
func Valid(v any) error {
	_, err := Compile(fmt.Sprint(v))
	return err
}

// translator rewrites an expression from left to right.
type translator struct {
	rest  string
	out   strings.Builder
	class int // how deep within [ ]: 0 or 1
}

var (
	errBrace        = errors.New("write { as \\{ where it is not a quantifier, such as {2,3}")
	errIntersection = errors.New("intersections of classes (&&) are not supported: write one class")
	errUnion        = errors.New("a class within a class is not supported: write one class, or \\[ for a bracket")
	errUnicodeFlag  = errors.New("the flag U is not supported")
	errReference    = errors.New("back references (\\1, \\k) are not supported")
	errEnd          = errors.New("a backslash ends the expression")
)

var (
	quantifier  = regexp.MustCompile(`^\{\d+(,\d*)?\}`)
	unicodeFlag = regexp.MustCompile(`^\(\?[a-zA-Z-]*U`)
)

func (t *translator) run() error {
	for t.rest != "" {
		if err := t.step(); err != nil {
			return err
		}
	}
	return nil
}

func (t *translator) step() error {
	switch c := t.rest[0]; {
	case c == '\\':
		return t.escape()
	case t.class > 0:
		return t.inClass(c)
	case c == '[':
		t.class = 1
		t.take(1)
		if strings.HasPrefix(t.rest, "^") {
			t.take(1)
		}
		if strings.HasPrefix(t.rest, "]") {
			t.take(1) // the first ] stands for itself
		}
	case c == '{':
		m := quantifier.FindString(t.rest)
		if m == "" {
			return errBrace
		}
		t.take(len(m))
	case c == '(' && unicodeFlag.MatchString(t.rest):
		return errUnicodeFlag
	default:
		t.take(1)
	}
	return nil
}

func (t *translator) inClass(c byte) error {
	switch {
	case strings.HasPrefix(t.rest, "&&"):
		return errIntersection
	case c == '[':
		return errUnion
	case c == ']':
		t.class = 0
	}
	t.take(1)
	return nil
}

// take copies n bytes.
func (t *translator) take(n int) {
	t.out.WriteString(t.rest[:n])
	t.rest = t.rest[n:]
}

// put writes text in place of n bytes.
func (t *translator) put(text string, n int) {
	t.out.WriteString(text)
	t.rest = t.rest[n:]
}

// sets are escapes for several characters, as the inside of a class.
var sets = map[byte]string{
	'h': ` \t\x{a0}\x{1680}\x{180e}\x{2000}-\x{200a}\x{202f}\x{205f}\x{3000}`,
	'v': `\n\x{0b}\f\r\x{85}\x{2028}\x{2029}`,
	's': `\s\x{0b}`,
}

func (t *translator) escape() error {
	if len(t.rest) < 2 {
		return errEnd
	}
	c := t.rest[1]
	if set, ok := sets[c|0x20]; ok {
		return t.set(set, c < 'a')
	}
	switch c {
	case 'Q':
		if i := strings.Index(t.rest, `\E`); i >= 0 {
			t.put(regexp.QuoteMeta(t.rest[2:i]), i+2)
		} else {
			t.put(regexp.QuoteMeta(t.rest[2:]), len(t.rest))
		}
	case 'Z':
		t.put(`\z`, 2)
	case 'R':
		t.put(`(?:\r\n|[`+sets['v']+`])`, 2)
	case 'e':
		t.put(`\x1b`, 2)
	case 'u':
		return t.code(2, 4, 16)
	case '0':
		return t.octal()
	case '1', '2', '3', '4', '5', '6', '7', '8', '9', 'k':
		return errReference
	case 'p', 'P':
		return t.property(c == 'P')
	default:
		t.take(2)
	}
	return nil
}

func (t *translator) set(set string, negated bool) error {
	switch {
	case t.class > 0 && negated:
		return errUnion
	case t.class > 0:
		t.put(set, 2)
	case negated:
		t.put("[^"+set+"]", 2)
	default:
		t.put("["+set+"]", 2)
	}
	return nil
}

// code reads the digits of a character's number.
func (t *translator) code(from, digits, base int) error {
	if len(t.rest) < from+digits {
		return fmt.Errorf("%s is not the number of a character", t.rest)
	}
	n, err := strconv.ParseUint(t.rest[from:from+digits], base, 21)
	if err != nil {
		return fmt.Errorf("%s is not the number of a character", t.rest[:from+digits])
	}
	t.put(fmt.Sprintf(`\x{%x}`, n), from+digits)
	return nil
}

// octal reads up to three digits, up to 0377.
func (t *translator) octal() error { return t.code(2, t.octalDigits(), 8) }

func (t *translator) octalDigits() int {
	n := 0
	for n < 3 && 2+n < len(t.rest) && '0' <= t.rest[2+n] && t.rest[2+n] <= '7' {
		n++
	}
	if n == 3 && t.rest[2] > '3' {
		n = 2
	}
	return max(n, 1)
}

// posix are the names of classes that Java has from POSIX.
var posix = map[string]string{
	"Lower": "lower", "Upper": "upper", "ASCII": "ascii", "Alpha": "alpha", "Digit": "digit", "Alnum": "alnum",
	"Punct": "punct", "Graph": "graph", "Print": "print", "Blank": "blank", "Cntrl": "cntrl",
	"XDigit": "xdigit", "Space": "space",
}

// property rewrites \p{Name}.
func (t *translator) property(negated bool) error {
	name, _, ok := strings.Cut(strings.TrimPrefix(t.rest[2:], "{"), "}")
	if !ok || t.rest[2] != '{' {
		t.take(2)
		return nil
	}
	size := len(name) + 4
	if class, ok := posix[name]; ok {
		if negated {
			class = "^" + class
		}
		class = "[:" + class + ":]"
		if t.class == 0 {
			class = "[" + class + "]"
		}
		t.put(class, size)
		return nil
	}
	t.put(t.rest[:3]+strings.TrimPrefix(name, "Is")+"}", size)
	return nil
}
