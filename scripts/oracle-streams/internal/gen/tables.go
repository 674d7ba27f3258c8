package gen

import (
	"fmt"
	"strings"

	"github.com/suiro/suiro/scripts/oracle-streams/internal/cases"
)

// stored is a store for operators that may do without one.
func (t *graph) stored() *cases.Store {
	if t.g.chance(50) {
		return nil
	}
	t.count++
	return &cases.Store{Name: fmt.Sprintf("store%d", t.count)}
}

func tableRecipes() (all []recipe) {
	for _, op := range []string{"filterTable", "filterNotTable", "mapTable", "transformTable"} {
		fns := []string{"has-a", "key-odd", "long"}
		if op == "mapTable" || op == "transformTable" {
			fns = []string{"bang", "len", "nil-if-b"}
		}
		all = append(all, recipe{op, func(t *graph) {
			from := t.source("table")
			t.sinkTable(t.add(cases.Step{Op: op, In: []string{from}, Fns: []string{pick(t.g, fns...)},
				Store: t.stored(),
				Name:  t.name(op)}))
		}})
	}
	for _, op := range []string{"count", "reduce", "aggregate"} {
		all = append(all, recipe{"groupTable " + op, func(t *graph) {
			g := t.op("groupTable", t.source("table"), pick(t.g, "swap", "first", "const"))
			s := cases.Step{Op: op, In: []string{g}, Store: t.store()}
			if op != "count" {
				s.Fns = []string{pick(t.g, map[string][]string{"reduce": {"bar", "max"}, "aggregate": {"concat",
					"sum"}}[op]...)}
			}
			t.sinkTable(t.add(s))
		}})
	}
	return append(all,
		recipe{"table", func(t *graph) { t.sinkTable(t.source("table")) }},
		recipe{"toStream with a key", func(t *graph) {
			t.sink(t.op("toStream", t.source("table"), pick(t.g, "first",
				"prefix")))
		}},
		recipe{"suppress until a time limit", func(t *graph) {
			s := cases.Step{Op: "suppress", In: []string{t.source("table")}, Fns: []string{"limit"},
				Millis: pick[int64](t.g, 0, 100, 1000)}
			if t.g.chance(50) {
				s.Buffer = &cases.Buffer{Records: 2}
			}
			t.sinkTable(t.add(s))
		}},
		recipe{"suppress until windows close", func(t *graph) {
			made := t.aggregate("count", t.windows(t.grouped(), pick(t.g, "time", "hopping", "session")))
			t.sinkTable(t.op("suppress", made, "closes"))
		}})
}

func joinRecipes() (all []recipe) {
	for _, op := range []string{"joinStream", "leftJoinStream", "outerJoinStream"} {
		all = append(all, recipe{op, func(t *graph) {
			w := &cases.Window{Size: pick[int64](t.g, 1, 100, 500), Grace: pick[int64](t.g, -1, 0, 1000),
				After: pick[int64](t.g, -1, -1, 0, 50)}
			right := t.stateless(t.source("stream"), 1)
			t.sink(t.joined(op, t.stateless(t.source("stream"), 1), right, w))
		}})
	}
	for _, op := range []string{"joinTable", "leftJoinTable"} {
		all = append(all, recipe{op, func(t *graph) {
			table := t.source("table")
			t.sink(t.joined(op, t.stateless(t.source("stream"), 1), table, nil))
		}}, recipe{op + " versioned", func(t *graph) {
			t.topics = append(t.topics, "in0")
			table := t.add(cases.Step{Op: "table", Topics: t.topics, Store: &cases.Store{Name: "versions",
				Kind: "versioned", History: 5000}})
			w := &cases.Window{Grace: pick[int64](t.g, -1, 0, 500), After: -1}
			t.sink(t.joined(op, t.source("stream"), table, w))
		}})
	}
	for _, op := range []string{"joinGlobal", "leftJoinGlobal"} {
		all = append(all, recipe{op, func(t *graph) {
			global := t.source("globalTable")
			t.sink(t.joined(op, t.source("stream"), global, nil, pick(t.g, "text", "first", "value")))
		}})
	}
	for _, op := range []string{"joinTables", "leftJoinTables", "outerJoinTables"} {
		all = append(all, recipe{op, func(t *graph) {
			right := t.source("table")
			t.sinkTable(t.joined(op, t.source("table"), right, nil))
		}})
	}
	for _, op := range []string{"joinForeign", "leftJoinForeign"} {
		all = append(all, recipe{op, func(t *graph) {
			right := t.source("table")
			t.sinkTable(t.joined(op, t.source("table"), right, nil, pick(t.g, "first", "value")))
		}})
	}
	return all
}

func (t *graph) joined(op, left, right string, w *cases.Window, fns ...string) string {
	s := cases.Step{Op: op, In: []string{left, right}, Fns: append([]string{pick(t.g, "and", "and", "nil-on-x")},
		fns...), Window: w,
		Name: t.name(op)}
	if strings.HasSuffix(op, "Stream") || strings.HasSuffix(op, "Tables") || strings.HasSuffix(op, "Foreign") {
		s.Store = t.stored()
	}
	return t.add(s)
}

func processorRecipes() (all []recipe) {
	for _, fn := range []string{"pass", "later", "header", "times", "meta", "stream-ticks", "wall-ticks"} {
		all = append(all, recipe{"process " + fn, func(t *graph) {
			s := t.source("stream")
			t.sink(t.add(cases.Step{Op: "process", In: []string{s}, Fns: []string{fn}, Millis: pick[int64](t.g, 100,
				1000),
				Name: t.name("process")}))
		}})
	}
	for _, fn := range []string{"count", "drain", "previous"} {
		all = append(all, recipe{"process " + fn, func(t *graph) {
			t.steps = append(t.steps, cases.Step{Op: "addStore", Store: &cases.Store{Name: "kept"}})
			op := "process"
			if fn == "previous" {
				op = "processValues"
			}
			s := t.source("stream")
			t.sink(t.add(cases.Step{Op: op, In: []string{s}, Fns: []string{fn}, Stores: []string{"kept"},
				Millis: 500}))
		}})
	}
	return append(all, recipe{"process lookup", func(t *graph) {
		group := t.op("groupByKey", t.source("stream"))
		t.sinkTable(t.add(cases.Step{Op: "aggregate", In: []string{group}, Fns: []string{"concat"},
			Store: &cases.Store{Name: "kept"}}))
		s := t.source("stream")
		t.sink(t.add(cases.Step{Op: "process", In: []string{s}, Fns: []string{"lookup"}, Stores: []string{"kept"}}))
	}}, recipe{"processValues", func(t *graph) {
		s := t.source("stream")
		t.sink(t.add(cases.Step{Op: "processValues", In: []string{s}, Fns: []string{pick(t.g, "pass", "later")}}))
	}})
}
