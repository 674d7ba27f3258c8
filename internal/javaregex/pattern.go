package javaregex

import (
	"fmt"
	"regexp"
	"time"

	"github.com/dlclark/regexp2"
)

// Pattern is an expression of Java with all that Go's expressions lack: look-around,
// back references, possessive quantifiers, intersections and unions of classes. One
// that Go can run takes time in proportion to the text; any other may take longer than
// a second for it, which is an error. A Pattern is safe for concurrent use.
type Pattern struct {
	first, whole *regexp.Regexp // nil where Go cannot
	slow         *regexp2.Regexp
	slowWhole    *regexp2.Regexp
	groups       int
	names        map[string]int
}

// longest is how long an expression that steps back may take for a text.
const longest = time.Second

// ParsePattern reads an expression of Java. Blanks at its ends count.
func ParsePattern(expr string) (*Pattern, error) {
	if first, err := Compile(expr); err == nil {
		whole, err := Whole(expr)
		if err != nil {
			return nil, err
		}
		p := &Pattern{first: first, whole: whole, groups: first.NumSubexp(), names: map[string]int{}}
		for i, name := range first.SubexpNames() {
			if name != "" {
				p.names[name] = i
			}
		}
		return p, nil
	}
	r := rewriter{reader: reader{expr}, atom: none, names: map[string]int{}}
	err := r.run()
	if err != nil {
		return nil, fmt.Errorf("regular expression %.200q: %w", expr, err)
	}
	p := &Pattern{groups: r.groups, names: r.names}
	if p.slow, err = regexp2.Compile(string(r.out), regexp2.None); err == nil {
		p.slowWhole, err = regexp2.Compile(`\A(?:`+string(r.out)+`)\z`, regexp2.None)
	}
	if err != nil {
		return nil, fmt.Errorf("regular expression %.200q: %w", expr, err)
	}
	p.slow.MatchTimeout, p.slowWhole.MatchTimeout = longest, longest
	return p, nil
}

// ValidPattern accepts text that ParsePattern accepts. It is a check for config.Func.
func ValidPattern(v any) error {
	_, err := ParsePattern(fmt.Sprint(v))
	return err
}

// Groups returns how many groups the expression has.
func (p *Pattern) Groups() int { return p.groups }

// Group returns the number of a named group, and whether there is one.
func (p *Pattern) Group(name string) (int, bool) {
	n, ok := p.names[name]
	return n, ok
}

// MatchWhole reports whether the whole text matches.
func (p *Pattern) MatchWhole(text string) (bool, error) {
	if p.whole != nil {
		return p.whole.MatchString(text), nil
	}
	ok, err := p.slowWhole.MatchString(text)
	return ok, tooLong(text, err)
}

// Match is the first place of a text that matches.
type Match struct {
	// Before and After are what is around the place.
	Before, After string
	// Groups are what the groups matched, and at 0 the whole place. A group that had no
	// part in it is empty.
	Groups []string
}

// Find returns the first place of text that matches, nil when there is none.
func (p *Pattern) Find(text string) (*Match, error) {
	if p.first == nil {
		return p.findSlow(text)
	}
	at := p.first.FindStringSubmatchIndex(text)
	if at == nil {
		return nil, nil
	}
	m := &Match{Before: text[:at[0]], After: text[at[1]:], Groups: make([]string, p.groups+1)}
	for i := range m.Groups {
		if from := at[2*i]; from >= 0 {
			m.Groups[i] = text[from:at[2*i+1]]
		}
	}
	return m, nil
}

func (p *Pattern) findSlow(text string) (*Match, error) {
	found, err := p.slow.FindStringMatch(text)
	if err != nil || found == nil {
		return nil, tooLong(text, err)
	}
	runes := []rune(text)
	m := &Match{Before: string(runes[:found.Index]), After: string(runes[found.Index+found.Length:]),
		Groups: make([]string, p.groups+1)}
	for i := range m.Groups {
		if g := found.GroupByNumber(i); g != nil {
			m.Groups[i] = g.String()
		}
	}
	return m, nil
}

// ErrTooLong is what FindAll returns for an expression that steps back for too long. It
// does not show the text, which may be secret.
var ErrTooLong = fmt.Errorf("the regular expression took more than %v: write it without repetitions in repetitions",
	longest)

// FindAll returns where text matches, from left to right, as bytes from and to. Places
// without characters are left out.
func (p *Pattern) FindAll(text string) (places [][2]int, err error) {
	if p.first == nil {
		return p.findAllSlow(text)
	}
	for _, at := range p.first.FindAllStringIndex(text, -1) {
		if at[0] < at[1] {
			places = append(places, [2]int{at[0], at[1]})
		}
	}
	return places, nil
}

// findAllSlow gives all matches together the time of one.
func (p *Pattern) findAllSlow(text string) (places [][2]int, err error) {
	end := time.Now().Add(longest)
	found, err := p.slow.FindStringMatch(text)
	if err != nil {
		return nil, ErrTooLong
	}
	if found == nil {
		return nil, nil
	}
	starts := make([]int, 0, len(text)+1) // of each character, in bytes
	for i := range text {
		starts = append(starts, i)
	}
	starts = append(starts, len(text))
	for found != nil {
		if found.Length > 0 {
			places = append(places, [2]int{starts[found.Index], starts[found.Index+found.Length]})
		}
		if time.Now().After(end) {
			return nil, ErrTooLong
		}
		if found, err = p.slow.FindNextMatch(found); err != nil {
			return nil, ErrTooLong
		}
	}
	return places, nil
}

// tooLong says what the only error of a match means.
func tooLong(text string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("the regular expression took more than %v for %.80q: write it without repetitions in repetitions",
		longest, text)
}
