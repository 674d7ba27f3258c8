// Package compare counts and names the ways in which the answers of two sides to
// one list of cases differ.
package compare

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/suiro/suiro/scripts/internal/judged"
	"github.com/suiro/suiro/scripts/oracle-streams/internal/cases"
)

// Options say what All reads and how much it writes.
type Options struct {
	// Cases, Java and Ours are the files of cases and of both answers.
	Cases, Java, Ours string
	// Judged is the file of judgements; empty for none.
	Judged string
	// Examples shows an example of each judged kind, too.
	Examples bool
	// Left is a file for the cases without a judgement, for package shrink; empty for
	// none.
	Left string
}

// group is one kind of difference. A case that differs in several ways is in
// several groups; the example is the shortest case.
type group struct {
	key        string
	ids        map[string]bool
	example    string
	left       Left
	java, ours string
}

// Left is a case for a kind of difference that nobody has judged.
type Left struct {
	// Sign names the difference.
	Sign string `json:"sign"`
	// Case is the shortest case that was seen.
	Case cases.Case `json:"case"`
}

type tally struct{ total, equal, refused, differ, missing int }

type comparison struct {
	java, ours map[string]*cases.Answer
	groups     map[string]*group
	byTag      map[string]*tally
	byOp       map[string]*tally
	missing    map[string]int
	sum        tally
}

// All compares the answers, writes a report to w and returns an error when a kind of
// difference has no judgement.
func All(w io.Writer, o Options) error {
	java, err := answers(o.Java)
	if err != nil {
		return err
	}
	ours, err := answers(o.Ours)
	if err != nil {
		return err
	}
	judgements, err := judged.Read(o.Judged, verdicts)
	if err != nil {
		return err
	}
	in, err := os.Open(o.Cases)
	if err != nil {
		return err
	}
	defer in.Close()
	c := &comparison{java: java, ours: ours, groups: map[string]*group{}, byTag: map[string]*tally{},
		byOp: map[string]*tally{}, missing: map[string]int{}}
	err = cases.Read(in, func(one *cases.Case) error {
		j, o := java[one.ID], ours[one.ID]
		if j == nil || o == nil {
			return fmt.Errorf("case %s has no answer: java %v, ours %v", one.ID, j != nil, o != nil)
		}
		c.compare(one, j, o)
		return nil
	})
	if err != nil {
		return err
	}
	if c.sum.total == 0 {
		return errors.New("no case was compared")
	}
	left := c.report(w, judgements, o.Examples)
	if err := write(o.Left, left); err != nil {
		return err
	}
	if len(left) > 0 {
		return fmt.Errorf("%d kinds of difference have no judgement", len(left))
	}
	return nil
}

// write writes a line for each.
func write(path string, left []Left) error {
	if path == "" {
		return nil
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	enc := cases.Encoder(f)
	for _, l := range left {
		if err := enc.Encode(l); err != nil {
			return err
		}
	}
	return f.Close()
}

func answers(path string) (map[string]*cases.Answer, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	out := map[string]*cases.Answer{}
	return out, cases.Read(f, func(a *cases.Answer) error {
		out[a.ID] = a
		return nil
	})
}

func (c *comparison) compare(one *cases.Case, java, ours *cases.Answer) {
	tallies := append(c.tallies(one), &c.sum)
	count := func(field func(*tally) *int) {
		for _, t := range tallies {
			*field(t)++
		}
	}
	count(func(t *tally) *int { return &t.total })
	if ours.Missing != "" {
		c.missing[ours.Missing]++
		count(func(t *tally) *int { return &t.missing })
		return
	}
	signs := Differences(java, ours)
	switch {
	case len(signs) > 0:
		count(func(t *tally) *int { return &t.differ })
	case java.Error != nil:
		count(func(t *tally) *int { return &t.refused })
	default:
		count(func(t *tally) *int { return &t.equal })
	}
	for _, s := range signs {
		key := one.Tag + " | " + s + " " + traits(one, c.equalLonger(one))
		g := c.groups[key]
		if g == nil {
			g = &group{key: key, ids: map[string]bool{}}
			c.groups[key] = g
		}
		g.ids[one.ID] = true
		if l := line(one); g.example == "" || len(l) < len(g.example) {
			g.example, g.java, g.ours = l, shown(java, ours), shown(ours, java)
			g.left = Left{s, *one}
		}
	}
}

// tallies are those that a case counts in: of its tag, and of each of its operators.
func (c *comparison) tallies(one *cases.Case) (all []*tally) {
	add := func(to map[string]*tally, name string) {
		t := to[name]
		if t == nil {
			t = &tally{}
			to[name] = t
		}
		if !slices.Contains(all, t) {
			all = append(all, t)
		}
	}
	add(c.byTag, one.Tag)
	for _, s := range one.Steps {
		add(c.byOp, s.Op)
	}
	return all
}

// equalLonger reports whether a case has windows that have expired, and is the same on both
// sides if they are kept longer.
func (c *comparison) equalLonger(one *cases.Case) bool {
	java, ours := c.java[one.Twin], c.ours[one.Twin]
	return expires(one) && java != nil && ours != nil && ours.Missing == "" && len(Differences(java, ours)) == 0
}
