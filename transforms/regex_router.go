package transforms

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
)

var _ connect.Transform = (*RegexRouter)(nil)

// RegexRouter changes the topic of records whose topic matches whole.
type RegexRouter struct {
	regex       *regexp.Regexp
	replacement string
}

func regexRouterDef() *config.Def {
	return config.New(
		config.Key{Name: "regex", Type: config.String, Required: true, Valid: config.Func("regular expression", validRegex),
			Doc: "Regular expression that the whole topic must match."},
		config.Key{Name: "replacement", Type: config.String, Required: true,
			Doc: "The new topic; $1 is what the first group matched."},
	)
}

func validRegex(v any) error {
	_, err := regexp.Compile(fmt.Sprint(v))
	return err
}

// RegexRouterPlugin returns RegexRouter as a worker loads it.
func RegexRouterPlugin() connect.TransformPlugin {
	return connect.TransformPlugin{
		Info: connect.Info{Class: javaPackage + "RegexRouter", Version: version, Def: regexRouterDef()},
		New:  func(c config.Values) (connect.Transform, error) { return NewRegexRouter(c) },
	}
}

// NewRegexRouter returns a RegexRouter of its configuration.
func NewRegexRouter(c config.Values) (*RegexRouter, error) {
	regex, err := regexp.Compile(`^(?:` + c.String("regex") + `)$`)
	if err != nil {
		return nil, fmt.Errorf("regex: %w", err)
	}
	replacement, err := goReplacement(c.String("replacement"), regex)
	if err != nil {
		return nil, err
	}
	return &RegexRouter{regex, replacement}, nil
}

// Apply changes the topic of r if it matches.
func (t *RegexRouter) Apply(r *connect.Record) (*connect.Record, error) {
	match := t.regex.FindStringSubmatchIndex(r.Topic)
	if match == nil {
		return r, nil
	}
	topic := string(t.regex.ExpandString(nil, t.replacement, r.Topic, match))
	if topic == "" {
		return nil, fmt.Errorf("topic %s becomes empty: check the replacement", r.Topic)
	}
	c := *r
	c.Topic = topic
	return &c, nil
}

// goReplacement turns Java's form into Go's: a backslash quotes, and $12 is
// group 12 only if there is one, else group 1 before a 2.
func goReplacement(s string, regex *regexp.Regexp) (string, error) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 < len(s):
			i++
			b.WriteString(strings.ReplaceAll(s[i:i+1], "$", "$$"))
		case s[i] == '$' && i+1 < len(s) && s[i+1] == '{':
			name, _, ok := strings.Cut(s[i+2:], "}")
			if !ok || regex.SubexpIndex(name) < 0 {
				return "", fmt.Errorf("replacement %q: the regex has no group %q", s, name)
			}
			b.WriteString("${" + name + "}")
			i += len(name) + 2
		case s[i] == '$':
			group, size := groupNumber(s[i+1:], regex.NumSubexp())
			if size == 0 {
				return "", fmt.Errorf("replacement %q: $ wants the number of a group, of which there are %d", s, regex.NumSubexp())
			}
			fmt.Fprintf(&b, "${%d}", group)
			i += size
		default:
			b.WriteByte(s[i])
		}
	}
	return b.String(), nil
}

// groupNumber reads as many digits as make the number of a group.
func groupNumber(s string, groups int) (group, size int) {
	for size < len(s) && '0' <= s[size] && s[size] <= '9' {
		next := group*10 + int(s[size]-'0')
		if next > groups {
			break
		}
		group = next
		size++
	}
	return group, size
}
