// Package compare counts and names the ways in which the answers of two sides to
// one list of cases differ.
package compare

import (
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/suiro/suiro/scripts/internal/judged"
	"github.com/suiro/suiro/scripts/oracle/internal/cases"
)

// group is one kind of difference. A case that differs in several ways is in
// several groups; the example is the shortest case with the fewest ways.
type group struct {
	key     string
	ids     map[string]bool
	tags    map[string]int
	example string
	java    string
	ours    string
	weight  int
}

type tally struct {
	total, equalOK, equalError, order, text, differ, missing int
}

type comparison struct {
	groups  map[string]*group
	byClass map[string]*tally
	sum     tally
}

// Options say what All reads and how much it writes.
type Options struct {
	// Cases, Java and Ours are the files of cases and of both answers.
	Cases, Java, Ours string
	// Judged is the file of judgements; empty for none.
	Judged string
	// Examples shows an example of each judged group, too.
	Examples bool
}

// All compares the answers, writes a report to w and returns an error when a
// kind of difference has no judgement.
func All(w io.Writer, o Options) error {
	java, err := results(o.Java)
	if err != nil {
		return err
	}
	ours, err := results(o.Ours)
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
	c := &comparison{groups: map[string]*group{}, byClass: map[string]*tally{}}
	err = cases.Lines(in, func(line []byte) error {
		var one cases.Case
		if err := json.Unmarshal(line, &one); err != nil {
			return err
		}
		j, ok1 := java[one.ID]
		o, ok2 := ours[one.ID]
		if !ok1 || !ok2 {
			return fmt.Errorf("case %s has no answer: java %v, ours %v", one.ID, ok1, ok2)
		}
		c.compare(&one, string(line), j, o)
		return nil
	})
	if err != nil {
		return err
	}
	if left := c.report(w, judgements, o.Examples); left > 0 {
		return fmt.Errorf("%d kinds of difference have no judgement", left)
	}
	return nil
}

func results(path string) (map[string]cases.Answer, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	out := map[string]cases.Answer{}
	return out, cases.Lines(f, func(line []byte) error {
		var r cases.Answer
		if err := json.Unmarshal(line, &r); err != nil {
			return fmt.Errorf("%s: %w", line, err)
		}
		out[r.ID] = r
		return nil
	})
}

func (c *comparison) compare(one *cases.Case, line string, java, ours cases.Answer) {
	class := short(one.Class)
	t := c.byClass[class]
	if t == nil {
		t = &tally{}
		c.byClass[class] = t
	}
	count := func(field func(*tally) *int) { *field(t)++; *field(&c.sum)++ }
	count(func(t *tally) *int { return &t.total })
	if ours.Missing {
		count(func(t *tally) *int { return &t.missing })
		return
	}
	signs := differences(one, java, ours)
	switch {
	case len(signs) > 0:
		count(func(t *tally) *int { return &t.differ })
	case java.Error != nil:
		count(func(t *tally) *int { return &t.equalError })
		return
	default:
		count(func(t *tally) *int { return &t.equalOK })
		return
	}
	if len(signs) == 1 && signs[0] == onlyOrder {
		t.differ--
		c.sum.differ--
		count(func(t *tally) *int { return &t.order })
		return
	}
	if len(signs) == 1 && signs[0] == onlyText {
		t.differ--
		c.sum.differ--
		count(func(t *tally) *int { return &t.text })
	}
	for _, s := range signs {
		g := c.group(one, s)
		g.ids[one.ID] = true
		g.tags[one.Tag]++
		if weight := len(line) + 1000*len(signs); weight < g.weight {
			g.weight, g.example, g.java, g.ours = weight, rendered(one), shown(java), shown(ours)
		}
	}
}

// group returns the group of a case's difference.
func (c *comparison) group(one *cases.Case, sign string) *group {
	key := short(one.Class) + " | " + one.Kind + " | " + sign
	if one.Header { // text that may be anything: what may differ depends on what it is
		key += " | " + one.Tag
	}
	g := c.groups[key]
	if g == nil {
		g = &group{key: key, ids: map[string]bool{}, tags: map[string]int{}, weight: 1 << 30}
		c.groups[key] = g
	}
	return g
}
