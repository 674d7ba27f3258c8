package convertercases

import (
	"strings"

	"github.com/suiro/suiro/scripts/oracle/internal/cases"
)

var numberClasses = []string{"Boolean", "Short", "Integer", "Long", "Float", "Double"}

func (g *gen) stringTables() {
	for _, text := range []string{"a", " a ", "水路😀", "\x00", "\xff\xfe", "a\xc3", "\xed\xa0\x80",
		"\xf0\x9f\x98", "\ufeffa", "null", "{}"} {
		for _, class := range []string{stringClass, bytesClass} {
			g.convert("text", "toConnect", class, cases.KV(), text)
			g.convert("text", "roundtrip", class, cases.KV(), text)
		}
	}
}

func (g *gen) numberTables() {
	for _, name := range numberClasses {
		class := convPackage + name + "Converter"
		g.Emit("null", cases.Case{Kind: "toConnect", Class: class})
		g.Emit("null", cases.Case{Kind: "roundtrip", Class: class})
		for size := range 10 {
			for _, fill := range []string{"\x00", "\x01", "\x7f", "\xff"} {
				g.convert("bytes", "toConnect", class, cases.KV(), strings.Repeat(fill, size))
				g.convert("bytes", "roundtrip", class, cases.KV(), strings.Repeat(fill, size))
			}
		}
		for _, v := range cases.Values {
			g.write("value", class, cases.KV(), nil, v)
			g.write("value", class, cases.KV(), &cases.Schema{Type: map[string]string{"Boolean": "BOOLEAN",
				"Short": "INT16", "Integer": "INT32", "Long": "INT64", "Float": "FLOAT32",
				"Double": "FLOAT64"}[name], Opt: true}, v)
		}
	}
}
