package convertercases

import (
	"fmt"
	"strings"

	"github.com/suiro/suiro/scripts/oracle/internal/cases"
)

var tableTypes = []string{
	`"type":"int8"`, `"type":"int16"`, `"type":"int32"`, `"type":"int64"`, `"type":"float"`, `"type":"double"`,
	`"type":"boolean"`, `"type":"string"`, `"type":"bytes"`,
	`"type":"array","items":{"type":"int8","optional":true}`,
	`"type":"map","keys":{"type":"string"},"values":{"type":"int8","optional":true}`,
	`"type":"map","keys":{"type":"int8"},"values":{"type":"int8","optional":true}`,
	`"type":"struct","fields":[{"type":"int8","field":"a","optional":true}]`,
	`"type":"bytes","name":"` + cases.DecimalName + `","parameters":{"scale":"2"}`,
	`"type":"int32","name":"` + cases.DateName + `"`,
	`"type":"int32","name":"` + cases.TimeName + `"`, `"type":"int64","name":"` + cases.TimestampName + `"`,
}

func (g *gen) typesByPayloads() {
	for _, t := range tableTypes {
		for _, p := range payloads {
			g.convert("type and payload", "toConnect", jsonClass, cases.KV(), fmt.Sprintf(envelopeForm, "{"+t+"}", p))
			g.convert("type and payload", "roundtrip", jsonClass, cases.KV(), fmt.Sprintf(envelopeForm,
				"{"+t+`,"optional":true}`, p))
		}
	}
}

func (g *gen) typesByValues() {
	schemas := []*cases.Schema{nil}
	for _, t := range []string{"INT8", "INT16", "INT32", "INT64", "FLOAT32", "FLOAT64", "BOOLEAN", "STRING", "BYTES"} {
		schemas = append(schemas, &cases.Schema{Type: t}, &cases.Schema{Type: t, Opt: true})
	}
	schemas = append(schemas, cases.DecimalSchema(2), cases.DecimalSchema(0),
		cases.LogicalSchema(cases.DateName), cases.LogicalSchema(cases.TimeName),
		cases.LogicalSchema(cases.TimestampName),
		&cases.Schema{Type: "ARRAY", Elem: &cases.Schema{Type: "INT8", Opt: true}}, &cases.Schema{Type: "MAP",
			Key: &cases.Schema{Type: "STRING"}, Elem: &cases.Schema{Type: "INT8", Opt: true}})
	for _, s := range schemas {
		for _, v := range cases.Values {
			if !scales(s, v) {
				continue
			}
			for _, conf := range []map[string]string{cases.KV(), cases.KV(schemasOff, "false"),
				cases.KV(schemasOff, "false", decimalKey, "NUMERIC")} {
				g.write("type and value", jsonClass, conf, s, v)
			}
			g.write("type and value", stringClass, cases.KV(), s, v)
			g.write("type and value", bytesClass, cases.KV(), s, v)
		}
	}
	g.structs()
}

func (g *gen) structs() {
	a := cases.F("a", &cases.Schema{Type: "INT32", Opt: true, Default: "i32:7"})
	b := cases.F("b", &cases.Schema{Type: "STRING", Opt: true})
	d := cases.F("d", &cases.Schema{Type: "INT32", Default: "i32:3"})
	s := &cases.Schema{Type: "STRUCT", Name: "n", Version: 1, Doc: "doc", Fields: []cases.Field{a, b, d}}
	nested := &cases.Schema{Type: "STRUCT", Fields: []cases.Field{cases.F("s", s),
		cases.F("l", &cases.Schema{Type: "ARRAY", Elem: s}),
		cases.F("t", &cases.Schema{Type: "INT64", Name: cases.TimestampName, Version: 1, Opt: true}),
		cases.F("x", &cases.Schema{Type: "BYTES", Opt: true})}}
	one := []any{"S", []any{"a", "i32:1"}, []any{"b", "s:x"}, []any{"d", "i32:2"}}
	for _, class := range []string{jsonClass, stringClass} {
		for _, conf := range []map[string]string{cases.KV(), cases.KV(nullKey, "false"),
			cases.KV(schemasOff, "false"), cases.KV(schemasOff, "false", nullKey, "false")} {
			if class == stringClass && len(conf) > 0 {
				continue
			}
			g.write("struct", class, conf, s, one)
			g.write("struct", class, conf, s, []any{"S"})
			g.write("struct", class, conf, s, []any{"S", []any{"a", nil}, []any{"b", nil}, []any{"d", "i32:2"}})
			g.write("struct", class, conf, nested, []any{"S", []any{"s", one}, []any{"l",
				[]any{"L", one, one}}, []any{"t", "t:1700000000123"}, []any{"x", "b:AQI="}})
			g.write("struct", class, conf, nested, []any{"S", []any{"s", one}, []any{"l", []any{"L"}}})
			g.write("map", class, conf, nil, []any{"M", []any{"s:a", "i64:1"}, []any{"s:b",
				[]any{"L", "f64:3ff8000000000000", nil, "s:x"}}})
			g.write("map", class, conf, nil, []any{"M", []any{"i64:1", "s:a"}, []any{"i64:2", "s:b"}})
			g.write("map", class, conf, &cases.Schema{Type: "MAP", Key: &cases.Schema{Type: "INT32"},
				Elem: &cases.Schema{Type: "STRING"}}, []any{"M", []any{"i32:1", "s:a"}, []any{"i32:2", "s:b"}})
		}
	}
}

// scales leaves out decimals that do not fit the scale of their schema.
func scales(s *cases.Schema, v any) bool {
	text, _ := v.(string)
	if s == nil || s.Name != cases.DecimalName || !strings.HasPrefix(text, "dec:") {
		return true
	}
	return s.Params["scale"] == "2" || text == "dec:0e0" || text == "dec:1e3"
}
