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
	facts := []string{accepted(k)}
	switch d := defaultOf(k); {
	case k.Required:
		facts = append(facts, "required")
	case d != "" && (k.Type != config.Boolean || d != "false"):
		facts = append(facts, "default "+d)
	}
	if facts[0] == "" || k.Type == config.Boolean {
		facts = facts[1:]
	}
	if len(facts) > 0 {
		text += " (" + strings.Join(facts, "; ") + ")"
	}
	return text
}

// defaultOf is a key's default as people write it, "" when there is none to show.
func defaultOf(k config.Key) string {
	d, ok := k.DefaultText()
	switch {
	case !ok || k.Type == config.Password:
		return ""
	case isDuration(k):
		return durationText(d)
	case isBytes(k):
		return bytesText(d)
	case k.Type == config.List: // which may be long, and has no blanks to break it at
		return strings.ReplaceAll(d, ",", ", ")
	}
	return d
}

// Facts are a key's type with its unit, default, what is accepted and importance, as
// a line for people.
func Facts(k config.Key) string {
	facts := accepts(k)
	text, ok := k.DefaultText()
	switch {
	case k.Required:
		facts = append(facts, "required")
	case !ok || k.Type == config.Password:
		facts = append(facts, "no default")
	case text == "":
		facts = append(facts, "empty by default")
	case isDuration(k) && strings.HasSuffix(defaultOf(k), "ms"):
		facts = append(facts, "default "+text)
	case (isDuration(k) || isBytes(k)) && defaultOf(k) != text:
		facts = append(facts, "default "+text+", which is "+defaultOf(k))
	default:
		facts = append(facts, "default "+defaultOf(k))
	}
	return strings.Join(append(facts, strings.ToLower(k.Importance.String())+" importance"), "; ")
}

// Accepts says what the value of a key may be, such as "number, at least 1".
func Accepts(k config.Key) string { return strings.Join(accepts(k), ", ") }

// accepts are a key's type with its unit, and what is accepted of it.
func accepts(k config.Key) []string {
	facts := []string{(&value{key: k}).Type()}
	switch facts[0] {
	case "bool":
		facts[0] = "true or false"
	case "duration":
		facts[0] = "milliseconds"
	case "bytes":
		facts[0] = "number of bytes"
	}
	if a := acceptedAs(k, plainly); a != "" && k.Type != config.Boolean {
		facts = append(facts, a)
	}
	return facts
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
	switch {
	case isDuration(k):
		return acceptedAs(k, durationText)
	case isBytes(k):
		return acceptedAs(k, bytesText)
	}
	return acceptedAs(k, plainly)
}

func plainly(number string) string { return number }

// acceptedAs is accepted with a way of writing numbers.
func acceptedAs(k config.Key, number func(string) string) string {
	if k.Valid == nil {
		return ""
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
