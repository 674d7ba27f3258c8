package gen

import (
	"fmt"

	"github.com/suiro/suiro/scripts/oracle-streams/internal/cases"
)

// versions is a store that keeps versions.
func (t *graph) versions() *cases.Store {
	t.count++
	return &cases.Store{Name: fmt.Sprintf("versions%d", t.count), Kind: "versioned",
		History: pick[int64](t.g, 1, 300, 1000, 5000)}
}

// versioned reads a topic of its own as a table with versions.
func (t *graph) versioned() string {
	made := t.source("table")
	t.steps[len(t.steps)-1].Store = t.versions()
	return made
}

// versionedRecipes are what works on tables with versions, or makes them.
func versionedRecipes() (all []recipe) {
	stored := func(t *graph) *cases.Store {
		if t.g.chance(40) {
			return t.versions()
		}
		return t.stored()
	}
	for _, op := range []string{"filterTable", "mapTable", "transformTable"} {
		fns := []string{"bang", "nil-if-b"}
		if op == "filterTable" {
			fns = []string{"has-a", "long"}
		}
		all = append(all, recipe{op + " versioned", func(t *graph) {
			made := t.add(cases.Step{Op: op, In: []string{t.versioned()}, Store: stored(t), Fns: []string{pick(t.g, fns...)}})
			if t.g.chance(50) {
				t.sinkTable(made)
				return
			}
			t.sink(t.joined(pick(t.g, "joinTable", "leftJoinTable"), t.source("stream"), made,
				&cases.Window{Grace: -1, After: -1}))
		}})
	}
	for _, op := range []string{"count", "aggregate"} {
		all = append(all, recipe{"groupTable versioned " + op, func(t *graph) {
			g := t.op("groupTable", t.versioned(), pick(t.g, "swap", "first", "const"))
			t.sinkTable(t.add(cases.Step{Op: op, In: []string{g}, Fns: map[string][]string{"aggregate": {"concat"}}[op],
				Store: stored(t)}))
		}}, recipe{op + " versioned", func(t *graph) {
			t.sinkTable(t.add(cases.Step{Op: op, In: []string{t.op("groupByKey", t.source("stream"))},
				Fns: map[string][]string{"aggregate": {"concat"}}[op], Store: t.versions()}))
		}})
	}
	for _, op := range []string{"joinTables", "leftJoinTables", "outerJoinTables", "joinForeign", "leftJoinForeign"} {
		all = append(all, recipe{op + " versioned", func(t *graph) {
			sides := []string{t.versioned(), t.versioned()}
			if t.g.chance(50) {
				sides[t.g.rand.IntN(2)] = t.source("table")
			}
			made := t.joined(op, sides[0], sides[1], nil, pick(t.g, "first", "value"))
			if t.g.chance(40) {
				t.steps[len(t.steps)-1].Store = t.versions()
			}
			t.sinkTable(made)
		}})
	}
	return append(all, versionedSources()...)
}

func versionedSources() []recipe {
	return []recipe{
		{"table versioned", func(t *graph) { t.sinkTable(t.versioned()) }},
		{"toTable versioned", func(t *graph) {
			t.sinkTable(t.add(cases.Step{Op: "toTable", In: []string{t.stateless(t.source("stream"), 1)}, Store: t.versions()}))
		}},
		{"suppress versioned", func(t *graph) {
			t.sinkTable(t.add(cases.Step{Op: "suppress", In: []string{t.versioned()}, Fns: []string{"limit"}, Millis: 100}))
		}},
		{"grace of a table", func(t *graph) {
			table := t.source("table")
			w := &cases.Window{Grace: pick[int64](t.g, 0, 500), After: -1}
			t.sink(t.joined("joinTable", t.source("stream"), table, w))
		}},
	}
}
