package compare

import (
	"slices"
	"strings"

	"github.com/suiro/suiro/scripts/oracle-streams/internal/cases"
)

// traits are what a difference may be due to: they are part of its kind, so that a
// judgement on records without keys does not hide a difference in other cases.
func traits(c *cases.Case) string {
	var out []string
	if slices.ContainsFunc(c.Input, func(e cases.Event) bool { return e.Topic != "" && e.Key == nil }) ||
		uses(c, "first", "value", "nil", "swap", "both") {
		out = append(out, "null keys")
	}
	if slices.ContainsFunc(c.Input, func(e cases.Event) bool { return e.Topic != "" && e.Value == nil }) || uses(c,
		"nil-if-b") {
		out = append(out, "null values")
	}
	if uses(c, "nil-on-x", "nil-init") {
		out = append(out, "nil results")
	}
	if outOfOrder(c.Input) {
		out = append(out, "out of order")
	}
	if c.Config["statestore.cache.max.bytes"] != "" {
		out = append(out, "cache")
	}
	return "{" + strings.Join(out, ", ") + "}"
}

// uses reports whether a step of a case has one of the functions.
func uses(c *cases.Case, fns ...string) bool {
	return slices.ContainsFunc(c.Steps, func(s cases.Step) bool {
		return slices.ContainsFunc(s.Fns, func(fn string) bool { return slices.Contains(fns, fn) })
	})
}

func outOfOrder(input []cases.Event) bool {
	latest := int64(0)
	for _, e := range input {
		if e.Topic != "" && e.TS < latest {
			return true
		}
		latest = max(latest, e.TS)
	}
	return false
}
