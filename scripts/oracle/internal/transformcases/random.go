package transformcases

import (
	"strings"

	"github.com/suiro/suiro/scripts/oracle/internal/cases"
)

func (g *gen) randomTransforms() {
	g.Times(4000, g.randomReplace)
	g.Times(4000, g.randomInsert)
	g.Times(6000, g.randomTimestamp)
	g.Times(3000, g.randomRegex)
	g.Times(1500, func() {
		p := g.predicate()
		if g.Chance(30) {
			g.Emit("random", cases.Case{Kind: "predicate", Class: p.Class, Config: p.Config, Record: g.record()})
			return
		}
		g.Emit("random", cases.Case{Kind: "smt", Class: transformPackage + "Filter", Condition: &p, Record: g.record()})
	})
	g.Times(1000, func() {
		p := g.predicate()
		g.Emit("random, with predicate", cases.Case{Kind: "smt", Class: transformPackage + "InsertField$Value",
			Config: cases.KV("topic.field", "tt", "static.field", "zz", "static.value", "v"), Condition: &p,
			Record: g.record()})
	})
}

func (g *gen) randomReplace() {
	conf := cases.KV()
	if g.Chance(50) {
		conf["exclude"] = g.names()
	}
	if g.Chance(30) {
		conf["include"] = g.names()
	}
	if g.Chance(50) {
		var list []string
		for _, from := range strings.Split(g.names(), ",") {
			if from != "" {
				list = append(list, from+":"+cases.Pick(g.Gen, "z", "y", "new name", "名", "q."+from, from,
					cases.Pick(g.Gen, cases.FieldNames...)))
			}
		}
		conf["renames"] = strings.Join(list, ",")
	}
	if g.Chance(30) {
		conf[nullKey] = cases.Pick(g.Gen, "true", "false")
	}
	g.smt("random", "ReplaceField"+g.side(), conf, g.record())
}

func (g *gen) randomInsert() {
	conf := cases.KV()
	for _, key := range []string{"topic.field", "partition.field", "timestamp.field", "static.field"} {
		if g.Chance(45) {
			conf[key] = cases.Pick(g.Gen, "t", "p", "when", "s", "_topic", "a",
				"新") + strings.TrimSuffix(key, ".field")[:g.Rand.IntN(3)] + cases.Pick(g.Gen, "", "", "!",
				"?")
		}
	}
	if _, ok := conf["static.field"]; ok || g.Chance(5) {
		conf["static.value"] = strings.Trim(g.Text(), " \x00\x1f\u00a0\u2028\u2029")
	}
	if g.Chance(30) {
		conf[nullKey] = cases.Pick(g.Gen, "true", "false")
	}
	g.smt("random", "InsertField"+g.side(), conf, g.record())
}
