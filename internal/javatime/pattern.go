// Package javatime reads and writes times by the patterns of Java's
// SimpleDateFormat, in English and in UTC, as Kafka Connect uses it.
//
// A [Format] reads as leniently as Java does: what follows the pattern is
// ignored, 2020-1-2 fits yyyy-MM-dd, and 30 February is the first or second of
// March. Fields that a pattern lacks are those of 1970-01-01 00:00:00 UTC.
//
// # Differences from Java
//
//   - S after a dot or a comma is a fraction of a second. Java counts
//     milliseconds there, so that 05.123456 is two minutes later.
//   - Dates before 15 October 1582 are Gregorian, as in ISO 8601 and in everything
//     that reads Connect's times; Java's are Julian.
//   - The name of a zone means the offset which that zone has today, Java asks what
//     it was at the time.
//   - Digits are 0 to 9; Java also reads those of other scripts.
package javatime

import (
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// Format is a compiled pattern. It is immutable and safe for concurrent use.
type Format struct {
	items   []item
	century time.Time // two digits of a year are within a hundred years from here
}

// item is a run of one letter, or text that stands for itself.
type item struct {
	letter byte // 0 for text
	count  int
	text   string
	// fraction says that S stands behind a dot or a comma.
	fraction bool
	// obey says that a number follows at once, so that this one has count digits.
	obey bool
}

// letters are those that a pattern may have.
const letters = "GyYMLdkHKhmsSEuDFwWazZX"

// numeric are the letters that are always numbers; M and L are for short runs.
const numeric = "yYdkHKhmsSuDFwW"

var errQuote = errors.New("a quote is not closed")

// Compile reads a pattern. Two digits of a year will mean the hundred years that
// began 80 years ago.
func Compile(pattern string) (*Format, error) {
	items, err := split(pattern)
	if err != nil {
		return nil, fmt.Errorf("pattern %q: %w", pattern, err)
	}
	for i := range items {
		it := &items[i]
		if i > 0 && it.letter == 'S' {
			it.fraction = strings.HasSuffix(items[i-1].text, ".") || strings.HasSuffix(items[i-1].text, ",")
		}
		it.obey = i+1 < len(items) && items[i+1].isNumber()
	}
	return &Format{items: items, century: time.Now().UTC().AddDate(-80, 0, 0)}, nil
}

func (it *item) isNumber() bool {
	switch it.letter {
	case 0:
		return false
	case 'M', 'L':
		return it.count <= 2
	}
	return strings.IndexByte(numeric, it.letter) >= 0
}

func split(pattern string) (items []item, err error) {
	var text strings.Builder
	flush := func() {
		if text.Len() > 0 {
			items = append(items, item{text: text.String()})
			text.Reset()
		}
	}
	for i := 0; i < len(pattern); {
		c := pattern[i]
		switch {
		case c == '\'':
			quoted, size, err := quotation(pattern[i:])
			if err != nil {
				return nil, err
			}
			text.WriteString(quoted)
			i += size
		case isLetter(c):
			flush()
			size := run(pattern[i:])
			if err := check(c, size); err != nil {
				return nil, err
			}
			items = append(items, item{letter: c, count: size})
			i += size
		default:
			text.WriteByte(c)
			i++
		}
	}
	flush()
	return items, nil
}

func check(letter byte, count int) error {
	if strings.IndexByte(letters, letter) < 0 {
		return fmt.Errorf("there is no letter %c: put text between single quotes", letter)
	}
	if letter == 'X' && count > 3 {
		return errors.New("a zone has at most three X")
	}
	return nil
}

// quotation reads text between quotes; two quotes are one.
func quotation(s string) (text string, size int, err error) {
	if strings.HasPrefix(s, "''") {
		return "'", 2, nil
	}
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		if s[i] != '\'' {
			b.WriteByte(s[i])
			continue
		}
		if i+1 < len(s) && s[i+1] == '\'' {
			b.WriteByte('\'')
			i++
			continue
		}
		return b.String(), i + 1, nil
	}
	return "", 0, errQuote
}

func isLetter(c byte) bool { return c < utf8.RuneSelf && 'a' <= c|0x20 && c|0x20 <= 'z' }

// run returns how often the first byte of s is repeated at its start.
func run(s string) int {
	n := 1
	for n < len(s) && s[n] == s[0] {
		n++
	}
	return n
}
