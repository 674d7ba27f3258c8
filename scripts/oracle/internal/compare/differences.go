package compare

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/suiro/suiro/scripts/oracle/internal/cases"
)

const (
	onlyOrder = "JSON equal but for the order of keys or escapes"
	onlyText  = "JSON equal but for the text of a number"
)

// differences names the ways in which two answers differ.
func differences(c *cases.Case, java, ours cases.Answer) []string {
	switch {
	case java.Missing:
		return []string{"the oracle has no such class"}
	case java.Error != nil && ours.Error != nil:
		if java.Error.Stage == ours.Error.Stage {
			return nil
		}
		return []string{fmt.Sprintf("both fail, Java at %s, ours at %s: %s", java.Error.Stage, ours.Error.Stage,
			blurred(ours.Error.Message))}
	case java.Error != nil:
		return []string{fmt.Sprintf("Java fails at %s, ours goes on: %s %s", java.Error.Stage,
			short(java.Error.Class), blurred(java.Error.Message))}
	case ours.Error != nil:
		sign := fmt.Sprintf("ours fails at %s, Java goes on: %s", ours.Error.Stage, blurred(ours.Error.Message))
		if ours.Error.Stage == "apply" {
			sign += setting(c)
		}
		return []string{sign}
	case c.Kind == "roundtrip" || c.Kind == "fromConnect":
		return bytesDiffer(java.OK, ours.OK)
	}
	a, b := tree(java.OK), tree(ours.OK)
	seen := map[string]bool{}
	var out []string
	walk("", a, b, func(sign string) {
		sign += setting(c)
		if x, ok := a.(map[string]any); ok && strings.HasPrefix(sign, "topic: ") && strings.HasSuffix(c.Class,
			"RegexRouter") {
			if x["topic"] == routed(c.Config["regex"], c.Config["replacement"], c.Record.Topic) {
				sign += ", Java replaced only the first place"
			}
		}
		if !seen[sign] {
			seen[sign] = true
			out = append(out, sign)
		}
	})
	return out
}

// routed is the topic that replacing the first place where an expression matches
// gives, as Java does after it saw that the whole topic matches.
func routed(regex, replacement, topic string) string {
	re, err := regexp.Compile(strings.TrimSpace(regex))
	if err != nil {
		return "no expression of Go"
	}
	at := re.FindStringSubmatchIndex(topic)
	if at == nil {
		return "no match"
	}
	var b strings.Builder
	b.WriteString(topic[:at[0]])
	for i := 0; i < len(replacement); i++ {
		switch r := replacement[i:]; {
		case len(r) > 1 && r[0] == '\\':
			b.WriteByte(r[1])
			i++
		case len(r) > 1 && r[0] == '$' && '0' <= r[1] && r[1] <= '9':
			if n := 2 * int(r[1]-'0'); n+1 < len(at) && at[n] >= 0 {
				b.WriteString(topic[at[n]:at[n+1]])
			}
			i++
		case strings.HasPrefix(r, "${"):
			name, _, _ := strings.Cut(r[2:], "}")
			if n := 2 * re.SubexpIndex(name); n >= 0 && at[n] >= 0 {
				b.WriteString(topic[at[n]:at[n+1]])
			}
			i += len(name) + 2
		default:
			b.WriteByte(r[0])
		}
	}
	return b.String() + topic[at[1]:]
}

// setting is what a difference depends on beside the kind of value.
func setting(c *cases.Case) string {
	out := ""
	if strings.HasPrefix(c.Tag, "extreme") {
		out += " {" + c.Tag + "}"
	}
	if strings.Contains(c.Class, "TimestampConverter") {
		out += fmt.Sprintf(" {%s %s %q}", c.Config["target.type"], c.Config["unix.precision"], c.Config["format"])
	}
	return out
}
