package javaregex

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// reader reads escapes and classes.
type reader struct{ rest string }

// item is what an escape or a part of a class stands for: a character, or a set of
// characters.
type item struct {
	char    rune
	isChar  bool
	set     string // the inside of a class
	negated bool   // the set is of all others
}

// pattern is the item as a class.
func (it item) pattern() string {
	if it.negated {
		return "[^" + it.set + "]"
	}
	return "[" + it.set + "]"
}

// ascii are the sets of escapes and of \p{…} in ASCII, as the inside of a class.
var ascii = map[string]string{
	"d": `0-9`, "w": `a-zA-Z0-9_`, "s": ` \t\n\x0b\f\r`,
	"h": ` \t\xa0\u1680\u180e\u2000-\u200a\u202f\u205f\u3000`, "v": `\n\x0b\f\r\x85\u2028\u2029`,
	"Lower": `a-z`, "Upper": `A-Z`, "ASCII": `\x00-\x7f`, "Alpha": `a-zA-Z`, "Digit": `0-9`, "Alnum": `a-zA-Z0-9`,
	"Punct": `!-/:-@\x5b-\x60{-~`, "Graph": `!-~`, "Print": ` -~`, "Blank": ` \t`, "Cntrl": `\x00-\x1f\x7f`,
	"XDigit": `0-9a-fA-F`, "Space": ` \t\n\x0b\f\r`,
}

// controls are the escapes of single characters.
var controls = map[byte]rune{'t': '\t', 'n': '\n', 'r': '\r', 'f': '\f', 'a': 7, 'e': 27}

// item reads an escape, of which there is at least one character behind the backslash.
func (r *reader) item() (item, error) {
	c := r.rest[1]
	if set, ok := ascii[strings.ToLower(string(rune(c)))]; ok && c < utf8.RuneSelf {
		r.rest = r.rest[2:]
		return item{set: set, negated: c < 'a'}, nil
	}
	switch {
	case c == 'p' || c == 'P':
		return r.property()
	case controls[c] != 0:
		r.rest = r.rest[2:]
		return item{char: controls[c], isChar: true}, nil
	case c == 'c' && len(r.rest) > 2 && r.rest[2] < utf8.RuneSelf:
		char := rune(r.rest[2] ^ 64)
		r.rest = r.rest[3:]
		return item{char: char, isChar: true}, nil
	case c == 'u':
		return r.code(2, 4, 16)
	case c == 'x' && strings.HasPrefix(r.rest, `\x{`):
		end := strings.IndexByte(r.rest, '}')
		if end < 4 || end > 10 {
			return item{}, fmt.Errorf("%.12s is not the number of a character", r.rest)
		}
		it, err := r.code(3, end-3, 16)
		if err == nil {
			r.rest = r.rest[1:]
		}
		return it, err
	case c == 'x':
		return r.code(2, 2, 16)
	case c == '0':
		t := translator{rest: r.rest}
		return r.code(2, t.octalDigits(), 8)
	case c < utf8.RuneSelf && unicode.IsLetter(rune(c)):
		return item{}, fmt.Errorf("there is no escape \\%c", c)
	}
	char, size := utf8.DecodeRuneInString(r.rest[1:])
	r.rest = r.rest[1+size:]
	return item{char: char, isChar: true}, nil
}

// code reads the digits of a character's number.
func (r *reader) code(from, digits, base int) (item, error) {
	if len(r.rest) < from+digits {
		return item{}, fmt.Errorf("%.12s is not the number of a character", r.rest)
	}
	n, err := strconv.ParseUint(r.rest[from:from+digits], base, 21)
	if err != nil || n > unicode.MaxRune || 0xd800 <= n && n < 0xe000 {
		return item{}, fmt.Errorf("%.12s is not the number of a character", r.rest[:from+digits])
	}
	r.rest = r.rest[from+digits:]
	return item{char: rune(n), isChar: true}, nil
}

// property reads \p{Name} or \pL.
func (r *reader) property() (item, error) {
	negated := r.rest[1] == 'P'
	name, size := "", 3
	if strings.HasPrefix(r.rest[2:], "{") {
		name, _, _ = strings.Cut(r.rest[3:], "}")
		size = min(len(name)+4, len(r.rest))
	} else if len(r.rest) > 2 {
		name = r.rest[2:3]
	}
	if set, ok := ascii[name]; ok && len(name) > 1 {
		r.rest = r.rest[size:]
		return item{set: set, negated: negated}, nil
	}
	name = strings.TrimPrefix(name, "Is")
	if unicode.Categories[name] == nil && unicode.Scripts[name] == nil {
		return item{}, fmt.Errorf("there is no property %.40q of characters here: use a category such as Lu, or a script "+
			"such as IsLatin", name)
	}
	r.rest = r.rest[size:]
	return item{set: `\p{` + name + `}`, negated: negated}, nil
}

var (
	errClass  = errors.New("a [ has no ], or nothing in it")
	errNested = errors.New("classes are nested too deeply")
	errRange  = errors.New("a range in a class does not end with a character after its first one")
)

// deepest is how deep classes may be nested.
const deepest = 50

// operand is what stands between the && of a class: a union.
type operand struct {
	set    string   // the inside of a class
	others []string // patterns of one character
}

func (o operand) pattern() string {
	switch {
	case len(o.others) == 0:
		return "[" + o.set + "]"
	case o.set != "":
		o.others = append([]string{"[" + o.set + "]"}, o.others...)
	}
	if len(o.others) == 1 {
		return o.others[0]
	}
	return "(?:" + strings.Join(o.others, "|") + ")"
}

// readClass reads a class as a pattern of one character. Negation is of the whole.
func (r *reader) readClass(depth int) (string, error) {
	if depth > deepest {
		return "", errNested
	}
	r.rest = r.rest[1:]
	rest, negated := strings.CutPrefix(r.rest, "^")
	r.rest = rest
	var operands []operand
	for end := false; !end; {
		o, err := r.readOperand(depth, len(operands) == 0)
		if err != nil {
			return "", err
		}
		operands = append(operands, o)
		if r.rest, end = strings.CutPrefix(r.rest, "]"); !end {
			r.rest = strings.TrimPrefix(r.rest, "&&")
		}
	}
	if len(operands) == 1 && len(operands[0].others) == 0 {
		return item{set: operands[0].set, negated: negated}.pattern(), nil
	}
	text := operands[0].pattern()
	for _, o := range operands[1:] {
		text = "(?=" + o.pattern() + ")" + text
	}
	if negated {
		return `(?:(?!` + text + `)[\s\S])`, nil
	}
	return "(?:" + text + ")", nil
}

// readOperand reads up to && or the end of the class. The first ] of a class stands
// for itself.
func (r *reader) readOperand(depth int, first bool) (o operand, err error) {
	for empty := true; ; empty = false {
		switch {
		case r.rest == "":
			return o, errClass
		case strings.HasPrefix(r.rest, "&&"), r.rest[0] == ']' && !(empty && first):
			if empty {
				return o, errClass
			}
			return o, nil
		case r.rest[0] == '[':
			inner, err := r.readClass(depth + 1)
			if err != nil {
				return o, err
			}
			o.others = append(o.others, inner)
		default:
			if err := r.readItem(&o); err != nil {
				return o, err
			}
		}
	}
}

// readItem reads a character, a range, an escape or a quotation.
func (r *reader) readItem(o *operand) error {
	if quoted, ok := strings.CutPrefix(r.rest, `\Q`); ok {
		quoted, r.rest, _ = strings.Cut(quoted, `\E`)
		for _, char := range quoted {
			o.set += inClass(char)
		}
		return nil
	}
	low, err := r.classItem()
	switch {
	case err != nil:
		return err
	case !low.isChar && low.negated:
		o.others = append(o.others, low.pattern())
		return nil
	case !low.isChar:
		o.set += low.set
		return nil
	}
	o.set += inClass(low.char)
	if len(r.rest) < 2 || r.rest[0] != '-' || r.rest[1] == ']' || r.rest[1] == '[' || strings.HasPrefix(r.rest[1:], "&&") {
		return nil
	}
	r.rest = r.rest[1:]
	high, err := r.classItem()
	if err != nil {
		return err
	}
	if !high.isChar || high.char < low.char {
		return errRange
	}
	o.set += "-" + inClass(high.char)
	return nil
}

func (r *reader) classItem() (item, error) {
	if r.rest[0] == '\\' {
		if len(r.rest) < 2 {
			return item{}, errEnd
		}
		return r.item()
	}
	char, size := utf8.DecodeRuneInString(r.rest)
	r.rest = r.rest[size:]
	return item{char: char, isChar: true}, nil
}

// inClass is a character within a class.
func inClass(char rune) string {
	if char < utf8.RuneSelf && !isWord(char) {
		return fmt.Sprintf(`\x%02x`, char)
	}
	return string(char)
}
