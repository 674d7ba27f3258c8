// Package convertercases asks converters: tables of odd bytes, schemas and values,
// and random ones.
package convertercases

import (
	"github.com/suiro/suiro/scripts/oracle/internal/cases"
)

const (
	jsonClass    = "org.apache.kafka.connect.json.JsonConverter"
	stringClass  = "org.apache.kafka.connect.storage.StringConverter"
	convPackage  = "org.apache.kafka.connect.converters."
	bytesClass   = convPackage + "ByteArrayConverter"
	schemasOff   = "schemas.enable"
	nullKey      = "replace.null.with.default"
	decimalKey   = "decimal.format"
	encodingKey  = "converter.encoding"
	envelopeForm = `{"schema":%s,"payload":%s}`
)

// gen makes the cases of this package.
type gen struct{ *cases.Gen }

// Tables makes the cases that are the same in each run.
func Tables(of *cases.Gen) {
	g := &gen{of}
	g.texts()
	g.typesByPayloads()
	g.typesByValues()
	g.converterConfigs()
	g.encodings()
	g.stringTables()
	g.numberTables()
	g.headerTables()
}

// Random makes the random cases.
func Random(of *cases.Gen) {
	g := &gen{of}
	g.randomJSON()
	g.randomText()
	g.randomNumbers()
	g.randomHeaders()
}

func (g *gen) convert(tag, kind, class string, conf map[string]string, text string) {
	g.Emit(tag, cases.Case{Kind: kind, Class: class, Config: conf, Bytes: cases.Raw(text)})
}

func (g *gen) write(tag, class string, conf map[string]string, s *cases.Schema, v any) {
	g.Emit(tag, cases.Case{Kind: "fromConnect", Class: class, Config: conf, Data: &cases.Data{Schema: s, Value: v}})
}
