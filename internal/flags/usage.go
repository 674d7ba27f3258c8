package flags

import (
	"regexp"
	"strings"

	"github.com/suiro/suiro/connect/config"
)

// usage is the first sentence of a key's doc, then what is accepted and the
// default.
func usage(k config.Key) string {
	text, _, _ := strings.Cut(strings.TrimSuffix(k.Doc, "."), ". ")
	var facts []string
	if a := accepted(k); a != "" {
		facts = append(facts, a)
	}
	switch d, ok := k.DefaultText(); {
	case k.Required:
		facts = append(facts, "required")
	case !ok || d == "" || k.Type == config.Password || k.Type == config.Boolean && d == "false":
	case isDuration(k):
		facts = append(facts, "default "+durationText(d))
	case isBytes(k):
		facts = append(facts, "default "+bytesText(d))
	default:
		facts = append(facts, "default "+d)
	}
	if len(facts) > 0 {
		text += " (" + strings.Join(facts, "; ") + ")"
	}
	return text
}

// The forms in which validators of package config describe what they accept.
var (
	atLeast = regexp.MustCompile(`^\[(-?\d+),\.\.\.\]$`)
	atMost  = regexp.MustCompile(`^\[\.\.\.,(-?\d+)\]$`)
	between = regexp.MustCompile(`^\[(-?\d+),\.\.\.,(-?\d+)\]$`)
	oneOf   = regexp.MustCompile(`^\[(.*)\]$`)
)

// accepted says in words what a key's validator accepts, or is empty where that
// goes without saying.
func accepted(k config.Key) string {
	if k.Valid == nil {
		return ""
	}
	number := func(text string) string {
		if isDuration(k) {
			return durationText(text)
		}
		return text
	}
	text := k.Valid.String()
	if m := atLeast.FindStringSubmatch(text); m != nil {
		return "at least " + number(m[1])
	}
	if m := atMost.FindStringSubmatch(text); m != nil {
		return "at most " + number(m[1])
	}
	if m := between.FindStringSubmatch(text); m != nil {
		return number(m[1]) + " to " + number(m[2])
	}
	if values := choices(k); len(values) > 0 {
		return either(values)
	}
	if text == "non-empty" {
		return ""
	}
	return text
}

// choices are the values of a key that has only a few.
func choices(k config.Key) []string {
	if k.Type == config.Boolean {
		return []string{"true", "false"}
	}
	if k.Valid == nil || strings.Contains(k.Valid.String(), "...") {
		return nil
	}
	if m := oneOf.FindStringSubmatch(k.Valid.String()); m != nil {
		return strings.Split(m[1], ", ")
	}
	return nil
}

// either lists alternatives.
func either(values []string) string {
	named := make([]string, len(values))
	for i, v := range values {
		if named[i] = v; v == "" {
			named[i] = "empty"
		}
	}
	if len(named) == 1 {
		return named[0]
	}
	last := len(named) - 1
	return strings.Join(named[:last], ", ") + " or " + named[last]
}
