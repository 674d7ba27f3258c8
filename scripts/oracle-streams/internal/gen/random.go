package gen

import (
	"cmp"

	"github.com/suiro/suiro/scripts/oracle-streams/internal/cases"
)

// recipe makes a random topology around one operator.
type recipe struct {
	tag  string
	make func(t *graph)
}

// Random makes n random cases, of each operator about as many, and of each join twice as many.
func (g *Gen) Random(n int) {
	all := recipes()
	for i := range n {
		r := all[i%len(all)]
		t := &graph{g: g}
		r.make(t)
		t.finish(r.tag)
	}
}

func recipes() (all []recipe) {
	all = append(all, statelessRecipes()...)
	all = append(all, sourceRecipes()...)
	all = append(all, aggregateRecipes()...)
	all = append(all, tableRecipes()...)
	all = append(all, joinRecipes()...)
	all = append(all, versionedRecipes()...)
	all = append(all, joinRecipes()...)
	return append(all, processorRecipes()...)
}

func statelessRecipes() (all []recipe) {
	for _, op := range []string{"filter", "filterNot", "mapValues", "flatMapValues", "peek", "map", "flatMap",
		"selectKey", "repartition", "foreach", "toDynamic"} {
		all = append(all, recipe{op, func(t *graph) {
			s := t.stateless(t.one(t.stateless(t.source("stream"), 2), op), 2)
			if op != "toDynamic" {
				t.sink(s)
			}
		}})
	}
	return append(all,
		recipe{"merge", func(t *graph) {
			a := t.source("stream")
			b := a
			if t.g.chance(50) {
				b = t.source("stream")
			}
			t.sink(t.add(cases.Step{Op: "merge", In: []string{t.stateless(a, 2), t.one(b, "mapValues")},
				Name: t.name("merge")}))
		}},
		recipe{"split", split},
		recipe{"several sinks", func(t *graph) {
			a := t.source("stream")
			for range 2 + t.g.rand.IntN(3) {
				t.sink(t.stateless(a, 3))
			}
		}},
		recipe{"toTable", func(t *graph) {
			t.sinkTable(t.add(cases.Step{Op: "toTable", In: []string{t.stateless(t.source("stream"), 1)},
				Store: t.store(),
				Name:  t.name("toTable")}))
		}})
}

func sourceRecipes() []recipe {
	return []recipe{
		recipe{"topics", func(t *graph) {
			t.topics = []string{"in0", "in1"}
			s := cases.Step{Op: "stream", Topics: t.topics}
			if t.g.chance(50) {
				s = cases.Step{Op: "stream", Pattern: "in."}
			}
			t.sink(t.stateless(t.add(s), 2))
		}},
		recipe{"extractor", func(t *graph) {
			t.topics = []string{"in0"}
			s := t.add(cases.Step{Op: "stream", Topics: t.topics, Extractor: "value"})
			t.sinkTable(t.add(cases.Step{Op: "count", In: []string{t.windows(t.op("groupByKey", s), "time")}}))
		}},
	}
}

func split(t *graph) {
	s := cases.Step{Op: "split", In: []string{t.stateless(t.source("stream"), 1)}, Name: t.name("split")}
	for range 1 + t.g.rand.IntN(3) {
		s.Fns = append(s.Fns, pick(t.g, "has-a", "key-odd", "not-null", "long"))
	}
	if t.g.chance(50) {
		s.Fns = append(s.Fns, "default")
	}
	for i := range s.Fns {
		s.Out = append(s.Out, "branch"+string(rune('a'+i)))
	}
	t.steps = append(t.steps, s)
	for _, b := range s.Out {
		t.sink(t.stateless(b, 1))
	}
}

// grouped groups a stream by its key or another one.
func (t *graph) grouped() string {
	s := t.stateless(t.source("stream"), 2)
	if t.g.chance(50) {
		return t.op("groupByKey", s)
	}
	return t.op("groupBy", s, pick(t.g, "first", "value", "prefix", "text"))
}

// windows cuts a group into windows of a kind, with none for "".
func (t *graph) windows(group, kind string) string {
	if kind == "" {
		return group
	}
	w := &cases.Window{Kind: cmp.Or(kind, "time"), Size: pick[int64](t.g, 1, 100, 300, 1000),
		Grace: pick[int64](t.g, -1, 0, 200, 3000)}
	if kind == "hopping" {
		w.Kind, w.Advance = "time", max(1, w.Size/pick[int64](t.g, 2, 3))
	}
	return t.add(cases.Step{Op: "windowedBy", In: []string{group}, Window: w})
}

func aggregateRecipes() (all []recipe) {
	for _, op := range []string{"count", "reduce", "aggregate"} {
		for _, kind := range []string{"", "time", "hopping", "sliding", "session", "unlimited"} {
			all = append(all, recipe{join(op, kind), func(t *graph) {
				t.sinkTable(t.aggregate(op, t.windows(t.grouped(), kind)))
			}})
		}
		for _, kind := range []string{"time", "sliding", "session"} {
			all = append(all, recipe{join(op, kind, "on close"), func(t *graph) {
				made := t.aggregate(op, t.op("emitStrategy", t.windows(t.grouped(), kind), "close"))
				// Kafka Streams' stores in memory forget windows before they are emitted.
				t.steps[len(t.steps)-1].Store = &cases.Store{Name: "closes", Retention: 3_600_000}
				t.sinkTable(made)
			}})
		}
	}
	for _, kind := range []string{"", "time", "sliding", "session"} {
		all = append(all, recipe{join("cogroup", kind), func(t *graph) {
			var groups []string
			for _, name := range []string{"left", "right"} {
				groups = append(groups, t.grouped())
				if t.g.chance(80) { // otherwise two repartitions have one name
					t.steps[len(t.steps)-1].Name = name
				}
			}
			all := t.add(cases.Step{Op: "cogroup", In: groups, Fns: []string{"concat", "concat"}})
			t.sinkTable(t.aggregate("aggregate", t.windows(all, kind)))
		}})
	}
	return append(all, recipe{"two aggregates", func(t *graph) {
		group := t.grouped()
		t.sinkTable(t.aggregate("count", group))
		t.sinkTable(t.aggregate("aggregate", t.windows(group, pick(t.g, "", "time"))))
	}}, recipe{"aggregate of an aggregate", func(t *graph) {
		first := t.op("toStream", t.aggregate("aggregate", t.windows(t.grouped(), pick(t.g, "", "time"))))
		t.sinkTable(t.aggregate("count", t.op("groupBy", first, "first")))
	}})
}

func join(parts ...string) (out string) {
	for _, p := range parts {
		if p != "" && out != "" {
			out += " "
		}
		out += p
	}
	return out
}

// aggregate adds an aggregate of a group.
func (t *graph) aggregate(op, group string) string {
	s := cases.Step{Op: op, In: []string{group}, Store: t.store(), Name: t.name(op)}
	switch op {
	case "reduce":
		s.Fns = []string{pick(t.g, "bar", "max", "nil-on-x")}
	case "aggregate":
		s.Fns = []string{pick(t.g, "concat", "sum", "nil-on-x")}
	}
	return t.add(s)
}
