package transformcases

import (
	"strings"

	"github.com/suiro/suiro/scripts/oracle/internal/cases"
)

// otherTransformTables are for the transforms of Kafka Connect that have no file
// of cases of their own. Those that the product does not have count as missing.
func (g *gen) otherTransformTables() {
	g.headerTables()
	g.fieldTables()
}

func (g *gen) fieldTables() {
	g.onAll("Cast", true,
		cases.KV("spec", "a:int8"), cases.KV("spec", "a:int16,b:string"), cases.KV("spec", "a:int32"),
		cases.KV("spec", "a:int64"), cases.KV("spec", "a:float32"), cases.KV("spec", "a:float64"),
		cases.KV("spec", "a:boolean"), cases.KV("spec", "a:string"),
		cases.KV("spec", "int8"), cases.KV("spec", "int64"), cases.KV("spec", "float64"),
		cases.KV("spec", "boolean"), cases.KV("spec", "string"), cases.KV("spec", "string", nullKey, "false"),
		cases.KV("spec", "ts:string"), cases.KV("spec", "a:bytes"), cases.KV("spec", ""), cases.KV(),
		cases.KV("spec", "a:int8:x"), cases.KV("spec", "nope:int8"))
	g.castTables()
	g.onAll("Flatten", true, cases.KV(), cases.KV("delimiter", "_"), cases.KV("delimiter", ""),
		cases.KV("delimiter", "--"), cases.KV("x", "y"))
	for _, text := range []string{`{"a":{"b":{"c":1,"d":null},"e":[1,{"f":2}]},"a.b":5}`, `{"a":{}}`,
		`{"a":{"b":1},"a.b":2}`, `{"":{"":1}}`} {
		g.smt("nested", "Flatten$Value", cases.KV(), flat(cases.JSON(text)))
	}
	for _, e := range [][2]string{
		{`{"type":"struct","fields":[{"type":"struct","field":"a","optional":true,` +
			`"fields":[{"type":"int8","field":"b"},{"type":"string","field":"c","optional":true}]},` +
			`{"type":"map","field":"m","keys":{"type":"string"},"values":{"type":"int8"}}]}`,
			`{"a":{"b":1},"m":{"x":1}}`},
		{`{"type":"struct","fields":[{"type":"struct","field":"a","optional":true,` +
			`"fields":[{"type":"int8","field":"b"},{"type":"string","field":"c","default":"z"}]}]}`,
			`{"a":null}`},
		{`{"type":"struct","name":"n","version":1,"fields":[{"type":"struct","field":"a",` +
			`"fields":[{"type":"int64","field":"t","name":"` + cases.TimestampName + `","version":1}]},` +
			`{"type":"array","field":"l","items":{"type":"int8"}}]}`,
			`{"a":{"t":5},"l":[1]}`},
	} {
		g.smt("nested", "Flatten$Value", cases.KV(), flat(cases.Envelope(e[0], e[1])))
	}
	g.onAll("ExtractField", true, cases.KV("field", "a"), cases.KV("field", "nope"), cases.KV("field", "c"),
		cases.KV("field", "a", nullKey, "false"), cases.KV("field", ""), cases.KV(),
		cases.KV("field", "a.b", "field.syntax.version", "V2"), cases.KV("field", "a.b.c",
			"field.syntax.version", "V2"),
		cases.KV("field", "`a`.b", "field.syntax.version", "V2"),
		cases.KV("field", "a.b", "field.syntax.version", "V1"), cases.KV("field", "a", "field.syntax.version", "x"))
	g.onAll("HoistField", true, cases.KV("field", "w"), cases.KV("field", ""), cases.KV())
	g.onAll("MaskField", true, cases.KV("fields", "a"), cases.KV("fields", "a,b"), cases.KV("fields", "nope"),
		cases.KV("fields", "a", "replacement", "5"), cases.KV("fields", "b", "replacement", "***"),
		cases.KV("fields", "a", "replacement", "x"), cases.KV("fields", "a", "replacement", ""),
		cases.KV("fields", ""), cases.KV(), cases.KV("fields", "a,b,c,d", nullKey, "false"))
	g.maskTables()
	g.keyTables()
}

func (g *gen) keyTables() {
	g.onAll("ValueToKey", false, cases.KV("fields", "a"), cases.KV("fields", "a,b"), cases.KV("fields", "b,a"),
		cases.KV("fields", "nope"), cases.KV("fields", ""), cases.KV(),
		cases.KV("fields", "a,d", nullKey, "false"))
	g.onAll("SetSchemaMetadata", true, cases.KV("schema.name", "new"), cases.KV("schema.version", "5"),
		cases.KV("schema.name", "new", "schema.version", "5"), cases.KV("schema.version", "x"),
		cases.KV("schema.name", ""), cases.KV(), cases.KV("schema.name", "new", nullKey, "false"))
	g.onAll("HeaderFrom", true, cases.KV("fields", "a", "headers", "h1", "operation", "copy"),
		cases.KV("fields", "a", "headers", "h1", "operation", "move"),
		cases.KV("fields", "a,b", "headers", "h,h", "operation", "move"), cases.KV("fields", "a,b", "headers",
			"h", "operation", "copy"),
		cases.KV("fields", "nope", "headers", "h", "operation", "copy"),
		cases.KV("fields", "nope", "headers", "h", "operation", "move"), cases.KV("fields", "a", "headers", "h",
			"operation", "x"),
		cases.KV("fields", "a", "headers", "h"), cases.KV("fields", "", "headers", "", "operation", "copy"),
		cases.KV("fields", "d", "headers", "h", "operation", "move", nullKey, "false"))
}

// headerTables are for the transforms of headers, and TimestampRouter.
func (g *gen) headerTables() {
	var literals []map[string]string
	for _, v := range []string{"text", "", " x ", "5", "-129", "2147483648", "1.5", "true", "null", `"q"`,
		"[1,2]", `["a","b"]`, `{"a":1}`, `{"a":[1]}`, "[]", "{}", "2020-01-02", "2020-01-02T03:04:05.678Z",
		"03:04:05.678Z", "NaN", "1e5", "9223372036854775808", "12345678901234567890.5", `[1,"a"]`, "[1", "AQI=",
		"水", `\"`, "1,2"} {
		literals = append(literals, cases.KV("header", "h2", "value.literal", v))
	}
	g.onAll("InsertHeader", false, append(literals[:4:4], cases.KV("header", "h", "value.literal", "x"),
		cases.KV("header", "", "value.literal", "x"), cases.KV("header", "h"), cases.KV("value.literal", "x"),
		cases.KV())...)
	for _, conf := range literals {
		g.smt("literal", "InsertHeader", conf, flat(cases.JSON(`1`)))
	}
	g.onAll("DropHeaders", false, cases.KV("headers", "h"), cases.KV("headers", "h,x"),
		cases.KV("headers", "nope"), cases.KV("headers", ""), cases.KV("headers", "h,h"), cases.KV())
	g.onAll("TimestampRouter", false, cases.KV(),
		cases.KV("topic.format", "${topic}", "timestamp.format", "yyyy"), cases.KV("topic.format",
			"x-${timestamp}-${topic}", "timestamp.format", "yyyy.MM.dd"),
		cases.KV("topic.format", "fix"), cases.KV("topic.format", "${topic}-${timestamp}-${topic}"),
		cases.KV("topic.format", ""), cases.KV("timestamp.format", ""),
		cases.KV("timestamp.format", "bad'"), cases.KV("topic.format", "${other}"),
		cases.KV("topic.format", "$timestamp"))
	for _, p := range patterns {
		for _, at := range []int64{0, 1700000000123, -1, 253402300800000} {
			r := flat(cases.JSON(`1`))
			r.Timestamp = cases.Ptr(at)
			g.smt("format", "TimestampRouter",
				cases.KV("topic.format", "${topic}-${timestamp}", "timestamp.format", p.java), r)
		}
	}
}

func (g *gen) castTables() {
	schemaOf := map[string]*cases.Schema{}
	for _, t := range []string{"INT8", "INT16", "INT32", "INT64", "FLOAT32", "FLOAT64", "BOOLEAN", "STRING", "BYTES"} {
		schemaOf[t] = &cases.Schema{Type: t, Opt: true}
	}
	values := []struct {
		s *cases.Schema
		v any
	}{
		{schemaOf["INT8"], "i8:-5"}, {schemaOf["INT16"], "i16:300"}, {schemaOf["INT32"], "i32:70000"},
		{schemaOf["INT64"], "i64:9223372036854775807"}, {schemaOf["INT64"], "i64:0"}, {schemaOf["FLOAT32"],
			"f32:3fc00000"}, {schemaOf["FLOAT32"], "f32:7fc00000"}, {schemaOf["FLOAT64"],
			"f64:c004000000000000"},
		{schemaOf["FLOAT64"], "f64:7ff0000000000000"}, {schemaOf["FLOAT64"], "f64:4341c37937e08000"},
		{schemaOf["BOOLEAN"], true}, {schemaOf["BOOLEAN"], false}, {schemaOf["STRING"], "s:12"},
		{schemaOf["STRING"], "s:-129"}, {schemaOf["STRING"], "s:1.5"}, {schemaOf["STRING"], "s:1e3"},
		{schemaOf["STRING"], "s:true"},
		{schemaOf["STRING"], "s:TRUE"}, {schemaOf["STRING"], "s:yes"}, {schemaOf["STRING"], "s:"},
		{schemaOf["STRING"], "s: 1"}, {schemaOf["STRING"], "s:0x10"}, {schemaOf["STRING"], "s:NaN"},
		{schemaOf["STRING"], "s:１"}, {schemaOf["BYTES"], "b:aGk="}, {schemaOf["STRING"], nil},
		{cases.DecimalSchema(2), "dec:125e-2"},
		{cases.LogicalSchema(cases.DateName), "t:86400000"}, {cases.LogicalSchema(cases.TimeName), "t:3600000"},
		{cases.LogicalSchema(cases.TimestampName), "t:1700000000123"}, {&cases.Schema{Type: "INT32",
			Opt: true, Default: "i32:7"}, nil}, {&cases.Schema{Type: "INT32", Default: "i32:7", Doc: "d",
			Name: "n", Version: 1, Params: map[string]string{"p": "q"}}, "i32:1"},
		{&cases.Schema{Type: "ARRAY", Elem: schemaOf["INT8"]},
			[]any{"L", "i8:1"}}, {&cases.Schema{Type: "MAP", Key: &cases.Schema{Type: "STRING"},
			Elem: schemaOf["INT8"]}, []any{"M",
			[]any{"s:a", "i8:1"}}}}
	for _, to := range []string{"int8", "int16", "int32", "int64", "float32", "float64", "boolean", "string"} {
		for _, c := range values {
			s := &cases.Schema{Type: "STRUCT", Fields: []cases.Field{cases.F("a", c.s), cases.F("b", schemaOf["INT8"])}}
			g.smt("type and value", "Cast$Value", cases.KV("spec", "a:"+to), flat(cases.Typed(s,
				[]any{"S", []any{"a", c.v}})))
			g.smt("type and value", "Cast$Value", cases.KV("spec", "a:"+to, nullKey, "false"),
				flat(cases.Typed(s, []any{"S", []any{"a", c.v}})))
			g.smt("type and value", "Cast$Value", cases.KV("spec", to), flat(cases.Typed(c.s, c.v)))
			g.smt("type and value", "Cast$Value", cases.KV("spec", "a:"+to), flat(cases.Typed(nil,
				[]any{"M", []any{"s:a", c.v}})))
			g.smt("type and value", "Cast$Value", cases.KV("spec", to), flat(cases.Typed(nil, c.v)))
		}
	}
}

func (g *gen) maskTables() {
	for _, v := range cases.Values {
		for _, conf := range []map[string]string{cases.KV("fields", "a"),
			cases.KV("fields", "a", "replacement", "7"), cases.KV("fields", "a", "replacement", "text")} {
			g.smt("value", "MaskField$Value", conf, flat(cases.Typed(nil, []any{"M",
				[]any{"s:a", v}, []any{"s:b", "i64:1"}})))
		}
	}
	for _, s := range []*cases.Schema{{Type: "INT8"}, {Type: "INT16"}, {Type: "INT32"}, {Type: "INT64"},
		{Type: "FLOAT32"}, {Type: "FLOAT64"}, {Type: "BOOLEAN"}, {Type: "STRING"}, {Type: "BYTES"},
		cases.DecimalSchema(2), cases.LogicalSchema(cases.DateName), cases.LogicalSchema(cases.TimeName),
		cases.LogicalSchema(cases.TimestampName),
		{Type: "ARRAY", Elem: &cases.Schema{Type: "INT8"}}, {Type: "MAP", Key: &cases.Schema{Type: "STRING"},
			Elem: &cases.Schema{Type: "INT8"}}} {
		whole := &cases.Schema{Type: "STRUCT", Fields: []cases.Field{cases.F("a", s)}}
		v := []any{"S", []any{"a", g.Value(s, 1)}}
		for _, conf := range []map[string]string{cases.KV("fields", "a"),
			cases.KV("fields", "a", "replacement", "7"), cases.KV("fields", "a", "replacement", "1.5"),
			cases.KV("fields", "a", "replacement", "text"),
			cases.KV("fields", "a", "replacement", "300")} {
			g.smt("type", "MaskField$Value", conf, flat(cases.Typed(whole, v)))
		}
	}
}

func (g *gen) randomOtherTransforms() {
	list := func(of ...string) string {
		var out []string
		for _, v := range of {
			if g.Chance(50) {
				out = append(out, v)
			}
		}
		return strings.Join(out, ",")
	}
	g.Times(800, func() {
		spec := list("a:"+cases.Pick(g.Gen, "int8", "int32", "string", "float64"), "b:"+cases.Pick(g.Gen,
			"int64", "string", "boolean"), "id:"+cases.Pick(g.Gen, "int16", "float32", "string"), "ts:string")
		g.smt("random", "Cast"+g.side(), cases.KV("spec", spec), g.record())
	})
	g.Times(600, func() {
		g.smt("random", "Flatten"+g.side(), cases.KV("delimiter", cases.Pick(g.Gen, ".",
			"_")), g.record())
	})
	g.Times(400, func() {
		g.smt("random", "ExtractField"+g.side(), cases.KV("field", cases.Pick(g.Gen,
			cases.FieldNames...)), g.record())
	})
	g.Times(200, func() {
		g.smt("random", "HoistField"+g.side(), cases.KV("field", cases.Pick(g.Gen,
			cases.FieldNames...)), g.record())
	})
	g.Times(400, func() {
		conf := cases.KV("fields", g.names())
		if g.Chance(40) {
			conf["replacement"] = cases.Pick(g.Gen, "0", "1", "x", "1.5")
		}
		g.smt("random", "MaskField"+g.side(), conf, g.record())
	})
	g.randomHeaders()
}

func (g *gen) randomHeaders() {
	g.Times(400, func() { g.smt("random", "ValueToKey", cases.KV("fields", g.names()), g.record()) })
	g.Times(300, func() {
		conf := cases.KV("schema.name", "org.example.New")
		if g.Chance(50) {
			conf["schema.version"] = "3"
		}
		g.smt("random", "SetSchemaMetadata"+g.side(), conf, g.record())
	})
	g.Times(400, func() {
		g.smt("random", "HeaderFrom"+g.side(), cases.KV("fields", cases.Pick(g.Gen, "a", "b", "id,a"),
			"headers", cases.Pick(g.Gen, "h", "x", "h,y"), "operation", cases.Pick(g.Gen, "copy", "move")),
			g.record())
	})
	g.Times(200, func() {
		g.smt("random", "InsertHeader", cases.KV("header", cases.Pick(g.Gen, "h", "x"), "value.literal",
			g.Text()), g.record())
	})
	g.Times(200, func() {
		g.smt("random", "DropHeaders", cases.KV("headers", cases.Pick(g.Gen, "h", "i,trace",
			"nope")), g.record())
	})
	g.Times(300, func() {
		g.smt("random", "TimestampRouter", cases.KV("topic.format", cases.Pick(g.Gen, "${topic}-${timestamp}",
			"${timestamp}"), "timestamp.format", cases.Pick(g.Gen, "yyyyMMdd", "yyyy-MM-dd'T'HH", "yyyy.MM")),
			g.record())
	})
}
