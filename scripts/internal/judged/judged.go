// Package judged reads what people said about kinds of difference between Kafka's own
// code and ours: a table with a pattern, a verdict, a reason and a page in each line.
package judged

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
)

// Judgement is what a person said about the kinds that a pattern matches.
type Judgement struct {
	// Pattern matches the names of the kinds.
	Pattern *regexp.Regexp
	// Verdict is one of those that Read was given.
	Verdict string
	// Reason says why.
	Reason string
	// Page is a path in the module: of a page that tells users, or of a case.
	Page string
	// Used is whether [Of] has found it.
	Used bool
}

// String is the judgement as a report shows it.
func (j *Judgement) String() string { return "[" + j.Verdict + "] " + j.Reason }

// Of returns the first judgement that is about a kind, or nil.
func Of(all []*Judgement, kind string) *Judgement {
	for _, j := range all {
		if j.Pattern.MatchString(kind) {
			j.Used = true
			return j
		}
	}
	return nil
}

// Read reads the table in a file; "" has no judgements. The error names a line that is
// not one.
func Read(path string, verdicts []string) ([]*Judgement, error) {
	if path == "" {
		return nil, nil
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var out []*Judgement
	for i, line := range strings.Split(string(raw), "\n") {
		if strings.TrimSpace(line) == "" || line[0] == '#' {
			continue
		}
		parts := strings.Split(line, "\t")
		if len(parts) != 4 {
			return nil, fmt.Errorf("%s: line %d: want pattern, verdict, reason and page with tabs between", path, i+1)
		}
		p, err := regexp.Compile(parts[0])
		if err != nil {
			return nil, fmt.Errorf("%s: line %d: %w", path, i+1, err)
		}
		if !slices.Contains(verdicts, parts[1]) {
			return nil, fmt.Errorf("%s: line %d: verdict %q: want one of %s", path, i+1, parts[1],
				strings.Join(verdicts, "; "))
		}
		out = append(out, &Judgement{Pattern: p, Verdict: parts[1], Reason: parts[2], Page: parts[3]})
	}
	return out, nil
}
