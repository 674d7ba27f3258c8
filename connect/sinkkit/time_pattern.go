package sinkkit

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// TimePattern writes a time as part of a name, so that records of one day or
// hour come together: 'dt='YYYY-MM-dd/'hour='HH for directories, yyyy.MM.dd for
// indices. It has these letters of Joda-Time, with quoted text between:
//
//	y Y   year             H   hour of day, 0-23     S   fraction of second
//	M     month, number    m   minute                D   day of year
//	d     day of month     s   second
//
// A letter repeated is padded with zeros to that width; yy and YY are the last
// two digits. Other letters must be quoted; two quotes are a quote. A
// TimePattern does not change and may be used from any goroutine.
type TimePattern struct {
	parts []timePart
}

// timePart is literal text, or a letter and its width.
type timePart struct {
	text   string
	letter byte
	width  int
}

// timeLetters are the letters of a pattern and how long each stays the same.
var timeLetters = map[byte]time.Duration{
	'y': 24 * time.Hour, 'Y': 24 * time.Hour, 'M': 24 * time.Hour, 'd': 24 * time.Hour, 'D': 24 * time.Hour,
	'H': time.Hour, 'm': time.Minute, 's': time.Second, 'S': time.Nanosecond,
}

// ParseTimePattern compiles a pattern. The error names the part that is wrong
// and what is accepted, but not the whole pattern.
func ParseTimePattern(text string) (*TimePattern, error) {
	p := &TimePattern{}
	for rest := text; rest != ""; {
		var part timePart
		var n int
		var err error
		switch c := rest[0]; {
		case c == '\'':
			part.text, n, err = quoted(rest)
		case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z':
			part.letter, n, err = letters(rest)
			part.width = n
		default:
			part.text, n = rest[:1], 1
		}
		if err != nil {
			return nil, err
		}
		p.parts = append(p.parts, part)
		rest = rest[n:]
	}
	return p, nil
}

// quoted reads the quoted text that s begins with; n is its length in s.
func quoted(s string) (text string, n int, err error) {
	if strings.HasPrefix(s, "''") {
		return "'", 2, nil
	}
	end := strings.IndexByte(s[1:], '\'')
	if end < 0 {
		return "", 0, errors.New("a quote is not closed")
	}
	return s[1 : end+1], end + 2, nil
}

// letters reads the equal letters that s begins with.
func letters(s string) (letter byte, n int, err error) {
	for n < len(s) && s[n] == s[0] {
		n++
	}
	if timeLetters[s[0]] == 0 || s[0] == 'M' && n > 2 {
		return 0, 0, fmt.Errorf("%q is not supported: use y, Y, M, MM, d, D, H, m, s or S, or quote the text", s[:n])
	}
	return s[0], n, nil
}

// Format writes t in its own location. Years are written as they are: a caller
// who cannot be sure of a time checks that its year is between 0 and 9999.
func (p *TimePattern) Format(t time.Time) string {
	b := make([]byte, 0, 32)
	for i := range p.parts {
		if part := &p.parts[i]; part.letter == 0 {
			b = append(b, part.text...)
		} else {
			b = part.append(b, t)
		}
	}
	return string(b)
}

func (p *timePart) append(b []byte, t time.Time) []byte {
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
	var digits [20]byte
	d := strconv.AppendInt(digits[:0], int64(n), 10)
	for range p.width - len(d) {
		b = append(b, '0')
	}
	return append(b, d...)
}

// Unit returns the longest time within which the text of UTC times cannot
// change, when counted from its multiples: a day, an hour, a minute, a second
// or a nanosecond. A caller that formats many times can keep the text that long.
func (p *TimePattern) Unit() time.Duration {
	unit := 24 * time.Hour
	for i := range p.parts {
		if d := timeLetters[p.parts[i].letter]; d > 0 {
			unit = min(unit, d)
		}
	}
	return unit
}
