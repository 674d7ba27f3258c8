package compare

import (
	"math"
	"slices"
	"strings"

	"github.com/suiro/suiro/scripts/oracle-streams/internal/cases"
)

// traits are what a difference may be due to: they are part of its kind, so that a
// judgement on records without keys does not hide a difference in other cases.
func traits(c *cases.Case, equalLonger bool) string {
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
	if deletesAtOnce(c.Input) {
		out = append(out, "deletions at the time of a value")
	}
	if c.Config["statestore.cache.max.bytes"] != "" {
		out = append(out, "cache")
	}
	if equalLonger {
		out = append(out, "equal if windows are kept longer")
	}
	return "{" + strings.Join(out, ", ") + "}"
}

// expires reports whether a window that was there may have expired in a store which keeps
// windows no longer than it must: whether stream time has come far enough.
func expires(c *cases.Case) bool {
	keeps := int64(math.MaxInt64)
	for _, s := range c.Steps {
		if s.Op != "windowedBy" {
			continue
		}
		least := s.Window.Size + max(s.Window.Grace, 0)
		if s.Window.Kind == "sliding" {
			least += s.Window.Size
		}
		keeps = min(keeps, least)
	}
	first, latest := int64(math.MaxInt64), int64(0)
	for _, e := range c.Input {
		if e.Topic != "" {
			first, latest = min(first, e.TS), max(latest, e.TS)
		}
	}
	return keeps < math.MaxInt64 && latest-first > keeps
}

// uses reports whether a step of a case has one of the functions.
func uses(c *cases.Case, fns ...string) bool {
	return slices.ContainsFunc(c.Steps, func(s cases.Step) bool {
		return slices.ContainsFunc(s.Fns, func(fn string) bool { return slices.Contains(fns, fn) })
	})
}

// deletesAtOnce reports whether a key is deleted with the timestamp of a value that it has had.
func deletesAtOnce(input []cases.Event) bool {
	type moment struct {
		topic, key string
		at         int64
	}
	had := map[moment]bool{}
	for _, e := range input {
		if e.Topic == "" || e.Key == nil {
			continue
		}
		m := moment{e.Topic, *e.Key, e.TS}
		if e.Value == nil && had[m] {
			return true
		}
		had[m] = had[m] || e.Value != nil
	}
	return false
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
