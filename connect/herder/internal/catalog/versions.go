package catalog

import (
	"cmp"
	"strconv"
	"strings"
)

// versions are the versions that a client takes of a plugin, as Maven writes them: 1.2 is
// that version alone, [1.2,2) is from 1.2 on and below 2, and what is left out is without
// a bound. Several ranges have commas between them.
type versions []versionRange

// versionRange is one of them. A bound that is nil is none.
type versionRange struct {
	low, high                 *string
	excludesLow, excludesHigh bool
}

// readVersions reads versions; ok is false for text that is not a range.
func readVersions(text string) (all versions, ok bool) {
	if !strings.HasPrefix(text, "[") && !strings.HasPrefix(text, "(") {
		text = "[" + text + "]"
	}
	for rest := text; rest != ""; {
		end := strings.IndexAny(rest, "])")
		if end < 0 || rest[0] != '[' && rest[0] != '(' {
			return nil, false
		}
		one, ok := readRange(rest[:end+1])
		if !ok {
			return nil, false
		}
		all = append(all, one)
		rest = strings.TrimPrefix(rest[end+1:], ",")
	}
	return all, len(all) > 0
}

// readRange reads a range with its brackets.
func readRange(text string) (r versionRange, ok bool) {
	last := len(text) - 1
	r.excludesLow, r.excludesHigh = text[0] == '(', text[last] == ')'
	low, high, two := strings.Cut(text[1:last], ",")
	low, high = strings.TrimSpace(low), strings.TrimSpace(high)
	switch {
	case !two:
		r.low, r.high = &low, &low
		return r, !r.excludesLow && !r.excludesHigh
	case strings.Contains(high, ","):
		return r, false
	}
	if low != "" {
		r.low = &low
	}
	if high != "" {
		r.high = &high
	}
	return r, r.low == nil || r.high == nil || compareVersions(low, high) <= 0
}

// has reports whether a version is one of them.
func (all versions) has(version string) bool {
	for _, r := range all {
		if r.has(version) {
			return true
		}
	}
	return false
}

func (r versionRange) has(version string) bool {
	if r.low != nil {
		if c := compareVersions(version, *r.low); c < 0 || c == 0 && r.excludesLow {
			return false
		}
	}
	if r.high != nil {
		if c := compareVersions(version, *r.high); c > 0 || c == 0 && r.excludesHigh {
			return false
		}
	}
	return true
}

// String is what Kafka Connect's messages say of the versions.
func (all versions) String() string {
	var out []string
	for _, r := range all {
		text := []byte("[,]")
		if r.excludesLow {
			text[0] = '('
		}
		if r.excludesHigh {
			text[2] = ')'
		}
		low, high := "", ""
		if r.low != nil {
			low = *r.low
		}
		if r.high != nil {
			high = *r.high
		}
		out = append(out, string(text[0])+low+","+high+string(text[2]))
	}
	return strings.Join(out, ",")
}

// compareVersions compares part by part: numbers by value, and above other text.
func compareVersions(a, b string) int {
	split := func(c rune) bool { return c == '.' || c == '-' || c == '+' }
	as, bs := strings.FieldsFunc(strings.TrimPrefix(a, "v"), split), strings.FieldsFunc(strings.TrimPrefix(b, "v"), split)
	for i := range max(len(as), len(bs)) {
		if c := compareParts(part(as, i), part(bs, i)); c != 0 {
			return c
		}
	}
	return 0
}

// part is a part of a version, 0 behind its end.
func part(parts []string, i int) string {
	if i < len(parts) {
		return parts[i]
	}
	return "0"
}

func compareParts(a, b string) int {
	n, notA := strconv.ParseUint(a, 10, 64)
	m, notB := strconv.ParseUint(b, 10, 64)
	switch {
	case notA == nil && notB == nil:
		return cmp.Compare(n, m)
	case notA == nil:
		return 1
	case notB == nil:
		return -1
	}
	return strings.Compare(a, b)
}
