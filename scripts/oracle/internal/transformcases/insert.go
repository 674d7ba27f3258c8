package transformcases

import (
	"github.com/suiro/suiro/scripts/oracle/internal/cases"
)

func (g *gen) insertTables() {
	names := []string{"f", "f!", "f?", "a", "a!", "a?", "f!!", "f??", "f!?", "f?!", "!", "?", "", " ", " f ",
		"f !", "名前", "a.b", "f-g"}
	keys := []string{"topic.field", "partition.field", "timestamp.field", "offset.field", "static.field"}
	for _, key := range keys {
		for _, name := range names {
			conf := cases.KV(key, name)
			if key == "static.field" {
				conf["static.value"] = "v"
			}
			for _, p := range []*cases.Payload{cases.JSON(`{"a":1,"b":null}`),
				cases.Envelope(`{"type":"struct","name":"n","fields":[{"type":"int8","field":"a"},`+
					`{"type":"int8","field":"b","optional":true}]}`,
					`{"a":1}`)} {
				g.smt("names", "InsertField$Value", conf, flat(p))
				r := flat(p)
				r.Partition, r.Timestamp, r.Source = nil, nil, true
				g.smt("names, nothing known", "InsertField$Value", conf, r)
			}
		}
	}
	for _, conf := range []map[string]string{
		cases.KV(), cases.KV("static.field", "f"), cases.KV("static.value", "v"),
		cases.KV("static.field", "f", "static.value", ""), cases.KV("static.field", "f", "static.value", " v "),
		cases.KV("static.field", "f", "static.value", "名"),
		cases.KV("topic.field", "x", "partition.field", "x"),
		cases.KV("topic.field", "t", "partition.field", "p", "timestamp.field", "s", "static.field", "f",
			"static.value", "v"),
		cases.KV("topic.field", "t", "partition.field", "p", "timestamp.field", "s", "offset.field", "o",
			"static.field", "f", "static.value", "v"), cases.KV("topic.field", "t", "unknown", "x"),
		cases.KV("topic.field", "t", nullKey, "x"),
		cases.KV("topic.field", "", "static.field", "f", "static.value", "v"),
		cases.KV("static.field", "", "static.value", "v", "topic.field", "t"),
	} {
		for _, p := range []*cases.Payload{cases.JSON(`{"a":1}`),
			cases.Envelope(`{"type":"struct","fields":[{"type":"int8","field":"a"}]}`, `{"a":1}`)} {
			g.smt("config", "InsertField$Value", conf, flat(p))
		}
	}
	for _, v := range []string{" v ", "\u00a0v\u00a0", "\u3000v", "\u0085v", "\x00v\x1f", "\tv\n", "v\u2028"} {
		g.smt("extreme blanks", "InsertField$Value", cases.KV("static.field", "f", "static.value", v),
			flat(cases.JSON(`{"a":1}`)))
	}
	g.onAll("InsertField", true,
		cases.KV("topic.field", "topic", "partition.field", "p", "timestamp.field", "when"),
		cases.KV("static.field", "s", "static.value", "v", nullKey, "false"),
		cases.KV("partition.field", "p!"), cases.KV("timestamp.field", "when!"), cases.KV("topic.field", "a"),
		cases.KV("static.field", "ts", "static.value", "now", nullKey, "true"))
}
