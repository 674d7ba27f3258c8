package convertercases

import (
	"maps"
	"slices"

	"github.com/suiro/suiro/scripts/oracle/internal/cases"
)

const headerClass = "org.apache.kafka.connect.storage.SimpleHeaderConverter"

// headerTexts look like values of every kind, or almost. Each group has a tag of its own, as what may differ depends
// on it.
var headerTexts = map[string][]string{
	"text": {"", " ", "a", " a ", "a b", "水路😀", "NULL", "nullx", "+1", "01x", "5x", "1_000", "0x10", "NaN", "Infinity",
		"-Infinity", "1 2", "2026-1-15", "2026-01-15 09:30:12", "[a", "a]", "{a", "a}", "'a'", "\\",
		"\\n", "a\\,b", "a\"", "\x00", "\ufeffa"},
	"scalar": {"true", "TRUE", "True", "false", "0", "-0", "1", "01", "127", "128", "-128", "-129", "32767", "32768",
		"2147483647", "2147483648", "9223372036854775807", "9223372036854775808", "-9223372036854775809", "1.0",
		"1.5", "-0.5", ".5", "5.", "1e2", "1E2", "1e-2", "1e40", "\"a\"", "\"\"", "\"1\"",
		"2026-01-15", "1969-12-31", "9999-12-31", "09:30:12.345Z", "00:00:00.001Z", "2026-01-15T09:30:12.345Z"},
	"list or map": {"[]", "[ ]", "[1]", "[1,2]", "[1, 2.5]", "[1,300]", "[1,70000]", "[1,5000000000]", "[1,\"a\"]",
		"[\"a\",\"b\"]", "[true,false]", "[[1],[2]]", "[\"]\"]", "[1.5, 2]", "[2026-01-15]", "{}", "{ }", "{\"a\":1}",
		"{\"a\": 1, \"b\": 2}", "{\"a\":1,\"b\":\"x\"}", "{\"a\":{\"b\":1}}", "{\"a\":[1,2]}", "{1:2}", "{1:2,300:4}",
		"{\"a\":1,\"a\":2}"},
	"null": {"null", "[null]", "[1,null]", "[null,1]", "{\"a\":null}", "[null,{}]", "[null,[]]",
		"[null,{\"a\":1}]", "[null,[1]]", "[{},null]", "[[1],null]", "[null,null]", "{\"a\":null,\"b\":1}",
		"{\"a\":1,\"b\":null}",
		"{\"a\":{},\"b\":null}"},
	"number of many digits": {"3.4028235e38", "16777217.0", "3.14159265358979", "0.1", "1e400", "12345678.9"},
	"not whole": {"1,2", "09:30", "1:2", "[1] x", "[1][2]", "{\"a\":1} x",
		"\"a\" b", "1e3,", "[1,]", "[,1]", "[a, b]"},
	"day that is not there":  {"2026-02-30", "2026-01-1x", "0001-01-01", "2026-13-01"},
	"escape in a list":       {`[" a "]`, `["a\"b"]`, `["a\\b"]`, `{"a\"b":1}`},
	"number and date":        {"[1,2026-01-15]", "[2026-01-15,1]"},
	"lists of several kinds": {"[[1],[\"a\"]]", "[[1],2]", "[{\"a\":1},{\"a\":\"b\"}]"},
	"not UTF-8":              {"\xff\xfe", "a\xc3"},
}

func (g *gen) header(tag, kind, text string) {
	g.Emit(tag, cases.Case{Kind: kind, Class: headerClass, Header: true, Bytes: cases.Raw(text)})
}

func (g *gen) headerTables() {
	for _, kind := range []string{cases.ToConnect, cases.RoundTrip} {
		g.Emit("null", cases.Case{Kind: kind, Class: headerClass, Header: true})
		for _, tag := range slices.Sorted(maps.Keys(headerTexts)) {
			for _, text := range headerTexts[tag] {
				g.header(tag, kind, text)
			}
		}
	}
	for _, v := range cases.Values {
		g.Emit("value", cases.Case{Kind: cases.FromConnect, Class: headerClass, Header: true,
			Data: &cases.Data{Value: v}})
	}
}

func (g *gen) randomHeaders() {
	g.Times(2000, func() {
		g.header("random JSON", cases.Pick(g.Gen, cases.ToConnect, cases.RoundTrip), g.PlainJSON(3))
	})
	g.Times(1000, func() {
		s := g.Schema(2)
		g.Emit("random value", cases.Case{Kind: cases.FromConnect, Class: headerClass, Header: true,
			Data: &cases.Data{Schema: s, Value: g.Value(s, 2)}})
	})
}
