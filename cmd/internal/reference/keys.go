package main

import (
	"regexp"
	"slices"
	"strings"

	"github.com/suiro/suiro/connect/config"
)

// writeKeys adds the keys of a component: those without a group, then each group under a heading of the given
// level. prefix is what an operator writes before each of them.
func writeKeys(p *page, level int, prefix string, keys []config.Key) {
	group := ""
	keys = slices.Clone(keys)
	slices.SortStableFunc(keys, func(a, b config.Key) int { return min(len(a.Group), 1) - min(len(b.Group), 1) })
	for _, k := range keys {
		if k.Group != group {
			group = k.Group
			p.heading(level, group)
			if group == clientGroup {
				writeClientPrefixes(p, keys)
			}
		}
		if group != clientGroup {
			writeKey(p, level+1, prefix, k)
		}
	}
}

// clientGroup is the group of keys that are those of Kafka clients behind a prefix, of which a
// connector that opens clients of its own has some hundreds.
const clientGroup = "Kafka clients"

// writeClientPrefixes writes what comes before the keys of clients instead of the keys.
func writeClientPrefixes(p *page, keys []config.Key) {
	p.say("The keys of [Kafka clients](../clients.md) behind these prefixes:")
	const first = "bootstrap.servers" // which every client has
	for _, k := range keys {
		if prefix, ok := strings.CutSuffix(k.Name, first); ok && k.Group == clientGroup {
			p.item("`%s`", prefix)
		}
	}
	p.end()
}

func writeKey(p *page, level int, prefix string, k config.Key) {
	p.heading(level, "`"+prefix+k.Name+"`")
	if k.Doc != "" {
		p.say("%s", k.Doc)
	}
	p.say("%s", facts(k))
}

// facts are type, unit, default, what is accepted and importance, in one line.
func facts(k config.Key) string {
	kind := strings.ToLower(k.Type.String())
	if unit := unitOf(k); unit != "" {
		kind += ", " + unit
	}
	out := []string{kind}
	switch text, ok := k.DefaultText(); {
	case k.Required:
		out = append(out, "required")
	case !ok || k.Type == config.Password:
		out = append(out, "no default")
	case text == "":
		out = append(out, "empty by default")
	default:
		out = append(out, "default `"+text+"`")
	}
	if k.Valid != nil {
		out = append(out, accepted(k.Valid.String()))
	}
	return strings.Join(append(out, strings.ToLower(k.Importance.String())+" importance"), " · ")
}

// unitOf is the unit that the name of a number ends with, or says in the middle.
func unitOf(k config.Key) string {
	switch k.Type {
	case config.Int, config.Long, config.Short:
	default:
		return ""
	}
	for _, part := range strings.Split(k.Name, ".") {
		switch part {
		case "ms":
			return "milliseconds"
		case "bytes":
			return "bytes"
		}
	}
	return ""
}

var (
	atLeast = regexp.MustCompile(`^\[(-?\d+),\.\.\.\]$`)
	between = regexp.MustCompile(`^\[(-?\d+),\.\.\.,(-?\d+)\]$`)
	oneOf   = regexp.MustCompile(`^\[(.*)\]$`)
)

// accepted says in words what a validator describes.
func accepted(described string) string {
	if m := atLeast.FindStringSubmatch(described); m != nil {
		return "at least " + m[1]
	}
	if m := between.FindStringSubmatch(described); m != nil {
		return m[1] + " to " + m[2]
	}
	if m := oneOf.FindStringSubmatch(described); m != nil {
		return choice(strings.Split(m[1], ", "))
	}
	return described
}

func choice(values []string) string {
	for i, v := range values {
		if values[i] = "`" + v + "`"; v == "" {
			values[i] = "empty"
		}
	}
	if len(values) == 1 {
		return values[0]
	}
	return strings.Join(values[:len(values)-1], ", ") + " or " + values[len(values)-1]
}
