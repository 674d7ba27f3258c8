package compare

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/suiro/suiro/scripts/oracle-streams/internal/cases"
)

// Differences names the ways in which two answers differ.
func Differences(java, ours *cases.Answer) (out []string) {
	switch {
	case java.Error != nil && ours.Error != nil:
		return nil
	case java.Error != nil:
		return []string{fmt.Sprintf("Java refuses at %s: %s %s", java.Error.Stage, short(java.Error.Class),
			blurred(java.Error.Message))}
	case ours.Error != nil:
		return []string{fmt.Sprintf("ours refuses at %s: %s", ours.Error.Stage, blurred(ours.Error.Message))}
	}
	j, o := java.OK, ours.OK
	if j.Describe != o.Describe {
		out = append(out, "describe")
	}
	out = append(out, topics(j.Topics, o.Topics)...)
	if o.Changelogs != nil {
		for _, sign := range topics(j.Changelogs, o.Changelogs) {
			out = append(out, "changelog, "+sign)
		}
	}
	if o.Stores != nil {
		out = append(out, stores(j.Stores, o.Stores)...)
	}
	switch {
	case j.Dropped > o.Dropped:
		out = append(out, "dropped: fewer")
	case j.Dropped < o.Dropped:
		out = append(out, "dropped: more")
	}
	if !slices.Equal(j.Seen, o.Seen) {
		out = append(out, "peek")
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// topics names how the records of topics differ.
func topics(java, ours map[string][]cases.Record) (out []string) {
	for _, topic := range names(java, ours) {
		kind := "output"
		if strings.HasPrefix(topic, "app-") {
			kind = "internal topic"
		}
		if sign := records(java[topic], ours[topic]); sign != "" {
			out = append(out, kind+": "+sign)
		}
	}
	return out
}

// timestamp is that of a value in a store.
var timestamp = regexp.MustCompile(`@-?[0-9]+$`)

// stores names how the stores differ that our side can read.
func stores(java, ours map[string][]string) (out []string) {
	for name, lines := range ours {
		var plain []string
		for _, l := range java[name] {
			plain = append(plain, timestamp.ReplaceAllString(l, ""))
		}
		switch {
		case slices.Equal(java[name], lines):
		case slices.Equal(plain, lines):
			out = append(out, "store: timestamps")
		case len(plain) < len(lines):
			out = append(out, "store: more")
		case len(plain) > len(lines):
			out = append(out, "store: fewer")
		default:
			out = append(out, "store: keys or values")
		}
	}
	return out
}

func names[T any](a, b map[string]T) []string {
	all := maps.Clone(a)
	if all == nil {
		all = map[string]T{}
	}
	maps.Copy(all, b)
	return slices.Sorted(maps.Keys(all))
}

// records names how two lists of records differ, "" when they don't.
func records(java, ours []cases.Record) string {
	full := func(r cases.Record) string { return fields(r, true, true) }
	switch {
	case slices.Equal(each(java, full), each(ours, full)):
		return ""
	case equalSorted(java, ours, full):
		return "order"
	case len(java) > len(ours):
		return "fewer records"
	case len(java) < len(ours):
		return "more records"
	}
	signs := []string{}
	if !equalSorted(java, ours, func(r cases.Record) string { return fields(r, false, false) }) {
		return "keys or values"
	}
	if !equalSorted(java, ours, func(r cases.Record) string { return fields(r, true, false) }) {
		signs = append(signs, "timestamps")
	}
	if !equalSorted(java, ours, func(r cases.Record) string { return fields(r, false, true) }) {
		signs = append(signs, "headers")
	}
	return strings.Join(signs, " and ")
}

func fields(r cases.Record, timestamp, headers bool) string {
	s := quote(r.Key) + "=" + quote(r.Value)
	if timestamp {
		s += fmt.Sprintf("@%d", r.Timestamp)
	}
	if headers {
		for _, h := range r.Headers {
			s += " " + quote(h[0]) + ":" + quote(h[1])
		}
	}
	return s
}

func quote(s *string) string {
	if s == nil {
		return "null"
	}
	return `"` + *s + `"`
}

func each(all []cases.Record, f func(cases.Record) string) (out []string) {
	for _, r := range all {
		out = append(out, f(r))
	}
	return out
}

func equalSorted(a, b []cases.Record, f func(cases.Record) string) bool {
	return slices.Equal(slices.Sorted(slices.Values(each(a, f))), slices.Sorted(slices.Values(each(b, f))))
}
