package javatime

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Parse reads the time at the start of s. A name of a zone that Java does not
// know is an error.
func (f *Format) Parse(s string) (time.Time, error) {
	p := parser{century: f.century, text: s}
	for i := range f.items {
		it := &f.items[i]
		if it.letter == 0 {
			if !strings.HasPrefix(s[p.at:], it.text) {
				return time.Time{}, p.error(fmt.Sprintf("want %q", it.text))
			}
			p.at += len(it.text)
			continue
		}
		if !p.field(it) {
			return time.Time{}, p.error("want " + meanings[it.letter])
		}
	}
	if p.at == 0 {
		return time.Time{}, p.error("the pattern reads nothing of it")
	}
	at := p.fields.time(p.century)
	if !fitsMillis(at) {
		return time.Time{}, fmt.Errorf("%.60q is more than 292 million years from 1970: "+
			"64 bits do not hold its milliseconds", s)
	}
	return at, nil
}

// fitsMillis reports whether an int64 holds the milliseconds of at. A year may have 31
// bits, of which Java takes what is left of the milliseconds when the rest is cut.
func fitsMillis(at time.Time) bool {
	return time.UnixMilli(at.UnixMilli()).Unix() == at.Unix()
}

// meanings are what the letters stand for.
var meanings = map[byte]string{
	'G': "an era", 'y': "a year", 'Y': "a year", 'M': "a month", 'L': "a month", 'd': "a day", 'D': "a day of the year",
	'F': "a day of the week in the month", 'w': "a week", 'W': "a week of the month", 'E': "a day of the week",
	'u': "a day of the week", 'a': "AM or PM", 'H': "an hour", 'k': "an hour", 'K': "an hour", 'h': "an hour",
	'm': "minutes", 's': "seconds", 'S': "milliseconds", 'z': "a zone that Java knows", 'Z': "a zone", 'X': "a zone",
}

type parser struct {
	text    string
	at      int // how far text is read
	century time.Time
	fields  fields
}

func (p *parser) error(want string) error {
	return fmt.Errorf("%.60q is not a time of the format: at %.20q: %s", p.text, p.text[p.at:], want)
}

// field reads one run of letters. Blanks before numbers are skipped.
func (p *parser) field(it *item) bool {
	start := p.at
	i := start
	for i < len(p.text) && (p.text[i] == ' ' || p.text[i] == '\t') {
		i++
	}
	if i == len(p.text) {
		return false
	}
	if !it.isNumber() {
		return p.name(it, i)
	}
	text := p.text
	if it.obey {
		if start+it.count > len(text) {
			return false
		}
		text = text[:start+it.count]
	}
	if it.fraction {
		return p.fraction(text, i)
	}
	n, end, ok := number(text, i)
	if ok {
		p.at = end
		p.number(it, n, text[i:end])
	}
	return ok
}

// fraction reads digits as a fraction of a second.
func (p *parser) fraction(text string, from int) bool {
	end, ns, unit := from, 0, int(1e8)
	for end < len(text) && isDigit(text[end]) {
		ns += int(text[end]-'0') * unit
		unit /= 10
		end++
	}
	p.fields.nanoseconds = ns
	p.at = end
	return end > from
}

// number stores a number in its field.
func (p *parser) number(it *item, n int, digits string) {
	switch it.letter {
	case 'y', 'Y':
		if it.count <= 2 && len(digits) == 2 && isDigit(digits[0]) && isDigit(digits[1]) {
			n = p.inCentury(n)
		}
		if it.letter == 'Y' {
			p.fields.set(weekYear, n)
		} else {
			p.fields.set(year, n)
		}
	case 'M', 'L':
		p.fields.set(month, n-1)
	case 'k':
		if n == 24 {
			n = 0
		}
		p.fields.set(hourOfDay, n)
	case 'h':
		if n == 12 {
			n = 0
		}
		p.fields.set(hour, n)
	case 'u':
		if 1 <= n && n <= 7 {
			n = n%7 + 1
		}
		p.fields.set(dayOfWeek, n)
	default:
		p.fields.set(numberFields[it.letter], n)
	}
}

var numberFields = map[byte]field{
	'd': dayOfMonth, 'D': dayOfYear, 'F': dayOfWeekInMonth, 'w': weekOfYear, 'W': weekOfMonth,
	'H': hourOfDay, 'K': hour, 'm': minute, 's': second, 'S': millisecond,
}

// inCentury makes a year of its last two digits. The year in which the century
// begins may be one of two, which only the whole date tells.
func (p *parser) inCentury(n int) int {
	first := p.century.Year()
	p.fields.ambiguous = n == first%100
	if n < first%100 {
		n += 100
	}
	return first/100*100 + n
}

// name reads what is written in letters. Only zones may have blanks before them.
func (p *parser) name(it *item, from int) bool {
	switch it.letter {
	case 'G':
		return p.match(era, eras[:], 2)
	case 'M', 'L':
		return p.match(month, months, 12)
	case 'E':
		return p.match(dayOfWeek, weekdays, 7)
	case 'a':
		return p.match(half, halves[:], 2)
	case 'X':
		return p.isoZone(it.count, from)
	}
	return p.zone(from)
}

// months and weekdays are by number, first short and then long.
var (
	months   = names(12, func(i int) string { return time.Month(i + 1).String() })
	weekdays = names(7, func(i int) string { return time.Weekday(i).String() })
)

func names(n int, name func(int) string) []string {
	list := make([]string, 2*n)
	for i := range n {
		list[i], list[n+i] = name(i)[:3], name(i)
	}
	return list
}

// match reads one of several names, the longest that fits, and stores its number.
func (p *parser) match(to field, names []string, different int) bool {
	best := -1
	for i, name := range names {
		if (best < 0 || len(name) > len(names[best])) && hasPrefixFold(p.text[p.at:], name) {
			best = i
		}
	}
	if best < 0 {
		return false
	}
	p.at += len(names[best])
	n := best % different
	if to == dayOfWeek {
		n++
	}
	p.fields.set(to, n)
	return true
}

func hasPrefixFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}

// number reads a whole number as Java's DecimalFormat does: with a minus, with
// an exponent, cut to 32 bits.
func number(s string, from int) (n, end int, ok bool) {
	if from > len(s) { // spaces fill all that the pattern has for the number
		return 0, 0, false
	}
	if strings.HasPrefix(s[from:], "NaN") {
		return 0, from + 3, true
	}
	end = digitsEnd(s, from)
	if end == from || s[from] == '-' && end == from+1 {
		return 0, 0, false
	}
	digits := s[from:end]
	if end < len(s) && s[end] == 'E' {
		if e := digitsEnd(s, end+1); e > end+1 && isDigit(s[e-1]) {
			f, _ := strconv.ParseFloat(digits+s[end:e], 64)
			return int(fromFloat(f)), e, true
		}
	}
	whole, err := strconv.ParseInt(digits, 10, 64)
	if err != nil {
		f, _ := strconv.ParseFloat(digits, 64)
		return int(fromFloat(f)), end, true
	}
	return int(int32(whole)), end, true
}

// fromFloat rounds towards zero and keeps to 32 bits.
func fromFloat(f float64) int32 {
	return int32(math.Max(math.MinInt32, math.Min(f, math.MaxInt32)))
}

// digitsEnd returns where the number ends that may begin with a minus.
func digitsEnd(s string, from int) int {
	end := from
	if end < len(s) && s[end] == '-' {
		end++
	}
	for end < len(s) && isDigit(s[end]) {
		end++
	}
	return end
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
