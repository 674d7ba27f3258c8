package transformcases

import (
	"github.com/suiro/suiro/scripts/oracle/internal/cases"
)

func (g *gen) replaceTables() {
	long := cases.Envelope(`{"type":"struct","name":"n","fields":[{"type":"int8","field":"a"},`+
		`{"type":"string","field":"b","optional":true},{"type":"int32","field":"c","default":7},`+
		`{"type":"struct","field":"d","optional":true,"fields":[{"type":"int8","field":"a"}]},`+
		`{"type":"array","field":"e","items":{"type":"int8"}},{"type":"string","field":"名前"}]}`,
		`{"a":1,"b":"x","d":{"a":5},"e":[1,2],"名前":"値"}`)
	plain := cases.JSON(`{"a":1,"b":"x","c":null,"d":{"a":5},"e":[1,2],"名前":"値","a.b":3,"x y":4," a":5,"a:b":6}`)
	confs := []map[string]string{
		cases.KV(), cases.KV("exclude", "a"), cases.KV("exclude", "a,b"), cases.KV("exclude", "nope"),
		cases.KV("exclude", "a,a"), cases.KV("exclude", " a , b "), cases.KV("exclude", ""),
		cases.KV("exclude", ","), cases.KV("exclude", "a,"), cases.KV("exclude", "名前"),
		cases.KV("exclude", "a.b"), cases.KV("exclude", "d.a"),
		cases.KV("include", "a"), cases.KV("include", "b,a"), cases.KV("include", "nope"),
		cases.KV("include", "a,a"), cases.KV("include", "a", "exclude", "a"), cases.KV("include", "a,b",
			"exclude", "b"),
		cases.KV("include", "", "exclude", ""), cases.KV("include", "*"), cases.KV("exclude", "*"),
		cases.KV("exclude", "a,b,c,d,e,名前"),
		cases.KV("renames", "a:z"), cases.KV("renames", "a:b"), cases.KV("renames", "a:b,b:a"),
		cases.KV("renames", "a:b", "exclude", "b"), cases.KV("renames", "a:z", "include", "a"),
		cases.KV("renames", "a:z", "include", "z"), cases.KV("renames", "a:z", "exclude", "z"),
		cases.KV("renames", "a:z,a:y"), cases.KV("renames", "a:z,a:z"),
		cases.KV("renames", "a:z,b:z"), cases.KV("renames", "nope:z"), cases.KV("renames", "a:a"),
		cases.KV("renames", "a"), cases.KV("renames", "a:"), cases.KV("renames", ":z"),
		cases.KV("renames", ":"), cases.KV("renames", "a:b:c"), cases.KV("renames", ""), cases.KV("renames", " a : z "),
		cases.KV("renames", "a:z , b:y"), cases.KV("renames", "a:名前"),
		cases.KV("renames", "名前:name"), cases.KV("renames", "x y:xy"), cases.KV("renames", "a.b:ab"),
		cases.KV(nullKey, "false"), cases.KV(nullKey, "true"), cases.KV(nullKey, "x"),
		cases.KV("blacklist", "a"), cases.KV("whitelist", "a"), cases.KV("exclude", "a", "unknown", "b"),
	}
	for _, conf := range confs {
		for _, p := range []*cases.Payload{long, plain} {
			g.smt("config", "ReplaceField$Value", conf, flat(p))
		}
	}
	g.onAll("ReplaceField", true, cases.KV("exclude", "a"), cases.KV("include", "a,ts", nullKey, "false"),
		cases.KV("renames", "a:z,b:y"), cases.KV("exclude", "nope", nullKey, "false"),
		cases.KV("renames", "a:b"))
	withDefault := `{"type":"struct","fields":[{"type":"struct","field":"s","optional":true,` +
		`"fields":[{"type":"int8","field":"a"},{"type":"int8","field":"b"}]}]}`
	g.smt("nested", "ReplaceField$Value", cases.KV("exclude", "a"), flat(cases.Envelope(withDefault,
		`{"s":{"a":1,"b":2}}`)))
}
