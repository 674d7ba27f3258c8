package compare

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"github.com/suiro/suiro/scripts/oracle-streams/internal/cases"
)

var (
	quoted = regexp.MustCompile(`"(\\.|[^"\\])*"|'[^']*'`)
	named  = regexp.MustCompile(`\b(n|store|in|out|my-[A-Za-z]+-)[0-9]+\b`)
	digits = regexp.MustCompile(`[0-9]+`)
)

// blurred leaves out of an error's text what is of the case and not of the kind.
func blurred(s string) string {
	s = quoted.ReplaceAllString(s, "…")
	s = named.ReplaceAllString(s, "…")
	s = digits.ReplaceAllString(s, "N")
	s = strings.Join(strings.Fields(s), " ")
	return cut(s, 140)
}

func short(class string) string { return class[strings.LastIndexByte(class, '.')+1:] }

func cut(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}

// shown is an answer for people; only what differs from the other one, if there is a
// result.
func shown(a, other *cases.Answer) string {
	if a.Error != nil {
		return fmt.Sprintf("refused at %s: %s %s", a.Error.Stage, short(a.Error.Class), cut(a.Error.Message, 300))
	}
	if other.OK == nil {
		return compact(a.OK.Topics)
	}
	var parts []string
	if a.OK.Describe != other.OK.Describe {
		parts = append(parts, "describe\n"+a.OK.Describe)
	}
	add := func(what string, mine, theirs any) {
		if compact(mine) != compact(theirs) {
			parts = append(parts, what+" "+compact(mine))
		}
	}
	add("topics", a.OK.Topics, other.OK.Topics)
	if a.OK.Stores != nil && other.OK.Stores != nil {
		add("stores", a.OK.Stores, other.OK.Stores)
	}
	if a.OK.Changelogs != nil && other.OK.Changelogs != nil {
		add("changelogs", a.OK.Changelogs, other.OK.Changelogs)
	}
	add("dropped", a.OK.Dropped, other.OK.Dropped)
	add("seen", append([]string{}, a.OK.Seen...), append([]string{}, other.OK.Seen...))
	return strings.Join(parts, ", ")
}

func compact(v any) string {
	var b strings.Builder
	_ = cases.Encoder(&b).Encode(v)
	return strings.TrimSpace(b.String())
}

func line(c *cases.Case) string {
	raw, _ := json.Marshal(c)
	return string(raw)
}
