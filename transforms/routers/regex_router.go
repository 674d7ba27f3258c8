package routers

import (
	"errors"
	"fmt"
	"strings"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/internal/javaregex"
	"github.com/suiro/suiro/transforms/internal/smt"
)

var _ connect.Transform = (*RegexRouter)(nil)

// RegexRouter changes the topic of records whose whole topic matches. As in
// Java, what is replaced is the first place that matches, which may be shorter.
type RegexRouter struct {
	regex       *javaregex.Pattern
	replacement []segment
}

// RegexRouterConfig is the configuration of a [RegexRouter].
type RegexRouterConfig struct {
	// Regex is a regular expression of Java that the whole topic must match.
	Regex string `config:"regex"`
	// Replacement is the new text; $1 is what the first group matched, ${name}
	// that of a named group, and a backslash makes the next character stand for
	// itself.
	Replacement string `config:"replacement"`
}

// RegexRouterPlugin describes RegexRouter as a worker loads it.
func RegexRouterPlugin() connect.TransformPlugin {
	return smt.Plugin("RegexRouter", "Changes the topic of records whose topic matches a regular expression.",
		regexRouterDef(), nil, NewRegexRouter)
}

func regexRouterDef() *config.Def {
	return config.New(
		config.Key{Name: "regex", Type: config.String, Required: true,
			Valid: config.Func("regular expression", javaregex.ValidPattern),
			Doc:   "Regular expression that the whole topic must match."},
		config.Key{Name: "replacement", Type: config.String, Required: true,
			Doc: "The new topic; $1 is what the first group matched."},
	)
}

// NewRegexRouter returns a RegexRouter. An error is about the expression, or a
// group of the replacement that the expression does not have.
func NewRegexRouter(c RegexRouterConfig) (*RegexRouter, error) {
	regex, err := javaregex.ParsePattern(c.Regex)
	if err != nil {
		return nil, err
	}
	replacement, err := parseReplacement(c.Replacement, regex)
	if err != nil {
		return nil, fmt.Errorf("replacement %q: %w", c.Replacement, err)
	}
	return &RegexRouter{regex, replacement}, nil
}

// Apply changes the topic of r if it matches.
func (t *RegexRouter) Apply(r *connect.Record) (*connect.Record, error) {
	matches, err := t.regex.MatchWhole(r.Topic)
	if err != nil || !matches {
		return r, err
	}
	found, err := t.regex.Find(r.Topic)
	if err != nil || found == nil {
		return r, err
	}
	topic := []byte(found.Before)
	for _, s := range t.replacement {
		topic = append(topic, s.text...)
		if s.group >= 0 {
			topic = append(topic, found.Groups[s.group]...)
		}
	}
	topic = append(topic, found.After...)
	return renamed(r, topic, "the replacement")
}

var errBackslash = errors.New("a backslash at the end has no character to stand for: write two")

// segment is text of a replacement, and the number of the group behind it, -1 for none.
type segment struct {
	text  string
	group int
}

// parseReplacement reads a replacement as Java does: a backslash quotes, and $12 is
// group 12 only if there is one, else group 1 before a 2.
func parseReplacement(s string, regex *javaregex.Pattern) (out []segment, err error) {
	var text strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 == len(s):
			return nil, errBackslash
		case s[i] == '\\':
			i++
			text.WriteByte(s[i])
		case s[i] == '$':
			group, size, err := groupAt(s[i+1:], regex)
			if err != nil {
				return nil, err
			}
			out = append(out, segment{text.String(), group})
			text.Reset()
			i += size
		default:
			text.WriteByte(s[i])
		}
	}
	return append(out, segment{text.String(), -1}), nil
}

// groupAt reads the name in braces or the number of a group, and how long it is.
func groupAt(s string, regex *javaregex.Pattern) (group, size int, err error) {
	if strings.HasPrefix(s, "{") {
		name, _, closed := strings.Cut(s[1:], "}")
		number, there := regex.Group(name)
		if !closed || !there {
			return 0, 0, fmt.Errorf("the regex has no group %q", name)
		}
		return number, len(name) + 2, nil
	}
	number := 0
	for size < len(s) && '0' <= s[size] && s[size] <= '9' {
		next := number*10 + int(s[size]-'0')
		if next > regex.Groups() {
			break
		}
		number = next
		size++
	}
	if size == 0 {
		return 0, 0, fmt.Errorf("$ needs the number of a group, of which there are %d", regex.Groups())
	}
	return number, size, nil
}
