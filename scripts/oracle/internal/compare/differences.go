package compare

import (
	"fmt"
	"slices"
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
	w := walker{unit: units[c.Config["unix.precision"]], found: func(sign string) {
		sign += setting(c)
		if !seen[sign] {
			seen[sign] = true
			out = append(out, sign)
		}
	}}
	w.walk("", a, b)
	return out
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
	if strings.Contains(c.Class, "ReplaceField") && renamesAnother(c.Config["renames"]) {
		out += " {a name of another field}"
	}
	return out
}

// renamesAnother reports whether a field gets a name that another may have.
func renamesAnother(renames string) bool {
	for pair := range strings.SplitSeq(renames, ",") {
		_, to, _ := strings.Cut(strings.TrimSpace(pair), ":")
		if slices.Contains(cases.FieldNames, to) {
			return true
		}
	}
	return false
}
