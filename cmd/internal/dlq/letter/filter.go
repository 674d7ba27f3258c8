package letter

import (
	"regexp"
	"slices"
	"strings"
	"time"
)

// Filter chooses letters. The zero Filter takes all.
type Filter struct {
	// Origins, Connectors and Stages are those of the letters to take, if there are some;
	// the case of stages does not matter.
	Origins, Connectors, Stages []string
	// Reason is a part of the reason, or of the folded one; "" takes all.
	Reason string
	// Pattern is found in the reason; nil takes all.
	Pattern *regexp.Regexp
	// Since is the earliest time of the records; zero takes all.
	Since time.Time
}

// Match reports whether the filter takes a letter.
func (f *Filter) Match(l *Letter) bool {
	has := func(list []string, text string) bool { return len(list) == 0 || slices.Contains(list, text) }
	stage := slices.ContainsFunc(f.Stages, func(s string) bool { return strings.EqualFold(s, l.Stage) })
	return has(f.Origins, l.Origin) && has(f.Connectors, l.Connector) && (len(f.Stages) == 0 || stage) &&
		(strings.Contains(l.Reason, f.Reason) || strings.Contains(Fold(l.Reason), f.Reason)) &&
		(f.Pattern == nil || f.Pattern.MatchString(l.Reason)) &&
		!l.Record.Timestamp.Before(f.Since)
}
