package layout

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Pattern is a compiled path.format: Joda-Time's letters with quoted text
// between, as 'dt='YYYY-MM-dd/'hour='HH. The letters are
//
//	y Y   year             H   hour of day, 0-23     S   fraction of second
//	M     month, number    m   minute                D   day of year
//	d     day of month     s   second
//
// A letter repeated is padded with zeros to that width; yy and YY are the last
// two digits. Other letters must be quoted; ” is a quote.
type Pattern struct {
	parts []part
	text  string
}

// part is literal text, or a letter and its width.
type part struct {
	literal string
	letter  byte
	width   int
}

// ParsePattern compiles a path.format.
func ParsePattern(text string) (*Pattern, error) {
	p := &Pattern{text: text}
	for i := 0; i < len(text); {
		var n int
		var err error
		switch c := text[i]; {
		case c == '\'':
			n, err = p.quoted(text[i:])
		case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z':
			n, err = p.letters(text[i:])
		default:
			n = 1
			p.literal(text[i : i+1])
		}
		if err != nil {
			return nil, fmt.Errorf("path format %q: %w", text, err)
		}
		i += n
	}
	for _, dir := range strings.Split(p.Format(time.Unix(0, 0).UTC()), "/") {
		if strings.HasPrefix(dir, "+") {
			return nil, fmt.Errorf("path format %q: a directory that begins with + is the sink's own", text)
		}
		if err := CheckName(dir); err != nil {
			return nil, fmt.Errorf("path format %q: %w", text, err)
		}
	}
	return p, nil
}

func (p *Pattern) literal(s string) { p.parts = append(p.parts, part{literal: s}) }

// quoted reads quoted text and returns its length.
func (p *Pattern) quoted(s string) (int, error) {
	if strings.HasPrefix(s, "''") {
		p.literal("'")
		return 2, nil
	}
	end := strings.IndexByte(s[1:], '\'')
	if end < 0 {
		return 0, fmt.Errorf("a quote is not closed")
	}
	p.literal(s[1 : end+1])
	return end + 2, nil
}

func (p *Pattern) letters(s string) (int, error) {
	n := 1
	for n < len(s) && s[n] == s[0] {
		n++
	}
	if !strings.ContainsRune("yYMdHmsSD", rune(s[0])) || s[0] == 'M' && n > 2 {
		return 0, fmt.Errorf("%q is not supported: use y, Y, M, MM, d, D, H, m, s, S, or quote the text", s[:n])
	}
	p.parts = append(p.parts, part{letter: s[0], width: n})
	return n, nil
}

// Format writes t, in its own location, by the pattern.
func (p *Pattern) Format(t time.Time) string {
	b := make([]byte, 0, 32)
	for _, part := range p.parts {
		if part.letter == 0 {
			b = append(b, part.literal...)
		} else {
			b = part.append(b, t)
		}
	}
	return string(b)
}

func (p part) append(b []byte, t time.Time) []byte {
	var n int
	switch p.letter {
	case 'y', 'Y':
		n = t.Year()
		if p.width == 2 {
			n %= 100
		}
	case 'M':
		n = int(t.Month())
	case 'd':
		n = t.Day()
	case 'D':
		n = t.YearDay()
	case 'H':
		n = t.Hour()
	case 'm':
		n = t.Minute()
	case 's':
		n = t.Second()
	case 'S':
		return append(b, fmt.Sprintf("%09d", t.Nanosecond())[:min(p.width, 9)]...)
	}
	return appendPadded(b, n, p.width)
}

// appendPadded appends n, not negative, with leading zeros up to width.
func appendPadded(b []byte, n, width int) []byte {
	var digits [20]byte
	d := strconv.AppendInt(digits[:0], int64(n), 10)
	for range width - len(d) {
		b = append(b, '0')
	}
	return append(b, d...)
}

// Keys returns the names before the = of each directory, which are the
// partition columns of a Hive table, and false when a directory has none.
func (p *Pattern) Keys() ([]string, bool) { return keysOf(p.Format(time.Unix(0, 0).UTC())) }

// keysOf returns the names in a path of name=value directories.
func keysOf(path string) ([]string, bool) {
	var keys []string
	for _, dir := range strings.Split(path, "/") {
		key, _, ok := strings.Cut(dir, "=")
		if !ok || key == "" {
			return nil, false
		}
		keys = append(keys, key)
	}
	return keys, true
}
