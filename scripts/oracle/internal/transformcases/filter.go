package transformcases

import (
	"github.com/suiro/suiro/scripts/oracle/internal/cases"
)

func (g *gen) filterTables() {
	g.onAll("Filter", false, cases.KV(), cases.KV("x", "y"))
	for _, p := range []cases.Condition{
		condition(predicatePackage+"TopicNameMatches", cases.KV("pattern", "topic-a"), false),
		condition(predicatePackage+"TopicNameMatches", cases.KV("pattern", "topic"), false),
		condition(predicatePackage+"TopicNameMatches", cases.KV("pattern", "topic-."), true),
		condition(predicatePackage+"HasHeaderKey", cases.KV("name", "h"), false),
		condition(predicatePackage+"HasHeaderKey", cases.KV("name", "H"), false),
		condition(predicatePackage+"HasHeaderKey", cases.KV("name", "h"), true),
		condition(predicatePackage+"HasHeaderKey", cases.KV("name", ""), false),
		condition(predicatePackage+"HasHeaderKey", cases.KV(), false),
		condition(predicatePackage+"HasHeaderKey", cases.KV("name", " h "), false),
		condition(predicatePackage+"HasHeaderKey", cases.KV("name", "h", "x", "y"), false),
		condition(predicatePackage+"RecordIsTombstone", cases.KV(), false),
		condition(predicatePackage+"RecordIsTombstone", cases.KV(), true),
		condition(predicatePackage+"RecordIsTombstone", cases.KV("x", "y"), false),
		condition(predicatePackage+"TopicNameMatches", cases.KV("pattern", ""), false),
		condition(predicatePackage+"TopicNameMatches", cases.KV(), false),
		condition(predicatePackage+"TopicNameMatches", cases.KV("pattern", "("), false),
		condition(predicatePackage+"TopicNameMatches", cases.KV("pattern", " topic-a "), false),
	} {
		for _, r := range oddRecords() {
			g.Emit("odd record", cases.Case{Kind: "smt", Class: transformPackage + "Filter", Condition: &p, Record: r})
			g.Emit("odd record", cases.Case{Kind: "predicate", Class: p.Class, Config: p.Config, Record: r})
		}
	}
}

func condition(class string, conf map[string]string, negate bool) cases.Condition {
	return cases.Condition{Class: class, Config: conf, Negate: negate}
}

func (g *gen) predicate() cases.Condition {
	switch g.Rand.IntN(3) {
	case 0:
		return condition(predicatePackage+"TopicNameMatches", cases.KV("pattern", cases.Pick(g.Gen, ".*",
			"access.*", "(a|x).*", `[a-z]+-\d`, `.*\.v2`, "topic-a")), g.Chance(40))
	case 1:
		return condition(predicatePackage+"HasHeaderKey", cases.KV("name", cases.Pick(g.Gen, "h", "i",
			"nope")), g.Chance(40))
	}
	return condition(predicatePackage+"RecordIsTombstone", cases.KV(), g.Chance(40))
}
