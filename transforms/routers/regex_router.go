package routers

import (
	"errors"
	"fmt"
	"regexp"
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
	whole       *regexp.Regexp
	first       *regexp.Regexp
	replacement string
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
			Valid: config.Func("regular expression", javaregex.Valid),
			Doc:   "Regular expression that the whole topic must match."},
		config.Key{Name: "replacement", Type: config.String, Required: true,
			Doc: "The new topic; $1 is what the first group matched."},
	)
}

// NewRegexRouter returns a RegexRouter. An error is about the expression, or a
// group of the replacement that the expression does not have.
func NewRegexRouter(c RegexRouterConfig) (*RegexRouter, error) {
	first, err := javaregex.Compile(c.Regex)
	if err != nil {
		return nil, err
	}
	whole, err := javaregex.Whole(c.Regex)
	if err != nil {
		return nil, err
	}
	replacement, err := goReplacement(c.Replacement, first)
	if err != nil {
		return nil, fmt.Errorf("replacement %q: %w", c.Replacement, err)
	}
	return &RegexRouter{whole, first, replacement}, nil
}

// Apply changes the topic of r if it matches.
func (t *RegexRouter) Apply(r *connect.Record) (*connect.Record, error) {
	if !t.whole.MatchString(r.Topic) {
		return r, nil
	}
	match := t.first.FindStringSubmatchIndex(r.Topic)
	topic := []byte(r.Topic[:match[0]])
	topic = t.first.ExpandString(topic, t.replacement, r.Topic, match)
	topic = append(topic, r.Topic[match[1]:]...)
	return renamed(r, topic, "the replacement")
}

var errBackslash = errors.New("a backslash at the end has no character to stand for: write two")

// goReplacement turns Java's form into Go's: a backslash quotes, and $12 is
// group 12 only if there is one, else group 1 before a 2.
func goReplacement(s string, regex *regexp.Regexp) (string, error) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 == len(s):
			return "", errBackslash
		case s[i] == '\\':
			i++
			b.WriteString(strings.ReplaceAll(s[i:i+1], "$", "$$"))
		case s[i] == '$':
			group, size, err := groupAt(s[i+1:], regex)
			if err != nil {
				return "", err
			}
			b.WriteString("${" + group + "}")
			i += size
		default:
			b.WriteByte(s[i])
		}
	}
	return b.String(), nil
}

// groupAt reads the name in braces or the number of a group, and how long it is.
func groupAt(s string, regex *regexp.Regexp) (group string, size int, err error) {
	if strings.HasPrefix(s, "{") {
		name, _, ok := strings.Cut(s[1:], "}")
		if !ok || name == "" || regex.SubexpIndex(name) < 0 {
			return "", 0, fmt.Errorf("the regex has no group %q", name)
		}
		return name, len(name) + 2, nil
	}
	number := 0
	for size < len(s) && '0' <= s[size] && s[size] <= '9' {
		next := number*10 + int(s[size]-'0')
		if next > regex.NumSubexp() {
			break
		}
		number = next
		size++
	}
	if size == 0 {
		return "", 0, fmt.Errorf("$ needs the number of a group, of which there are %d", regex.NumSubexp())
	}
	return fmt.Sprint(number), size, nil
}
