// Package javatime turns the patterns of Java's SimpleDateFormat into layouts of
// the Go package time.
package javatime

import (
	"fmt"
	"strings"
	"time"
)

// elements are the runs of letters that have an equal in Go. A run that is
// longer than the longest here has none.
var elements = map[string]string{
	"yyyy": "2006", "yy": "06", "y": "2006",
	"MMMM": "January", "MMM": "Jan", "MM": "01", "M": "1",
	"dd": "02", "d": "2", "DDD": "002",
	"EEEE": "Monday", "EEE": "Mon", "EE": "Mon", "E": "Mon",
	"HH": "15", "hh": "03", "h": "3", "a": "PM",
	"mm": "04", "m": "4", "ss": "05", "s": "5",
	"Z": "-0700", "z": "MST", "X": "Z07", "XX": "Z0700", "XXX": "Z07:00",
}

// Layout returns the Go layout of a pattern. A fraction of a second, S to
// SSSSSSSSS, must follow a dot or a comma, as Go reads it nowhere else.
func Layout(pattern string) (string, error) {
	layout, want := "", "" // want is what the layout makes of probe, part by part
	for i := 0; i < len(pattern); {
		var part, shown string
		size := 1
		var err error
		switch c := pattern[i]; {
		case c == '\'':
			part, size, err = quoted(pattern[i:])
			shown = part
		case isLetter(c):
			size = run(pattern[i:])
			part, shown, err = element(pattern[i:i+size], layout)
		default:
			part, shown = string(c), string(c)
		}
		if err != nil {
			return "", fmt.Errorf("pattern %q: %w", pattern, err)
		}
		layout, want, i = layout+part, want+shown, i+size
	}
	if probe.Format(layout) != want {
		return "", fmt.Errorf("pattern %q: text cannot be told from an element of the time, or one element from the next: "+
			"part them otherwise", pattern)
	}
	return layout, nil
}

// probe is a time whose elements are all written otherwise than in a layout. Go
// has no quotes: text as Jan, and a 1 before a 5, become elements of their own,
// which shows in how the probe is written.
var probe = time.Date(2033, 11, 29, 9, 47, 38, 123456789, time.UTC)

// element returns the Go element of letters, and what it makes of probe.
func element(letters, before string) (part, shown string, err error) {
	if letters[0] == 'S' && len(letters) <= 9 {
		if !strings.HasSuffix(before, ".") && !strings.HasSuffix(before, ",") {
			return "", "", fmt.Errorf("%s must follow a dot or a comma", letters)
		}
		part = strings.Repeat("0", len(letters))
		return part, probe.Format("." + part)[1:], nil
	}
	if e, ok := elements[letters]; ok {
		return e, probe.Format(e), nil
	}
	return "", "", fmt.Errorf("letters %s are not supported", letters)
}

// quoted reads text between quotes; two quotes are one.
func quoted(s string) (text string, size int, err error) {
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
	return "", 0, fmt.Errorf("a quote is not closed")
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

// run returns how often the first byte of s is repeated at its start.
func run(s string) int {
	n := 1
	for n < len(s) && s[n] == s[0] {
		n++
	}
	return n
}
