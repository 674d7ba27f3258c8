package javatime

import (
	"strconv"
	"time"
)

// Append appends at, in UTC, as the pattern writes it.
func (f *Format) Append(dst []byte, at time.Time) []byte {
	at = at.UTC()
	for i := range f.items {
		it := &f.items[i]
		if it.letter == 0 {
			dst = append(dst, it.text...)
		} else if n, ok := it.number(at); ok {
			dst = padded(dst, n, it.count)
		} else {
			dst = it.appendName(dst, at)
		}
	}
	return dst
}

// number returns the field as a number, false where it is written otherwise.
func (it *item) number(at time.Time) (n int, ok bool) {
	switch it.letter {
	case 'y', 'Y':
		n = yearOfEra(at.Year())
		if it.letter == 'Y' {
			n = yearOfEra(saturday(at).Year())
		}
		if it.count == 2 {
			n %= 100
		}
		return n, true
	case 'M', 'L':
		return int(at.Month()), it.count <= 2
	case 'S':
		return at.Nanosecond() / 1e6, !it.fraction
	case 'u':
		return (int(at.Weekday())+6)%7 + 1, true
	case 'd':
		return at.Day(), true
	case 'D':
		return at.YearDay(), true
	case 'F':
		return (at.Day()-1)/7 + 1, true
	case 'w':
		return (saturday(at).YearDay()-1)/7 + 1, true
	case 'W':
		first := int(at.AddDate(0, 0, 1-at.Day()).Weekday())
		return (at.Day()-1+first)/7 + 1, true
	}
	return it.clock(at)
}

// clock returns the fields of the time of day.
func (it *item) clock(at time.Time) (n int, ok bool) {
	switch it.letter {
	case 'H':
		return at.Hour(), true
	case 'k':
		return (at.Hour()+23)%24 + 1, true
	case 'K':
		return at.Hour() % 12, true
	case 'h':
		return (at.Hour()+11)%12 + 1, true
	case 'm':
		return at.Minute(), true
	case 's':
		return at.Second(), true
	}
	return 0, false
}

func (it *item) appendName(dst []byte, at time.Time) []byte {
	long := it.count >= 4
	switch it.letter {
	case 'G':
		i := 1
		if at.Year() <= 0 {
			i = 0
		}
		if long {
			i += 2
		}
		return append(dst, eras[i]...)
	case 'M', 'L':
		return append(dst, shortened(at.Month().String(), long)...)
	case 'E':
		return append(dst, shortened(at.Weekday().String(), long)...)
	case 'a':
		return append(dst, halves[at.Hour()/12]...)
	case 'S':
		digits := padded(nil, at.Nanosecond(), 9)
		for len(digits) < it.count {
			digits = append(digits, '0')
		}
		return append(dst, digits[:it.count]...)
	case 'Z':
		return append(dst, "+0000"...)
	case 'X':
		return append(dst, 'Z')
	}
	if long {
		return append(dst, "Coordinated Universal Time"...)
	}
	return append(dst, "UTC"...)
}

var (
	eras   = [...]string{"BC", "AD", "Before Christ", "Anno Domini"}
	halves = [...]string{"AM", "PM"}
)

func shortened(name string, long bool) string {
	if long {
		return name
	}
	return name[:3]
}

// yearOfEra counts the years before the year 1 backwards.
func yearOfEra(year int) int {
	if year <= 0 {
		return 1 - year
	}
	return year
}

// saturday ends the week of at. Weeks begin on Sunday, and that of 1 January is
// the first of its year.
func saturday(at time.Time) time.Time { return at.AddDate(0, 0, 6-int(at.Weekday())) }

func padded(dst []byte, n, digits int) []byte {
	text := strconv.Itoa(n)
	for range digits - len(text) {
		dst = append(dst, '0')
	}
	return append(dst, text...)
}
