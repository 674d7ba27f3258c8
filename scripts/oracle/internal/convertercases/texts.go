package convertercases

import (
	"fmt"
	"strings"

	"github.com/suiro/suiro/scripts/oracle/internal/cases"
)

// payloads are tried for every type there is.
var payloads = []string{
	`null`, `true`, `false`, `0`, `1`, `-1`, `127`, `128`, `-129`, `32768`, `2147483648`, `9223372036854775807`,
	`9223372036854775808`,
	`-9223372036854775809`, `123456789012345678901234567890`, `1.0`, `1.5`, `-0.5`, `1e2`, `1E400`, `1e-400`,
	`-0`, `-0.0`, `0.1`,
	`16777217`, `3.5e38`, `""`, `"abc"`, `"1"`, `"true"`, `"NaN"`, `"Infinity"`, `"AQI="`, `"AQI"`, `"AQ=="`,
	`"AQ"`, `"A-_="`, `"AQ I="`, `"AR=="`,
	`[]`, `[1]`, `[null]`, `[[1,2]]`, `[[1,2],[1,3]]`, `[["a",1]]`, `{}`, `{"a":1}`, `{"a":null}`, `{"a":"x"}`,
	`{"a":1,"b":2}`, `{"a":1,"a":2}`,
}

// texts are tried without schema, and in part are no JSON.
var texts = []string{
	``, ` `, "\n", `null `, ` 1`, `1 2`, `{} {}`, `{}x`, `[1,]`, `{"a":1,}`, `{a:1}`, `{'a':1}`, `// c` + "\n1",
	`/* c */1`, `NaN`, `Infinity`, `-Infinity`,
	`+1`, `01`, `-01`, `.5`, `1.`, `1.e5`, `1e`, `1e+5`, `1E-5`, `0x10`, `nul`, `True`, `"a`, `"\q"`, `"\u12"`,
	`"\ud800"`, `"\udc00\ud800"`, `"\ud83d\ude00"`,
	"\"a\nb\"", "\"a\tb\"", "\"\x00\"", `"\u0000"`, "\"\x7f\"", "\"\xff\"", "\"\xed\xa0\x80\"", "\"\xc0\x80\"",
	"\ufeff1", "\ufeff{\"a\":1}",
	"1\x00", "\x001", "\x00\x00\x001", "{\x00}\x00", `{"a":1,"a":{"b":2}}`, `{"":1}`, `{"a":{"":{}}}`,
	`"` + "\u2028" + `"`,
	`[1.10, 1.0, 100, 1e2, 12345678901234567890, 0.1e1]`, `1234567890.12345678901234567890`,
	`0.30000000000000004`, `4.9E-324`, `2e-324`, `1.7976931348623159e308`,
	`5e-324`, `1e23`, `9007199254740993`, `9007199254740993.0`, `2.2250738585072011e-308`, `1e1000000000`,
	`1e-1000000000`,
	strings.Repeat("1", 400), strings.Repeat("1", 1001), "0." + strings.Repeat("1", 1001),
	`"` + strings.Repeat("x", 70000) + `"`,
	strings.Repeat("[", 299) + strings.Repeat("]", 299), strings.Repeat("[", 400) + strings.Repeat("]", 400),
	strings.Repeat("[", 1001) + strings.Repeat("]", 1001),
	strings.Repeat(`{"a":`, 250) + "1" + strings.Repeat("}", 250), strings.Repeat(`{"a":`,
		350) + "1" + strings.Repeat("}", 350),
	`{"schema":null,"payload":1}`, `{"schema":{"type":"int8"},"payload":1}`, `{"payload":1}`, `["schema","payload"]`,
}

// schemaTexts are schemas with something odd, each with a payload that is fine else.
var schemaTexts = [][2]string{
	{`null`, `{"a":1}`}, {`null`, `null`}, {`null`, `[1.5,"x"]`}, {`7`, `1`}, {`"int8"`, `1`}, {`[]`, `1`},
	{`{}`, `1`}, {`{"type":null}`, `1`}, {`{"type":5}`, `1`},
	{`{"type":"INT8"}`, `1`}, {`{"type":"int"}`, `1`}, {`{"type":"float32"}`, `1.5`},
	{`{"type":"int8","optional":"true"}`, `null`}, {`{"type":"int8","optional":1}`, `null`},
	{`{"type":"int8","optional":null}`, `1`}, {`{"type":"int8","optional":true}`, `null`},
	{`{"type":"int8","name":5}`, `1`}, {`{"type":"int8","name":null}`, `1`},
	{`{"type":"int8","name":""}`, `1`}, {`{"type":"int8","name":{}}`, `1`}, {`{"type":"int8","version":"1"}`,
		`1`}, {`{"type":"int8","version":1.0}`, `1`},
	{`{"type":"int8","version":1.5}`, `1`}, {`{"type":"int8","version":null}`, `1`},
	{`{"type":"int8","version":0}`, `1`}, {`{"type":"int8","version":-1}`, `1`},
	{`{"type":"int8","version":4294967297}`, `1`}, {`{"type":"int8","doc":5}`, `1`},
	{`{"type":"int8","doc":null}`, `1`}, {`{"type":"int8","doc":""}`, `1`},
	{`{"type":"int8","parameters":[]}`, `1`}, {`{"type":"int8","parameters":{"a":1}}`, `1`},
	{`{"type":"int8","parameters":{"a":null}}`, `1`},
	{`{"type":"int8","parameters":{}}`, `1`}, {`{"type":"int8","parameters":null}`, `1`},
	{`{"type":"int8","parameters":{"a":"b","":"c"}}`, `1`},
	{`{"type":"int8","default":null}`, `1`}, {`{"type":"int8","optional":true,"default":null}`, `null`},
	{`{"type":"int8","default":"x"}`, `1`},
	{`{"type":"int8","default":300}`, `1`}, {`{"type":"int8","default":5}`, `null`},
	{`{"type":"int8","optional":true,"default":5}`, `null`},
	{`{"type":"string","default":""}`, `null`}, {`{"type":"boolean","default":false}`, `null`},
	{`{"type":"bytes","default":"AQI="}`, `null`},
	{`{"type":"array","items":{"type":"int8"},"default":[]}`, `null`},
	{`{"type":"array","items":{"type":"int8"},"default":[1]}`, `null`},
	{`{"type":"map","keys":{"type":"string"},"values":{"type":"int8"},"default":{"a":1}}`, `null`},
	{`{"type":"struct","fields":[{"type":"int8","field":"a"}],"default":{"a":1}}`, `null`},
	{`{"type":"struct","fields":[{"type":"int8","field":"a"}],"default":{"a":1}}`, `{"a":2}`},
	{`{"type":"struct","fields":[{"type":"struct","field":"s","optional":true,"fields":[{"type":"int8",` +
		`"field":"a"}],"default":{"a":1}}]}`,
		`{}`},
	{`{"type":"array"}`, `[]`}, {`{"type":"array","items":null}`, `[]`}, {`{"type":"array","items":5}`, `[]`},
	{`{"type":"array","items":{"type":"x"}}`, `[]`},
	{`{"type":"map","keys":{"type":"string"}}`, `{}`}, {`{"type":"map","values":{"type":"string"}}`, `{}`},
	{`{"type":"map","keys":null,"values":{"type":"string"}}`, `{"a":"b"}`},
	{`{"type":"map","keys":{"type":"string","optional":true},"values":{"type":"int8"}}`, `[[null,1],["a",2]]`},
	{`{"type":"map","keys":{"type":"string","optional":true},"values":{"type":"int8"}}`, `{"a":2}`},
	{`{"type":"map","keys":{"type":"int8"},"values":{"type":"int8"}}`, `{"1":2}`},
	{`{"type":"map","keys":{"type":"int8"},"values":{"type":"int8"}}`, `[[1]]`},
	{`{"type":"map","keys":{"type":"int8"},"values":{"type":"int8"}}`, `[[1,2,3]]`},
	{`{"type":"map","keys":{"type":"int8"},"values":{"type":"int8"}}`, `[7]`},
	{`{"type":"map","keys":{"type":"int8"},"values":{"type":"int8","optional":true}}`, `[[1,null]]`},
	{`{"type":"map","keys":{"type":"bytes"},"values":{"type":"int8"}}`, `[["AQI=",1]]`},
	{`{"type":"map","keys":{"type":"struct","fields":[{"type":"int8","field":"a"}]},"values":{"type":"int8"}}`,
		`[[{"a":1},1]]`},
	{`{"type":"map","keys":{"type":"array","items":{"type":"int8"}},"values":{"type":"int8"}}`, `[[[1],1]]`},
	{`{"type":"map","keys":{"type":"double"},"values":{"type":"int8"}}`, `[[1.5,1]]`},
	{`{"type":"map","keys":{"type":"boolean"},"values":{"type":"int8"}}`, `[[true,1],[false,2]]`},
	{`{"type":"map","keys":{"type":"int32","name":"` + cases.DateName + `","version":1},"values":{"type":"int8"}}`,
		`[[1,1]]`},
	{`{"type":"struct"}`, `{}`}, {`{"type":"struct","fields":null}`, `{}`}, {`{"type":"struct","fields":{}}`,
		`{}`}, {`{"type":"struct","fields":[]}`, `{}`},
	{`{"type":"struct","fields":[]}`, `{"a":1}`}, {`{"type":"struct","fields":[5]}`, `{}`},
	{`{"type":"struct","fields":[null]}`, `{}`}, {`{"type":"struct","fields":[{"type":"int8"}]}`, `{}`},
	{`{"type":"struct","fields":[{"type":"int8","field":""}]}`, `{"":1}`},
	{`{"type":"struct","fields":[{"type":"int8","field":5}]}`, `{"5":1}`},
	{`{"type":"struct","fields":[{"type":"int8","field":null}]}`, `{"null":1}`},
	{`{"type":"struct","fields":[{"type":"int8","field":"a"},{"type":"int8","field":"a"}]}`, `{"a":1}`},
	{`{"type":"struct","fields":[{"field":"a"}]}`, `{"a":1}`},
	{`{"type":"struct","fields":[{"type":"int8","field":"a","optional":true}]}`, `{}`},
	{`{"type":"struct","fields":[{"type":"int8","field":"a"}]}`, `{}`},
	{`{"type":"struct","fields":[{"type":"int8","field":"a","default":4}]}`, `{}`},
	{`{"type":"struct","fields":[{"type":"int8","field":"a"}]}`, `[]`},
	{`{"type":"struct","fields":[{"type":"int8","field":"a"}]}`, `{"a":1,"b":2}`},
	{`{"type":"struct","optional":true,"fields":[{"type":"int8","field":"a"}]}`, `null`},
	{`{"type":"struct","name":"n","version":3,"doc":"d","parameters":{"x":"y"},"fields":[{"type":"int8","field":"a"}]}`,
		`{"a":1}`},
	{`{"type":"int8","field":"top"}`, `1`}, {`{"type":"int8","unknown":1,"items":5,"fields":5}`, `1`},
	{`{"type":"int8","type":"int16"}`, `1000`},
	{`{"type":"bytes","name":"` + cases.DecimalName + `"}`, `"AQ=="`},
	{`{"type":"bytes","name":"` + cases.DecimalName + `","parameters":{"scale":"x"}}`, `"AQ=="`},
	{`{"type":"bytes","name":"` + cases.DecimalName + `","parameters":{"scale":"2"}}`, `"AQ=="`},
	{`{"type":"bytes","name":"` + cases.DecimalName + `","parameters":{"scale":"-2"}}`, `"AQ=="`},
	{`{"type":"bytes","name":"` + cases.DecimalName + `","parameters":{"scale":" 2"}}`, `"AQ=="`},
	{`{"type":"bytes","name":"` + cases.DecimalName + `","parameters":{"scale":"+2"}}`, `"AQ=="`},
	{`{"type":"bytes","name":"` + cases.DecimalName + `","parameters":{"scale":"2","connect.decimal.precision":"9"}}`,
		`1.25`},
	{`{"type":"bytes","name":"` + cases.DecimalName + `","parameters":{"scale":"2"}}`, `1.255`},
	{`{"type":"bytes","name":"` + cases.DecimalName + `","parameters":{"scale":"2"}}`, `1`},
	{`{"type":"bytes","name":"` + cases.DecimalName + `","parameters":{"scale":"2"}}`, `1.5`},
	{`{"type":"bytes","name":"` + cases.DecimalName + `","parameters":{"scale":"2"}}`, `1e3`},
	{`{"type":"bytes","name":"` + cases.DecimalName + `","parameters":{"scale":"2"}}`, `1.25e10`},
	{`{"type":"bytes","name":"` + cases.DecimalName + `","parameters":{"scale":"2"}}`, `""`},
	{`{"type":"bytes","name":"` + cases.DecimalName + `","parameters":{"scale":"2"}}`, `"1.25"`},
	{`{"type":"bytes","name":"` + cases.DecimalName + `","parameters":{"scale":"2"}}`, `true`},
	{`{"type":"bytes","name":"` + cases.DecimalName + `","parameters":{"scale":"0"}}`, `12345678901234567890123456789`},
	{`{"type":"bytes","name":"` + cases.DecimalName + `","parameters":{"scale":"2"},"default":"AJw="}`, `null`},
	{`{"type":"bytes","name":"` + cases.DecimalName + `","parameters":{"scale":"2"},"default":1.56}`,
		`null`},
	{`{"type":"string","name":"` + cases.DecimalName + `","parameters":{"scale":"2"}}`, `"1.25"`},
	{`{"type":"int64","name":"` + cases.DecimalName + `"}`, `5`},
	{`{"type":"int32","name":"` + cases.DateName + `"}`, `-1`},
	{`{"type":"int32","name":"` + cases.DateName + `"}`, `2147483647`},
	{`{"type":"int64","name":"` + cases.DateName + `"}`, `1`},
	{`{"type":"int32","name":"` + cases.DateName + `"}`, `1.5`},
	{`{"type":"int32","name":"` + cases.DateName + `"}`, `"2020-01-01"`},
	{`{"type":"string","name":"` + cases.DateName + `"}`, `"2020-01-01"`},
	{`{"type":"int32","name":"` + cases.TimeName + `"}`, `86399999`},
	{`{"type":"int32","name":"` + cases.TimeName + `"}`, `86400000`},
	{`{"type":"int32","name":"` + cases.TimeName + `"}`, `-1`},
	{`{"type":"int64","name":"` + cases.TimestampName + `"}`, `-62135596800000`},
	{`{"type":"int64","name":"` + cases.TimestampName + `"}`, `9223372036854775807`},
	{`{"type":"int64","name":"` + cases.TimestampName + `"}`, `253402300800000`},
	{`{"type":"int32","name":"` + cases.TimestampName + `"}`, `5`},
	{`{"type":"int64","name":"` + cases.TimestampName + `","default":0}`, `null`},
	{`{"type":"int32","name":"` + cases.DateName + `","default":3,"optional":true}`, `null`},
	{`{"type":"double","name":"` + cases.TimestampName + `"}`, `1.5`},
}

func (g *gen) texts() {
	off, on := cases.KV(schemasOff, "false"), cases.KV()
	for _, kind := range []string{"toConnect", "roundtrip"} {
		for _, class := range []string{jsonClass, stringClass, bytesClass} {
			g.Emit("null", cases.Case{Kind: kind, Class: class})
			g.Emit("null", cases.Case{Kind: kind, Class: class, IsKey: true})
			g.convert("empty", kind, class, on, "")
		}
		g.Emit("null", cases.Case{Kind: kind, Class: jsonClass, Config: off})
		for _, text := range append(append([]string{}, texts...), payloads...) {
			g.convert("text without schema", kind, jsonClass, off, text)
		}
		for _, text := range texts {
			g.convert("text with schema", kind, jsonClass, on, text)
		}
		for _, s := range schemaTexts {
			for _, conf := range []map[string]string{on, cases.KV(nullKey, "false"), cases.KV(decimalKey, "NUMERIC")} {
				g.convert("odd schema", kind, jsonClass, conf, fmt.Sprintf(envelopeForm, s[0], s[1]))
			}
		}
	}
	for _, text := range []string{`{"payload":1,"schema":{"type":"int8"}}`, `{"schema":{"type":"int8"}}`,
		`{"payload":1}`, `{"schema":null}`, `{"schema":null,"payload":null}`,
		`{"schema":{"type":"int8"},"payload":1,"x":1}`,
		`{"schema":{"type":"int8"},"schema":{"type":"int16"},"payload":1}`,
		`{"schema":{"type":"int8"},"payload":1,"payload":2}`,
		`{"schema":null,"payload":1}{}`, `{"SCHEMA":null,"payload":1}`, `[1,2]`, `"x"`, `null`, `1`, `true`} {
		g.convert("envelope", "toConnect", jsonClass, on, text)
		g.convert("envelope", "roundtrip", jsonClass, on, text)
	}
}
