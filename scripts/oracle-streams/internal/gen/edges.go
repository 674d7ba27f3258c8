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

// shown are the steps that write a table to a topic.
func shown(table string) []cases.Step {
	return []cases.Step{step("toStream", table, "u"), to("u", "out1")}
}

// counted are the steps that count a stream by its key, and write the counts.
func counted(in string) []cases.Step {
	return append([]cases.Step{step("groupByKey", in, "g"), step("count", "g", "t")}, shown("t")...)
}

// functions are those of the catalogue that an operator on streams can have.
var functions = []struct {
	op  string
	fns []string
}{
	{"filter", []string{"has-a", "key-odd", "not-null", "long", "all", "none"}},
	{"filterNot", []string{"has-a", "none"}},
	{"mapValues", []string{"bang", "len", "nil-if-b", "was-null", "same"}},
	{"flatMapValues", []string{"words", "twice"}},
	{"map", []string{"swap", "first", "nil"}},
	{"flatMap", []string{"words", "both"}},
	{"selectKey", []string{"first", "value", "prefix", "text", "const", "nil"}},
	{"peek", []string{""}},
	{"repartition", []string{""}},
}

func (g *Gen) edgesOfStreams() {
	for _, f := range functions {
		for _, fn := range f.fns {
			o := step(f.op, "s", "o", fn)
			g.edge(f.op, o, to("o", "out1"))
			g.edge(f.op+" then group", append([]cases.Step{o}, counted("o")...)...)
		}
	}
}

func (g *Gen) edgesOfAggregates() {
	windows := []*cases.Window{nil,
		{Kind: "time", Size: 100, Grace: 50}, {Kind: "time", Size: 100, Advance: 50, Grace: -1},
		{Kind: "sliding", Size: 100, Grace: 50}, {Kind: "session", Size: 100, Grace: 50}, {Kind: "unlimited"}}
	stores := []*cases.Store{nil, {Name: "kept"}, {Name: "kept", Caching: ptr(false)}, {Caching: ptr(true)},
		{Name: "kept", Logging: ptr(false)}}
	for _, op := range []string{"count", "reduce", "aggregate"} {
		for _, w := range windows {
			for _, store := range stores {
				g.edge("edges of "+join(op, kindOf(w)), aggregated(op, w, store)...)
			}
		}
	}
	for _, fn := range []string{"nil-on-x", "nil-init", "sum"} {
		steps := []cases.Step{step("groupByKey", "s", "g"), step("aggregate", "g", "t", fn)}
		g.edge("edges of aggregate", append(steps, shown("t")...)...)
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
	return append(append(steps, s), shown("t")...)
}

func (g *Gen) edgesOfTables() {
	for _, store := range []*cases.Store{nil, {Name: "kept"}} {
		table := step("toTable", "s", "t")
		table.Store = store
		g.edge("edges of toTable", append([]cases.Step{table}, shown("t")...)...)
		for _, o := range []cases.Step{step("filterTable", "t", "o", "has-a"), step("mapTable", "t", "o", "nil-if-b")} {
			o.Store = store
			g.edge("edges of "+o.Op, append([]cases.Step{step("toTable", "s", "t"), o}, shown("o")...)...)
		}
	}
}

// named is a step whose node has a name.
func named(name string, s cases.Step) cases.Step {
	s.Name = name
	return s
}

// count counts the group g in a store.
func count(out, store string) cases.Step {
	s := step("count", "g", out)
	s.Store = &cases.Store{Name: store}
	return s
}

// edgesOfNames are names that a user gives, and topologies that cannot be.
func (g *Gen) edgesOfNames() {
	for _, f := range functions {
		if f.op == "repartition" {
			continue
		}
		mine := named("mine", step(f.op, "s", "o", f.fns[0]))
		g.edge("names", mine, to("o", "out1"))
		g.edge("names", mine, named("mine", step(f.op, "o", "p", f.fns[0])), to("p", "out1"))
	}
	group, unnamed := named("mine", step("groupBy", "s", "g", "first")), step("groupBy", "s", "g", "first")
	g.edge("names", append([]cases.Step{group, count("t", "kept")}, shown("t")...)...)
	g.edge("names", group, count("t", "kept"), count("t2", "kept2"))
	g.edge("names", unnamed, count("t", "kept"), count("t2", "kept2"), to("s", "out1"))
	g.edge("names", unnamed, count("t", ""), count("t2", ""))
	repartition := named("mine", step("repartition", "s", "r"))
	g.edge("names", repartition, to("r", "out1"))
	g.edge("names", append([]cases.Step{step("repartition", "s", "r")}, counted("r")...)...)
	g.edge("names", repartition, named("mine", step("repartition", "r", "r2")), to("r2", "out1"))

	again := cases.Step{Op: "stream", Out: []string{"s2"}, Topics: []string{"in0"}}
	g.edge("refused", again, to("s2", "out1"), to("s", "out2"))
	g.edge("refused", step("groupByKey", "s", "g"), count("t", "kept"), count("t2", "kept"))
	g.edge("refused", step("groupByKey", "s", "g"), count("t", "a/b"))
	g.edge("refused", named("a b", step("filter", "s", "f", "all")), to("f", "out1"))
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
