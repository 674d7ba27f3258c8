package recipe

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"regexp"
	"regexp/syntax"
	"strings"
	"unicode/utf8"

	"github.com/suiro/suiro/internal/javaregex"
)

const (
	maxText  = 4096   // letters of a text by a regular expression
	maxSteps = 10_000 // that one attempt may take
	// tries is how many attempts one text may take, and probes is how many texts a schema must
	// bring forth with a twentieth of them to be accepted.
	tries, probes = 1000, 25
)

// pattern makes texts that a regular expression matches, with low to high letters.
type pattern struct {
	root      *syntax.Regexp
	whole     *regexp.Regexp
	low, high int
	more      int // times that * and + repeat at most, beyond what they must
	sized     bool
}

func newPattern(expr string, low, high int, sized bool) (*pattern, error) {
	whole, err := javaregex.Whole(expr)
	if err != nil {
		return nil, err
	}
	root, err := syntax.Parse(whole.String(), syntax.Perl)
	if err != nil {
		return nil, err
	}
	p := &pattern{root: root, whole: whole, low: low, high: high, more: 8, sized: sized}
	switch {
	case high < maxText:
		p.more = high
	case sized:
		p.more += low
	}
	legible(root)
	for i := range uint64(probes) {
		d := die{Rand: rand.New(rand.NewPCG(0, i))}
		if _, ok := p.attempt(&d, tries/20); !ok {
			return nil, errors.New("hardly any text, or none, has the length and matches the expression: give another " +
				"length, or write how often each part is repeated")
		}
	}
	return p, nil
}

// size is about how many bytes a text takes at most.
func (p *pattern) size() int {
	if p.sized {
		return utf8.UTFMax * p.high
	}
	return maxText
}

// draw makes a text.
func (p *pattern) draw(d *die) string {
	text, ok := p.attempt(d, tries)
	if !ok && d.err == nil {
		d.err = fmt.Errorf("no text for the regular expression %s was found in %d attempts: give another length", p.whole,
			tries)
	}
	return text
}

// attempt makes texts until one fits.
func (p *pattern) attempt(d *die, times int) (string, bool) {
	for range times {
		w := writer{die: d, pattern: p}
		w.write(p.root)
		text := w.text.String()
		if n := utf8.RuneCountInString(text); !w.tired() && n >= p.low && n <= p.high && p.whole.MatchString(text) {
			return text, true
		}
	}
	return "", false
}

// legible leaves of each class of characters those of ASCII that can be printed, unless none is left.
func legible(re *syntax.Regexp) {
	if re.Op == syntax.OpCharClass {
		var some []rune
		for i := 0; i < len(re.Rune); i += 2 {
			if low, high := max(re.Rune[i], ' '), min(re.Rune[i+1], '~'); low <= high {
				some = append(some, low, high)
			}
		}
		if len(some) > 0 {
			re.Rune = some
		}
	}
	for _, sub := range re.Sub {
		legible(sub)
	}
}

// writer writes one text.
type writer struct {
	*die
	*pattern
	text  strings.Builder
	steps int
}

// tired reports whether the text is too long by now, or has taken too long.
func (w *writer) tired() bool { return w.steps > maxSteps || w.text.Len() > utf8.UTFMax*w.high }

func (w *writer) write(re *syntax.Regexp) {
	if w.steps++; w.tired() {
		return
	}
	switch re.Op {
	case syntax.OpLiteral:
		w.text.WriteString(string(re.Rune))
	case syntax.OpCharClass:
		w.text.WriteRune(w.oneOf(re.Rune))
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		w.text.WriteRune(w.oneOf([]rune{' ', '~'}))
	case syntax.OpCapture:
		w.write(re.Sub[0])
	case syntax.OpConcat:
		for _, sub := range re.Sub {
			w.write(sub)
		}
	case syntax.OpAlternate:
		w.write(re.Sub[w.IntN(len(re.Sub))])
	case syntax.OpStar:
		w.repeat(re.Sub[0], 0, -1)
	case syntax.OpPlus:
		w.repeat(re.Sub[0], 1, -1)
	case syntax.OpQuest:
		w.repeat(re.Sub[0], 0, 1)
	case syntax.OpRepeat:
		w.repeat(re.Sub[0], re.Min, re.Max)
	} // what stands for a place, such as ^, writes nothing
}

// repeat writes a part low to high times, where -1 is without an end.
func (w *writer) repeat(re *syntax.Regexp, low, high int) {
	if high < 0 {
		high = low + w.more
	}
	if w.sized {
		high = max(low, min(high, w.pattern.high))
	}
	for range w.between(low, high) {
		if w.tired() {
			return
		}
		w.write(re)
	}
}

// oneOf draws a character of a class, which is pairs of the first and the last of a range.
func (w *writer) oneOf(class []rune) rune {
	total := 0
	for i := 0; i < len(class); i += 2 {
		total += int(class[i+1]-class[i]) + 1
	}
	if total == 0 {
		w.steps = maxSteps // a class of no character: no text matches
		return ' '
	}
	n := rune(w.IntN(total))
	for i := 0; ; i += 2 {
		size := class[i+1] - class[i] + 1
		if n < size {
			return class[i] + n
		}
		n -= size
	}
}
