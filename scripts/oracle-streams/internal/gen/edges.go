package gen

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/suiro/suiro/scripts/oracle-streams/internal/cases"
)

// edges are records at the borders of windows of 100 ms with a grace of 50 ms, with the
// same times, late by all and by nothing, with null and empty keys and values.
func edges() (out []cases.Event) {
	at := func(ts int64, key, value *string) {
		out = append(out, cases.Event{Topic: "in0", Key: key, Value: value, TS: ts})
	}
	a, b, empty := ptr("a"), ptr("b"), ptr("")
	at(0, a, ptr("one"))
	at(99, a, ptr("two x"))
	at(99, b, ptr("a b"))
	at(100, a, nil)
	at(100, nil, ptr("nobody"))
	at(100, nil, nil)
	at(100, empty, empty)
	at(149, a, ptr("border"))
	at(50, a, ptr("in grace"))
	at(150, b, ptr("closes"))
	at(99, a, ptr("late"))
	at(100, b, ptr("a b"))
	at(1000, a, ptr("7"))
	at(0, a, ptr("lost"))
	at(999, a, nil)
	at(1000, a, ptr("7"))
	at(1000, b, nil)
	at(5000, ptr("c"), ptr("end"))
	out[1].Headers = [][]string{{"h", "1"}, {"h", "2"}}
	return out
}

// Edges makes the cases of tables: each operator with each of its functions, and
// options, on the same records.
func (g *Gen) Edges() {
	g.edgesOfStreams()
	g.edgesOfAggregates()
	g.edgesOfTables()
	g.edgesOfNames()
}

// edge makes cases of a small topology: with and without a cache, and with a commit
// after each record or only at the end.
func (g *Gen) edge(tag string, steps ...cases.Step) {
	steps = append([]cases.Step{{Op: "stream", Out: []string{"s"}, Topics: []string{"in0"}}}, steps...)
	for _, config := range []map[string]string{nil, {"statestore.cache.max.bytes": "1000000"}} {
		for _, each := range []bool{true, false} {
			c := cases.Case{Tag: tag, Steps: steps, Config: config}
			for _, e := range edges() {
				c.Input = append(c.Input, e)
				if each {
					c.Input = append(c.Input, cases.Event{Commit: true})
				}
			}
			g.emit(c)
		}
	}
}

// step is a step below others.
func step(op, in, out string, fns ...string) cases.Step {
	s := cases.Step{Op: op, Fns: fns, Out: []string{out}}
	if in != "" {
		s.In = []string{in}
	}
	return s
}

func to(in, topic string) cases.Step {
	return cases.Step{Op: "to", In: []string{in}, Topics: []string{topic}}
}

func (g *Gen) edgesOfStreams() {
	for _, o := range []struct {
		op  string
		fns []string
	}{
		{"filter", []string{"has-a", "key-odd", "not-null", "long", "all", "none"}}, {"filterNot", []string{"has-a",
			"none"}},
		{"mapValues", []string{"bang", "len", "nil-if-b", "was-null", "same"}}, {"flatMapValues", []string{"words",
			"twice"}},
		{"map", []string{"swap", "first", "nil"}}, {"flatMap", []string{"words", "both"}}, {"peek", []string{""}},
		{"selectKey", []string{"first", "value", "prefix", "text", "const", "nil"}}, {"repartition", []string{""}},
	} {
		for _, fn := range o.fns {
			g.edge(o.op, step(o.op, "s", "o", fn), to("o", "out1"))
			g.edge(o.op+" then group", step(o.op, "s", "o", fn), step("groupByKey", "o", "g"), step("count", "g",
				"t"),
				step("toStream", "t", "u"), to("u", "out1"))
		}
	}
}

func (g *Gen) edgesOfAggregates() {
	no, yes := ptr(false), ptr(true)
	for _, op := range []string{"count", "reduce", "aggregate"} {
		for _, w := range []*cases.Window{nil, {Kind: "time", Size: 100, Grace: 50}, {Kind: "time", Size: 100,
			Advance: 50, Grace: -1},
			{Kind: "sliding", Size: 100, Grace: 50}, {Kind: "session", Size: 100, Grace: 50}, {Kind: "unlimited"}} {
			for _, store := range []*cases.Store{nil, {Name: "kept"}, {Name: "kept", Caching: no}, {Caching: yes},
				{Name: "kept", Logging: no}} {
				g.edge("edges of "+join(op, kindOf(w)), aggregated(op, w, store)...)
			}
		}
	}
	for _, fn := range []string{"nil-on-x", "nil-init", "sum"} {
		g.edge("edges of aggregate", step("groupByKey", "s", "g"), step("aggregate", "g", "t", fn), step("toStream",
			"t", "u"), to("u", "out1"))
	}
}

func kindOf(w *cases.Window) string {
	switch {
	case w == nil:
		return ""
	case w.Advance > 0:
		return "hopping"
	}
	return w.Kind
}

func aggregated(op string, w *cases.Window, store *cases.Store) []cases.Step {
	steps := []cases.Step{step("groupBy", "s", "g", "text")}
	if w != nil {
		windowed := step("windowedBy", "g", "w")
		windowed.Window = w
		steps = append(steps, windowed)
	}
	last := steps[len(steps)-1].Out[0]
	s := step(op, last, "t")
	s.Store = store
	switch op {
	case "reduce":
		s.Fns = []string{"bar"}
	case "aggregate":
		s.Fns = []string{"concat"}
	}
	return append(steps, s, step("toStream", "t", "u"), to("u", "out1"))
}

func (g *Gen) edgesOfTables() {
	for _, store := range []*cases.Store{nil, {Name: "kept"}} {
		table := step("toTable", "s", "t")
		table.Store = store
		g.edge("edges of toTable", table, step("toStream", "t", "u"), to("u", "out1"))
		for _, op := range []string{"filterTable", "mapTable"} {
			fn := map[string]string{"filterTable": "has-a", "mapTable": "nil-if-b"}[op]
			o := step(op, "t", "o", fn)
			o.Store = store
			g.edge("edges of "+op, step("toTable", "s", "t"), o, step("toStream", "o", "u"), to("u", "out1"))
		}
	}
}

// edgesOfNames are names that a user gives, and topologies that cannot be.
func (g *Gen) edgesOfNames() {
	named := func(s cases.Step, name string) cases.Step { s.Name = name; return s }
	stored := func(s cases.Step, name string) cases.Step { s.Store = &cases.Store{Name: name}; return s }
	count := func(out, store string) cases.Step { return stored(step("count", "g", out), store) }
	for _, op := range []string{"filter", "mapValues", "flatMapValues", "map", "flatMap", "selectKey", "peek"} {
		fn := map[string]string{"filter": "has-a", "mapValues": "bang", "flatMapValues": "words", "map": "swap",
			"flatMap":   "words",
			"selectKey": "first", "peek": ""}[op]
		g.edge("names", named(step(op, "s", "o", fn), "mine"), to("o", "out1"))
		g.edge("names", named(step(op, "s", "o", fn), "mine"), named(step(op, "o", "p", fn), "mine"), to("p", "out1"))
	}
	g.edge("names", named(step("groupBy", "s", "g", "first"), "mine"), count("t", "kept"), step("toStream", "t",
		"u"), to("u", "out1"))
	g.edge("names", named(step("groupBy", "s", "g", "first"), "mine"), count("t", "kept"), count("t2", "kept2"))
	g.edge("names", step("groupBy", "s", "g", "first"), count("t", "kept"), count("t2", "kept2"), to("s", "out1"))
	g.edge("names", step("groupBy", "s", "g", "first"), count("t", ""), count("t2", ""))
	g.edge("names", named(step("repartition", "s", "r"), "mine"), to("r", "out1"))
	g.edge("names", step("repartition", "s", "r"), step("groupByKey", "r", "g"), count("t", "kept"),
		step("toStream", "t", "u"), to("u", "out1"))
	g.edge("names", named(step("repartition", "s", "r"), "mine"), named(step("repartition", "r", "r2"), "mine"),
		to("r2", "out1"))
	g.edge("refused", step("groupByKey", "s", "g"), count("t", "kept"), count("t2", "kept"))
	g.edge("refused", cases.Step{Op: "stream", Out: []string{"s2"}, Topics: []string{"in0"}}, to("s2", "out1"),
		to("s", "out2"))
	g.edge("refused", step("groupByKey", "s", "g"), count("t", "a/b"))
	g.edge("refused", named(step("filter", "s", "f", "all"), "a b"), to("f", "out1"))
	g.edge("refused", to("s", "a b"))
	g.edge("refused", to("s", ""))
}

// Kept makes the cases that are kept in a folder, a line of JSON each, because of a
// difference that there was.
func (g *Gen) Kept(folder string) error {
	files, err := filepath.Glob(filepath.Join(folder, "*.jsonl"))
	if err != nil {
		return err
	}
	for _, name := range files {
		if err := g.kept(name); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

func (g *Gen) kept(name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	return cases.Read(f, func(c *cases.Case) error {
		g.emit(*c)
		return nil
	})
}
