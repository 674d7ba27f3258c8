// Package selection says which names lists of names and regular expressions choose, as the filters
// of MirrorMaker 2 do.
package selection

import (
	"fmt"
	"strings"

	"github.com/suiro/suiro/internal/javaregex"
)

// Selection chooses names. The zero Selection chooses none.
type Selection struct {
	include, exclude *javaregex.Pattern // nil matches nothing
}

// New returns the Selection of names that a list includes and another does not exclude. Each part of
// a list is a name or a regular expression of Java for whole names.
func New(include, exclude []string) (Selection, error) {
	in, err := compile(include)
	if err != nil {
		return Selection{}, err
	}
	out, err := compile(exclude)
	return Selection{in, out}, err
}

// Valid accepts lists that New accepts. It is a check for config.Func.
func Valid(v any) error {
	list, _ := v.([]string)
	_, err := compile(list)
	return err
}

// compile makes one expression of a list, as MirrorMaker 2 does; an empty list matches nothing.
func compile(list []string) (*javaregex.Pattern, error) {
	if len(list) == 0 {
		return nil, nil
	}
	p, err := javaregex.ParsePattern(strings.Join(list, "|"))
	if err != nil {
		return nil, fmt.Errorf("list of names and regular expressions: %w", err)
	}
	return p, nil
}

// Chooses reports whether a name is chosen. The error is of an expression that takes too long.
func (s Selection) Chooses(name string) (bool, error) {
	in, err := matches(s.include, name)
	if !in || err != nil {
		return false, err
	}
	out, err := matches(s.exclude, name)
	return !out, err
}

func matches(p *javaregex.Pattern, name string) (bool, error) {
	if p == nil {
		return false, nil
	}
	return p.MatchWhole(name)
}
