package convertercases

import (
	"github.com/suiro/suiro/scripts/oracle/internal/cases"
)

func (g *gen) converterConfigs() {
	for _, conf := range []map[string]string{
		cases.KV(schemasOff, "TRUE"), cases.KV(schemasOff, " false "), cases.KV(schemasOff, "no"),
		cases.KV(schemasOff, ""), cases.KV("schemas.cache.size", "1"), cases.KV("schemas.cache.size", "0"),
		cases.KV("schemas.cache.size", "-1"), cases.KV("schemas.cache.size", "x"),
		cases.KV("schemas.cache.size", " 10 "), cases.KV(decimalKey, "numeric"),
		cases.KV(decimalKey, "Base64"), cases.KV(decimalKey, "x"),
		cases.KV(decimalKey, ""), cases.KV(nullKey, "False"), cases.KV(nullKey, "0"),
		cases.KV("unknown.key", "1"), cases.KV("converter.type", "value"), cases.KV("converter.type", "key"),
		cases.KV("schema.content", `{"type":"int8"}`), cases.KV("schema.content", ""),
		cases.KV("schema.content", "x"),
		cases.KV("schema.content", `{"type":"struct","fields":[{"type":"int8","field":"a"}]}`),
		cases.KV("enhanced.avro.schema.support", "true"),
	} {
		for _, text := range []string{`{"schema":{"type":"int8","optional":true,"default":3},"payload":null}`,
			`5`, `{"a":1}`} {
			g.convert("config", "toConnect", jsonClass, conf, text)
			g.convert("config", "roundtrip", jsonClass, conf, text)
		}
	}
}

// encodings are names that Java knows, and some that nobody does.
func (g *gen) encodings() {
	for _, enc := range []string{"UTF-8", "utf-8", "UTF8", "ISO-8859-1", "iso-8859-1", "ISO8859_1", "latin1",
		"US-ASCII", "ASCII", "UTF-16", "UTF-16LE", "windows-1252", "Shift_JIS", "EUC-JP", "x", "", " UTF-8 "} {
		conf := cases.KV(encodingKey, enc)
		for _, text := range []string{"abc", "\xe9\xff", "水", "\x80"} {
			g.convert("encoding", "toConnect", stringClass, conf, text)
			g.convert("encoding", "roundtrip", stringClass, conf, text)
		}
		for _, text := range []string{"s:abc", "s:é", "s:水", "s:😀"} {
			g.write("encoding", stringClass, conf, &cases.Schema{Type: "STRING"}, text)
		}
	}
	g.convert("config", "toConnect", stringClass, cases.KV("unknown.key", "1"), "x")
	g.convert("config", "toConnect", stringClass, cases.KV("converter.type", "key"), "x")
	g.convert("config", "toConnect", bytesClass, cases.KV("unknown.key", "1"), "x")
	g.convert("config", "toConnect", bytesClass, cases.KV("converter.type", "key"), "x")
}
