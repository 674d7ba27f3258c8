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
	page    string // that tells users, or a regression case for a fault; a path in the module
	used    bool
}

// String is the judgement as a report shows it.
func (j *judgement) String() string { return "[" + j.verdict + "] " + j.reason }

// judged returns the first judgement that is about a kind, or nil.
func judged(all []*judgement, key string) *judgement {
	for _, j := range all {
		if j.pattern.MatchString(key) {
			j.used = true
			return j
		}
	}
	return nil
}

// fault is the verdict on what is to be mended.
const fault = "fault"

// verdicts are what may be said about a kind of difference.
var verdicts = []string{fault, "better, documented", "stricter, documented", "Java's quirk",
	"the test driver's quirk"}

func readJudged(path string) ([]*judgement, error) {
	if path == "" {
		return nil, nil
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var out []*judgement
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
		out = append(out, &judgement{pattern: p, verdict: parts[1], reason: parts[2], page: parts[3]})
	}
	return out, nil
}
