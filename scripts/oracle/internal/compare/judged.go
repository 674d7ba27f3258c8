package compare

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
)

// judgement is what a person said about the groups that a pattern matches.
type judgement struct {
	pattern *regexp.Regexp
	verdict string
	reason  string
	page    string // that tells users; a path in the module
}

// String is the judgement as a report shows it.
func (j *judgement) String() string { return "[" + j.verdict + "] " + j.reason }

// judged returns the first judgement that is about a kind, or nil.
func judged(all []judgement, key string) *judgement {
	for i := range all {
		if all[i].pattern.MatchString(key) {
			return &all[i]
		}
	}
	return nil
}

// verdicts are what may be said about a kind of difference.
var verdicts = []string{"better, documented", "stricter, documented", "Java's quirk", "same value, other text"}

func readJudged(path string) ([]judgement, error) {
	if path == "" {
		return nil, nil
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var out []judgement
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
			return nil, fmt.Errorf("%s: line %d: verdict %q: want one of %s", path, i+1, parts[1], strings.Join(verdicts, "; "))
		}
		out = append(out, judgement{p, parts[1], parts[2], parts[3]})
	}
	return out, nil
}
