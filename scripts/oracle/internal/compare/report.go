package compare

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"sort"
	"strings"

	"github.com/suiro/suiro/scripts/internal/judged"
)

// merged are the groups with one judgement, or one group without.
type merged struct {
	group
	judgement *judged.Judgement
	keys      []string
}

// report returns how many kinds of difference are not judged.
func (c *comparison) report(w io.Writer, judgements []*judged.Judgement, examples bool) (left int) {
	c.printClasses(w)
	groups := c.merge(judgements)
	fmt.Fprintf(w, "\n%d kinds of difference in %d groups; without a judgement:\n", len(c.groups), len(groups))
	byVerdict := map[string]map[string]bool{}
	for _, m := range groups {
		verdict := "not judged"
		if m.judgement != nil {
			verdict = m.judgement.Verdict
		} else {
			left++
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
			m = &merged{group: *g, judgement: j}
			m.key = name
			byName[name] = m
		} else {
			m.add(g)
		}
		m.keys = append(m.keys, fmt.Sprintf("%6d  %s", len(g.ids), g.key))
	}
	groups := slices.Collect(maps.Values(byName))
	slices.SortFunc(groups, func(a, b *merged) int {
		return cmp.Or(cmp.Compare(len(b.ids), len(a.ids)), cmp.Compare(a.key, b.key))
	})
	return groups
}

func (m *merged) add(g *group) {
	if g.weight < m.weight {
		m.weight, m.example, m.java, m.ours = g.weight, g.example, g.java, g.ours
	}
	maps.Copy(m.ids, g.ids)
	for t, n := range g.tags {
		m.tags[t] += n
	}
}

func (m *merged) print(w io.Writer, example bool) {
	fmt.Fprintf(w, "\n%6d  %s\n", len(m.ids), m.key)
	if !example {
		return
	}
	fmt.Fprintf(w, "        tags %s\n        case %s\n        java %s\n        ours %s\n",
		tags(m.tags), cut(m.example, 1200), cut(m.java, 500), cut(m.ours, 500))
	if m.judgement != nil {
		slices.Sort(m.keys)
		fmt.Fprintf(w, "        kinds\n        %s\n", strings.Join(m.keys, "\n        "))
	}
}

func (c *comparison) printClasses(w io.Writer) {
	fmt.Fprintf(w, "%-30s %7s %9s %11s %6s %7s %7s %8s\n", "class", "cases", "equal", "equal error", "order",
		"numtext", "differ", "missing")
	row := func(name string, t *tally) {
		fmt.Fprintf(w, "%-30s %7d %9d %11d %6d %7d %7d %8d\n", name, t.total, t.equalOK, t.equalError, t.order,
			t.text, t.differ, t.missing)
	}
	for _, name := range slices.Sorted(maps.Keys(c.byClass)) {
		row(name, c.byClass[name])
	}
	row("all", &c.sum)
}

func tags(m map[string]int) string {
	var all []string
	for t := range m {
		all = append(all, t)
	}
	sort.Slice(all, func(i, j int) bool { return m[all[i]] > m[all[j]] || m[all[i]] == m[all[j]] && all[i] < all[j] })
	if len(all) > 4 {
		all = append(all[:4], "…")
	}
	return strings.Join(all, ", ")
}
