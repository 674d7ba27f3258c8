// Package excerpt shows the beginnings of long texts. Errors quote records and
// names that come from outside, and an error that is wrapped at each level of a
// nested value repeats its text at each level: what is written to a log, a header
// or an answer needs a bound of its own.
package excerpt

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

const (
	// MaxMessage is the most bytes that [Error] shows of an error.
	MaxMessage = 8 << 10
	// MaxStack is the most bytes that [Causes] shows of a stack.
	MaxStack = 16 << 10
	// MaxTrace is the most bytes that [Causes] and [Trace] return.
	MaxTrace = 48 << 10

	maxCauses = 24      // of one error
	maxCause  = 1 << 10 // bytes of each cause
)

// Text returns s when it has at most limit bytes, and otherwise its beginning and
// how long it was. The answer has a few bytes more than limit then, and it is
// valid UTF-8 if s is.
func Text(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	return fmt.Sprintf("%s… (cut, %d bytes)", whole(s[:limit]), len(s))
}

// whole drops a character at the end of s that was cut in two.
func whole(s string) string {
	for i := len(s) - 1; i >= max(0, len(s)-utf8.UTFMax); i-- {
		if utf8.RuneStart(s[i]) && !utf8.FullRuneInString(s[i:]) {
			return s[:i]
		}
	}
	return s
}

// Error returns the text of err, at most [MaxMessage] bytes of it. hide takes secrets
// out of the text before it is cut, as a part of a secret would not be recognized; nil
// is for texts without secrets.
func Error(err error, hide func(string) string) string { return text(err, hide, MaxMessage) }

// Trace is [Error] with at most [MaxTrace] bytes.
func Trace(err error, hide func(string) string) string { return text(err, hide, MaxTrace) }

func text(err error, hide func(string) string, limit int) string {
	s := err.Error()
	if hide != nil {
		s = hide(s)
	}
	return Text(s, limit)
}

// Causes shows err and what it wraps, as a Java stack trace shows its causes, and
// behind them a stack, which may be empty. Of many causes it shows the first and
// the innermost one. hide is that of [Error].
func Causes(err error, stack string, hide func(string) string) string {
	var b strings.Builder
	show := func(e error) {
		if b.Len() > 0 {
			b.WriteString("\nCaused by: ")
		}
		fmt.Fprintf(&b, "%T: %s", e, text(e, hide, maxCause))
	}
	n := 0
	for e := err; e != nil; e = errors.Unwrap(e) {
		if n++; n < maxCauses || errors.Unwrap(e) == nil {
			show(e)
		}
		if n == maxCauses && errors.Unwrap(e) != nil {
			b.WriteString("\n… (more causes)")
		}
	}
	if stack != "" {
		if hide != nil {
			stack = hide(stack)
		}
		b.WriteString("\n" + Text(stack, MaxStack))
	}
	return b.String()
}
