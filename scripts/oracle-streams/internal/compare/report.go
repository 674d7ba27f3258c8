package compare

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/suiro/suiro/scripts/internal/judged"
)

// merged are the groups with one judgement, or one group without.
type merged struct {
	group
	judgement *judged.Judgement
	keys      []string
}

// report returns cases for the kinds of difference that are not judged.
func (c *comparison) report(w io.Writer, judgements []*judged.Judgement, examples bool) (left []Left) {
	c.printTags(w)
	c.printMissing(w)
	groups := c.merge(judgements)
	fmt.Fprintf(w, "\n%d kinds of difference in %d groups; without a judgement:\n", len(c.groups), len(groups))
	byVerdict := map[string]map[string]bool{}
	for _, m := range groups {
		verdict := "not judged"
		if m.judgement != nil {
			verdict = m.judgement.Verdict
		} else {
			left = append(left, m.left)
			m.print(w, true)
		}
		if byVerdict[verdict] == nil {
			byVerdict[verdict] = map[string]bool{}
		}
		maps.Copy(byVerdict[verdict], m.ids)
	}
	fmt.Fprint(w, "\njudged:\n")
	for _, m := range groups {
		if m.judgement != nil {
			m.print(w, examples)
		}
	}
	fmt.Fprint(w, "\ncases by judgement (a case may differ in several ways):\n")
	for _, v := range slices.Sorted(maps.Keys(byVerdict)) {
		fmt.Fprintf(w, "%7d  %s\n", len(byVerdict[v]), v)
	}
	for _, j := range judgements {
		if !j.Used {
			fmt.Fprintf(w, "\nno difference has the judgement %s (%s): delete its line if this stays so\n", j,
				j.Pattern)
		}
	}
	return left
}

// merge puts groups with one judgement together, the largest first.
func (c *comparison) merge(judgements []*judged.Judgement) []*merged {
	byName := map[string]*merged{}
	for _, g := range c.groups {
		j := judged.Of(judgements, g.key)
		name := g.key
		if j != nil {
			name = j.String()
		}
		m := byName[name]
		if m == nil {
			m = &merged{group: group{key: name, ids: map[string]bool{}}, judgement: j}
			byName[name] = m
		}
		m.add(g)
	}
	return slices.SortedFunc(maps.Values(byName), func(a, b *merged) int {
		return cmp.Or(cmp.Compare(len(b.ids), len(a.ids)), cmp.Compare(a.key, b.key))
	})
}

func (m *merged) add(g *group) {
	if m.example == "" || len(g.example) < len(m.example) {
		m.example, m.left, m.java, m.ours = g.example, g.left, g.java, g.ours
	}
	maps.Copy(m.ids, g.ids)
	m.keys = append(m.keys, fmt.Sprintf("%6d  %s", len(g.ids), g.key))
}

func (m *merged) print(w io.Writer, example bool) {
	fmt.Fprintf(w, "\n%6d  %s\n", len(m.ids), m.key)
	if !example {
		return
	}
	fmt.Fprintf(w, "        case %s\n        java %s\n        ours %s\n", cut(m.example, 3000), cut(m.java, 2500),
		cut(m.ours, 2500))
	if m.judgement != nil {
		slices.Sort(m.keys)
		for _, k := range m.keys {
			fmt.Fprintf(w, "        %s\n", k)
		}
	}
}

func (c *comparison) printTags(w io.Writer) {
	printTallies(w, "about", c.byTag)
	printTallies(w, "with the operator", c.byOp)
	printTallies(w, "", map[string]*tally{"all": &c.sum})
}

func printTallies(w io.Writer, what string, all map[string]*tally) {
	if what != "" {
		fmt.Fprintf(w, "%-40s %6s %6s %8s %7s %8s\n", what, "cases", "equal", "refused", "differ", "missing")
	}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		t := all[name]
		fmt.Fprintf(w, "%-40s %6d %6d %8d %7d %8d\n", name, t.total, t.equal, t.refused, t.differ, t.missing)
	}
	fmt.Fprintln(w)
}

func (c *comparison) printMissing(w io.Writer) {
	fmt.Fprint(w,
		"\nwhat streams does not have, and cases that are not compared because of it (the first thing counts):\n")
	for _, what := range slices.SortedFunc(maps.Keys(c.missing), func(a, b string) int {
		return cmp.Or(cmp.Compare(c.missing[b], c.missing[a]), cmp.Compare(a, b))
	}) {
		fmt.Fprintf(w, "%7d  %s\n", c.missing[what], what)
	}
}
