package convertercases

import (
	"fmt"

	"github.com/suiro/suiro/scripts/oracle/internal/cases"
)

func (g *gen) randomJSON() {
	g.Times(6000, func() {
		s := g.Schema(3)
		text := fmt.Sprintf(envelopeForm, g.SchemaJSON(s, ""), g.ValueJSON(s, g.Value(s, 3)))
		tag := "random envelope"
		if g.Chance(15) {
			tag, text = "random envelope, broken", g.Broken(text)
		}
		g.convert(tag, cases.Pick(g.Gen, "toConnect", "roundtrip"), jsonClass, g.jsonConfig(), text)
	})
	g.Times(3000, func() {
		text, tag := g.PlainJSON(4), "random JSON"
		if g.Chance(10) {
			tag, text = "random JSON, broken", g.Broken(text)
		}
		conf := g.jsonConfig()
		conf[schemasOff] = "false"
		g.convert(tag, cases.Pick(g.Gen, "toConnect", "roundtrip"), jsonClass, conf, text)
	})
	g.Times(3000, func() {
		s := g.Schema(3)
		conf := g.jsonConfig()
		if g.Chance(50) {
			conf[schemasOff] = "false"
		}
		g.write("random value", jsonClass, conf, s, g.Value(s, 3))
	})
}

func (g *gen) randomText() {
	g.Times(1000, func() {
		s := g.Schema(2)
		g.write("random value", stringClass, cases.KV(), s, g.Value(s, 2))
	})
	g.Times(1000, func() {
		text := g.Text()
		if g.Chance(30) {
			text = string(g.Bytes())
		}
		conf := cases.KV()
		if g.Chance(30) {
			conf[encodingKey] = cases.Pick(g.Gen, "UTF-8", "ISO-8859-1", "US-ASCII")
		}
		g.convert("random text", cases.Pick(g.Gen, "toConnect", "roundtrip"), stringClass, conf, text)
	})
	g.Times(700, func() {
		g.convert("random bytes", cases.Pick(g.Gen, "toConnect", "roundtrip"), bytesClass, cases.KV(),
			string(g.Bytes()))
	})
	g.Times(300, func() {
		s := &cases.Schema{Type: "BYTES", Opt: g.Chance(50)}
		g.write("random bytes", bytesClass, cases.KV(), s, g.Value(s, 0))
	})
}

func (g *gen) randomNumbers() {
	g.Times(1000, func() {
		class := convPackage + cases.Pick(g.Gen, numberClasses...) + "Converter"
		if g.Chance(50) {
			g.convert("random bytes", cases.Pick(g.Gen, "toConnect", "roundtrip"), class, cases.KV(), string(g.Bytes()))
			return
		}
		s := &cases.Schema{Type: cases.Pick(g.Gen, "INT16", "INT32", "INT64", "FLOAT32", "FLOAT64", "BOOLEAN"),
			Opt: true}
		g.write("random value", class, cases.KV(), s, g.Value(s, 0))
	})
}

func (g *gen) jsonConfig() map[string]string {
	conf := cases.KV()
	if g.Chance(25) {
		conf[decimalKey] = cases.Pick(g.Gen, "NUMERIC", "BASE64")
	}
	if g.Chance(25) {
		conf[nullKey] = cases.Pick(g.Gen, "true", "false")
	}
	if g.Chance(10) {
		conf["schemas.cache.size"] = cases.Pick(g.Gen, "1", "2", "1000")
	}
	return conf
}
