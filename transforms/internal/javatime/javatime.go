// Package javatime turns the patterns of Java's SimpleDateFormat into layouts of
// the Go package time.
package javatime

import (
	"fmt"
	"strings"
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
	var b strings.Builder
	for i := 0; i < len(pattern); {
		c := pattern[i]
		switch {
		case c == '\'':
			text, size, err := quoted(pattern[i:])
			if err != nil {
				return "", fmt.Errorf("pattern %q: %w", pattern, err)
			}
			if err := literal(&b, text); err != nil {
				return "", fmt.Errorf("pattern %q: %w", pattern, err)
			}
			i += size
		case isLetter(c):
			n := run(pattern[i:])
			element, err := element(pattern[i:i+n], b.String())
			if err != nil {
				return "", fmt.Errorf("pattern %q: %w", pattern, err)
			}
			b.WriteString(element)
			i += n
		default:
			if err := literal(&b, string(c)); err != nil {
				return "", fmt.Errorf("pattern %q: %w", pattern, err)
			}
			i++
		}
	}
	return b.String(), nil
}

func element(letters, before string) (string, error) {
	if letters[0] == 'S' && len(letters) <= 9 {
		if !strings.HasSuffix(before, ".") && !strings.HasSuffix(before, ",") {
			return "", fmt.Errorf("%s must follow a dot or a comma", letters)
		}
		return strings.Repeat("0", len(letters)), nil
	}
	if e, ok := elements[letters]; ok {
		return e, nil
	}
	return "", fmt.Errorf("letters %s are not supported", letters)
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

// literal writes text that stands for itself. Go has no quotes, so digits and
// its own words cannot.
func literal(b *strings.Builder, text string) error {
	for _, word := range []string{"Jan", "Mon", "MST", "PM", "pm", "Z07", "_2"} {
		if strings.Contains(text, word) {
			return fmt.Errorf("text %q cannot be told from an element of the time", text)
		}
	}
	if strings.ContainsAny(text, "0123456789") {
		return fmt.Errorf("text %q cannot be told from an element of the time", text)
	}
	b.WriteString(text)
	return nil
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
