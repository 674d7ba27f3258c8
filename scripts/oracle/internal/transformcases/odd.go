package transformcases

import (
	"github.com/suiro/suiro/scripts/oracle/internal/cases"
)

// oddRecords are given to every transform: null, tombstones, data that is not a
// struct, and data that is.
func oddRecords() []*cases.Record {
	var out []*cases.Record
	add := func(p *cases.Payload) {
		out = append(out, &cases.Record{Topic: "topic-a", Partition: cases.Ptr[int32](3),
			Timestamp: cases.Ptr[int64](1700000000123), Key: p, Value: p,
			Headers: []cases.Header{cases.H("h", cases.JSON(`"x"`)), cases.H("h", cases.JSON(`2`))}})
	}
	add(nil)
	for _, text := range []string{`null`, `true`, `5`, `1.5`, `"text"`, `[]`, `[1,{"a":1}]`, `{}`, `{"a":1}`,
		`{"a":null,"b":2}`, `{"a":{"b":{"c":1}},"b":[1,2],"c":"x","ts":"2020-01-02"}`} {
		add(cases.JSON(text))
	}
	for _, e := range [][2]string{
		{`{"type":"string","optional":true}`, `null`},
		{`{"type":"struct","optional":true,"fields":[{"type":"int8","field":"a"}]}`, `null`},
		{`{"type":"struct","optional":true,"fields":[{"type":"int8","field":"a"}],"name":"n","version":2,` +
			`"doc":"d","parameters":{"p":"q"}}`,
			`{"a":1}`},
		{`{"type":"string"}`, `"x"`}, {`{"type":"int64"}`, `1700000000123`}, {`{"type":"int32"}`, `5`},
		{`{"type":"boolean"}`, `true`}, {`{"type":"bytes"}`, `"AQI="`},
		{`{"type":"array","items":{"type":"int8"}}`, `[1]`},
		{`{"type":"map","keys":{"type":"string"},"values":{"type":"int8"}}`, `{"a":1}`},
		{`{"type":"map","keys":{"type":"int8"},"values":{"type":"int8"}}`, `[[1,2]]`},
		{`{"type":"struct","fields":[]}`, `{}`},
		{`{"type":"struct","fields":[{"type":"int8","field":"a"},{"type":"string","field":"b",` +
			`"optional":true},{"type":"int32","field":"c","default":7},{"type":"int32","field":"d",` +
			`"default":8,"optional":true}]}`,
			`{"a":1}`},
		{`{"type":"struct","name":"n","version":3,"doc":"doc","parameters":{"x":"y"},` +
			`"fields":[{"type":"int8","field":"a","doc":"f","name":"fn","version":1},{"type":"struct",` +
			`"field":"b","optional":true,"fields":[{"type":"int8","field":"a"}]}]}`,
			`{"a":1,"b":{"a":2}}`},
		{`{"type":"int32","optional":true,"default":5}`, `null`},
		{`{"type":"int64","name":"` + cases.TimestampName + `","version":1}`, `1700000000123`},
		{`{"type":"int32","name":"` + cases.DateName + `","version":1}`, `19000`},
		{`{"type":"int32","name":"` + cases.TimeName + `","version":1}`, `3600000`},
		{`{"type":"int64","name":"` + cases.TimestampName + `","version":1,"optional":true}`, `null`},
	} {
		add(cases.Envelope(e[0], e[1]))
	}
	return append(out, oddlyMade()...)
}

// oddlyMade are records from sources, and with values that JSON cannot hold.
func oddlyMade() []*cases.Record {
	return []*cases.Record{&cases.Record{Topic: "topic-a", Source: true, Value: cases.JSON(`{"a":1}`)},
		&cases.Record{Topic: "topic-a", Source: true, Timestamp: cases.Ptr[int64](0),
			Value: cases.Envelope(`{"type":"struct","fields":[{"type":"int8","field":"a"}]}`, `{"a":1}`)},
		&cases.Record{Topic: "topic-a", Partition: cases.Ptr[int32](0), Timestamp: cases.Ptr[int64](-1),
			Value: cases.JSON(`{"a":1}`)},
		// Nulls that JsonConverter cannot make: fields with a default, and maps with other keys than text.
		&cases.Record{Topic: "topic-a", Partition: cases.Ptr[int32](0),
			Value: cases.Typed(&cases.Schema{Type: "STRUCT", Fields: []cases.Field{cases.F("a",
				&cases.Schema{Type: "INT32", Opt: true, Default: "i32:7"}),
				cases.F("b", &cases.Schema{Type: "STRING", Opt: true, Default: "s:x"}),
				cases.F("c", &cases.Schema{Type: "INT32", Default: "i32:1"}),
				cases.F("ts", &cases.Schema{Type: "INT64", Opt: true, Default: "i64:1000"})}}, []any{"S"})},
		&cases.Record{Topic: "topic-a", Partition: cases.Ptr[int32](0), Value: cases.Typed(nil,
			[]any{"M", []any{"i32:1", "s:x"}})},
		&cases.Record{Topic: "topic-a", Partition: cases.Ptr[int32](0), Value: cases.Typed(nil,
			[]any{"M", []any{"s:a", "t:1700000000123"}, []any{"s:b", "b:AQI="}, []any{"s:c", "i32:5"},
				[]any{"s:ts", "f64:3ff8000000000000"}})}}
}

func (g *gen) smt(tag, class string, conf map[string]string, r *cases.Record) {
	g.Emit(tag, cases.Case{Kind: "smt", Class: transformPackage + class, Config: conf, Record: r})
}

// onAll tries a configuration on all odd records, by key and by value where the
// class has both.
func (g *gen) onAll(class string, both bool, confs ...map[string]string) {
	for _, conf := range confs {
		for i, r := range oddRecords() {
			if !both {
				g.smt("odd record", class, conf, r)
				continue
			}
			g.smt("odd record", class+"$Value", conf, r)
			if i%4 == 0 {
				g.smt("odd record", class+"$Key", conf, r)
			}
		}
	}
}

func flat(value *cases.Payload) *cases.Record {
	return &cases.Record{Topic: "topic-a", Partition: cases.Ptr[int32](3),
		Timestamp: cases.Ptr[int64](1700000000123), Value: value}
}

func onTopic(topic string) *cases.Record {
	return &cases.Record{Topic: topic, Partition: cases.Ptr[int32](0), Value: cases.JSON(`1`)}
}
