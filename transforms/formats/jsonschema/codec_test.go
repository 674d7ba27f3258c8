package jsonschema

import (
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/transforms/formats/internal/avrotest"
	"github.com/suiro/suiro/transforms/formats/registry"
)

func mustParse(t *testing.T, text string, o Options, references ...registry.Reference) *Codec {
	t.Helper()
	c, err := Parse(text, references, o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// shown describes a schema in a line, as field:KIND, with ? where it is optional.
func shown(s *data.Schema) string {
	var text string
	switch s.Kind {
	case data.Struct:
		var fields []string
		for _, f := range s.Fields {
			fields = append(fields, strings.TrimPrefix(f.Name, UnionName+".field.")+":"+shown(f.Schema))
		}
		text = "{" + strings.Join(fields, " ") + "}"
	case data.Array:
		text = "[" + shown(s.Elem) + "]"
	case data.Map:
		text = "MAP(" + shown(s.Key) + "," + shown(s.Elem) + ")"
	default:
		text = s.Kind.String()
	}
	if s.Name == UnionName {
		text = "ONE OF" + text
	} else if s.Name != "" {
		text = s.Name[strings.LastIndexByte(s.Name, '.')+1:] + "=" + text
	}
	if s.Optional {
		text += "?"
	}
	return text
}

func TestParseSchema(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"types", `{"type":"object","title":"a.R","properties":{"b":{"type":"boolean"},"s":{"type":"string"},"i":{"type":"integer"},
			"n":{"type":"number"},"l":{"type":"array","items":{"type":"string"}}}}`,
			"R={b:BOOLEAN s:STRING i:INT64 n:FLOAT64 l:[STRING]}"},
		{"Connect's types", `{"properties":{"a":{"type":"integer","connect.type":"int8"},"b":{"type":"integer","connect.type":"int16"},
			"c":{"type":"integer","connect.type":"int32"},"d":{"type":"number","connect.type":"float32"},
			"e":{"type":"string","connect.type":"bytes"}}}`, "{a:INT8 b:INT16 c:INT32 d:FLOAT32 e:BYTES}"},
		{"order", `{"properties":{"x":{"type":"string","connect.index":2},"y":{"type":"string","connect.index":0},
			"z":{"oneOf":[{"type":"null"},{"type":"string"}],"connect.index":1}}}`, "{y:STRING z:STRING? x:STRING}"},
		{"logical types", `{"properties":{
			"d":{"type":"integer","connect.type":"int32","title":"org.apache.kafka.connect.data.Date"},
			"t":{"type":"integer","connect.type":"int64","title":"org.apache.kafka.connect.data.Timestamp"},
			"p":{"type":"number","connect.type":"bytes","title":"org.apache.kafka.connect.data.Decimal","connect.parameters":{"scale":"2"}},
			"no":{"type":"string","title":"org.apache.kafka.connect.data.Date"}}}`,
			"{d:Date=INT32 t:Timestamp=INT64 p:Decimal=BYTES no:STRING}"},
		{"maps", `{"properties":{"a":{"type":"object","connect.type":"map","additionalProperties":{"type":"integer"}},
			"b":{"type":"object","additionalProperties":{"type":"string"}},
			"c":{"type":"array","connect.type":"map","items":{"type":"object","properties":
				{"key":{"type":"integer"},"value":{"type":"string"}}}}}}`,
			"{a:MAP(STRING,INT64) b:MAP(STRING,STRING) c:MAP(INT64,STRING)}"},
		{"nothing more", `{"type":"object","additionalProperties":false}`, "{}"},
		{"optional", `{"properties":{"a":{"type":["string","null"]},"b":{"anyOf":[{"type":"integer"},{"type":"null"}]}}}`,
			"{a:STRING? b:INT64?}"},
		{"unions", `{"properties":{"a":{"oneOf":[{"type":"null"},{"type":"string"},{"type":"object","title":"P","properties":
			{"x":{"type":"number"}}}]},"b":{"type":["integer","string"]}}}`,
			"{a:ONE OF{0:STRING? 1:P={x:FLOAT64}?}? b:ONE OF{0:INT64? 1:STRING?}}"},
		{"one type", `{"oneOf":[{"type":"string"}]}`, "STRING"},
		{"enum", `{"properties":{"a":{"enum":["x","y"]},"b":{"type":"string","enum":["x",null]},"c":{"enum":[1,2]},
			"d":{"const":"x"},"e":{"type":"number","enum":[1,2]},"f":{"enum":[1,2.5]},"g":{"const":true}}}`,
			"{a:STRING b:STRING? c:INT64 d:STRING e:FLOAT64 f:FLOAT64 g:BOOLEAN}"},
		{"references", `{"definitions":{"P":{"title":"P","properties":{"x":{"type":"number"}}},
			"N":{"$id":"#named","type":"integer"}},"$defs":{"A":{"$anchor":"anchored","type":"boolean"}},
			"properties":{"a":{"$ref":"#/definitions/P"},"b":{"oneOf":[{"type":"null"},{"$ref":"#/definitions/P"}]},
			"c":{"$ref":"#named"},"d":{"$ref":"#anchored"}}}`, "{a:P={x:FLOAT64} b:P={x:FLOAT64}? c:INT64 d:BOOLEAN}"},
		{"all of", `{"title":"R","definitions":{"P":{"properties":{"a":{"type":"string"}}}},
			"allOf":[{"$ref":"#/definitions/P"},{"properties":{"b":{"type":"integer"}}}],"properties":{"c":{"type":"boolean"}}}`,
			"R={c:BOOLEAN a:STRING b:INT64}"},
		{"all of no objects", `{"allOf":[{"description":"x"},{"type":"string"},{"maxLength":3}]}`, "STRING"},
		{"choices of what is required", `{"properties":{"a":{"type":"string"},"b":{"type":"string"}},
			"oneOf":[{"required":["a"]},{"required":["b"]}]}`, "{a:STRING b:STRING}"},
		{"no type", `{"properties":{"a":{"minLength":1},"b":{"minimum":1},"c":{"items":{"type":"string"}}}}`,
			"{a:STRING b:FLOAT64 c:[STRING]}"},
	} {
		s, err := ParseSchema(tt.text, nil, Options{})
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
		} else if got := shown(s); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}

func TestParseSchemaSaysWhatIsWrong(t *testing.T) {
	deep := strings.Repeat(`{"type":"array","items":`, 1100) + `{"type":"string"}` + strings.Repeat("}", 1100)
	var wide strings.Builder
	wide.WriteString(`{"definitions":{"t0":{"type":"string"}`)
	for i := range 40 {
		n := string(rune('0'+i/10)) + string(rune('0'+i%10))
		before := "t0"
		if i > 0 {
			before = "t" + string(rune('0'+(i-1)/10)) + string(rune('0'+(i-1)%10)) + "x"
		}
		wide.WriteString(`,"t` + n + `x":{"properties":{"a":{"$ref":"#/definitions/` + before + `"},"b":{"$ref":"#/definitions/` +
			before + `"}}}`)
	}
	wide.WriteString(`},"$ref":"#/definitions/t39x"}`)
	for _, tt := range []struct{ text, want string }{
		{`{`, "not JSON"},
		{`{} {}`, "text after the schema"},
		{`[1]`, "want an object, got [1]"},
		{`{}`, "it allows any value"},
		{`{"properties":{"a":true}}`, `field "a": json schema: it allows any value`},
		{`{"type":"null"}`, "null outside oneOf"},
		{`{"type":["null"]}`, "null outside oneOf"},
		{`{"type":"strnig"}`, `unknown type "strnig"`},
		{`{"type":5}`, "want the name of a type"},
		{`{"type":"integer","connect.type":"int7"}`, `connect.type "int7" of a number`},
		{`{"type":"array"}`, "items have no type in common"},
		{`{"enum":["a",1]}`, "an enum of values of several types"},
		{`{"enum":[]}`, "an enum without a value"},
		{`{"oneOf":[]}`, "oneOf or anyOf without a type"},
		{`{"type":"string","connect.type":"bytes","title":"org.apache.kafka.connect.data.Decimal"}`, "a decimal without a scale"},
		{`{"title":"Node","properties":{"next":{"oneOf":[{"type":"null"},{"$ref":"#"}]}}}`,
			`"Node" contains itself, which is not supported`},
		{`{"$ref":"#"}`, `"#" contains itself`},
		{`{"definitions":{"A":{"$ref":"#/definitions/B"},"B":{"$ref":"#/definitions/A"}},"$ref":"#/definitions/A"}`, "contains itself"},
		{`{"$ref":"#/definitions/None"}`, "there is no such part"},
		{`{"$ref":"https://example.com/other.json"}`, "neither in the schema nor a reference of it in the registry"},
		{`{"type":"object","title":"io.confluent.connect.json.OneOf"}`, "which is the name of unions"},
		{deep, "nested deeper than 1000"},
		{wide.String(), "takes more than 16 MiB"},
		{strings.Repeat(" ", registry.MaxText+1), "want at most"},
	} {
		_, err := ParseSchema(tt.text, nil, Options{})
		if err == nil || !strings.HasPrefix(err.Error(), "json schema: ") && !strings.Contains(err.Error(), "json schema: ") ||
			!strings.Contains(err.Error(), tt.want) {
			t.Errorf("%.200s: %.300v, want %q", tt.text, err, tt.want)
		}
	}
}

func TestParseSchemaWithReferences(t *testing.T) {
	place := registry.Reference{Names: []string{"place.json"}, Text: `{"$id":"https://x/place.json","title":"Place",
		"properties":{"host":{"$ref":"types.json#/definitions/Host"}}}`}
	types := registry.Reference{Names: []string{"types.json"}, Text: `{"definitions":{"Host":{"type":"string"}}}`}
	for _, text := range []string{
		`{"properties":{"at":{"$ref":"place.json"}}}`,
		`{"properties":{"at":{"$ref":"https://x/place.json"}}}`,
		`{"$id":"https://x/event.json","properties":{"at":{"$ref":"place.json#"}}}`,
	} {
		c := mustParse(t, text, Options{Validate: true}, types, place)
		if got, want := shown(c.Schema()), "{at:Place={host:STRING}}"; got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
		if _, _, err := c.Decode([]byte(`{"at":{"host":1}}`)); err == nil {
			t.Errorf("%s: a value of another type than in the reference is taken", text)
		}
		if _, _, err := c.Decode([]byte(`{"at":{"host":"a"}}`)); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestRequiredFields(t *testing.T) {
	text := `{"properties":{"a":{"type":"string"},"b":{"type":"string"}},"required":["a"]}`
	for required, want := range map[bool]string{false: "{a:STRING b:STRING}", true: "{a:STRING b:STRING?}"} {
		c := mustParse(t, text, Options{Required: required})
		if got := shown(c.Schema()); got != want {
			t.Errorf("Required %v: %s, want %s", required, got, want)
		}
		s, v, err := c.Decode([]byte(`{"a":"x"}`))
		if err != nil || !data.Equal(v, map[string]any{"a": "x", "b": nil}) {
			t.Fatalf("Required %v: %v, %v", required, v, err)
		}
		want := map[bool]string{false: `{"a":"x"}`, true: `{"a":"x","b":null}`}[required]
		if raw, err := (encoder{}).append(nil, s, v); err != nil || string(raw) != want {
			t.Errorf("Required %v: written again as %s, %v, want %s", required, raw, err, want)
		}
	}
}

// everything is a schema with all that Connect has, and a value of it.
func everything() (*data.Schema, map[string]any) {
	s, v := avrotest.Everything()
	own := *s
	own.Doc, own.Version = "all", 3
	own.Fields = append(own.Fields[:len(own.Fields):len(own.Fields)],
		data.Field{Name: "entries", Schema: &data.Schema{Kind: data.Map, Key: avrotest.Prim(data.Int32), Elem: avrotest.Prim(data.String)}},
		data.Field{Name: "nullable", Schema: &data.Schema{Kind: data.Map, Key: avrotest.Optional(data.String), Elem: avrotest.Optional(data.Boolean)}},
		data.Field{Name: "either", Schema: &data.Schema{Kind: data.Struct, Name: UnionName, Optional: true, Fields: []data.Field{
			{Name: UnionName + ".field.0", Schema: avrotest.Optional(data.Int16)},
			{Name: UnionName + ".field.1", Schema: &data.Schema{Kind: data.Struct, Name: "x.P", Optional: true, Fields: []data.Field{
				{Name: "x", Schema: avrotest.Prim(data.Float64)}}}}}}},
		data.Field{Name: "level", Schema: Options{}.newEnum([]string{"LOW", "HIGH"})},
		data.Field{Name: "more", Schema: &data.Schema{Kind: data.Int32, Default: int32(7), Parameters: map[string]string{"k": "v"}}},
		data.Field{Name: "maybe", Schema: &data.Schema{Kind: data.String, Default: "d", Optional: true}})
	v["entries"] = map[any]any{int32(2): "b", int32(1): "a"}
	v["nullable"] = map[any]any{"a": nil, nil: true}
	v["either"] = map[string]any{UnionName + ".field.0": nil, UnionName + ".field.1": map[string]any{"x": 0.5}}
	v["level"], v["more"], v["maybe"] = "HIGH", int32(8), "x"
	return &own, v
}

func TestEverythingComesBack(t *testing.T) {
	s, v := everything()
	for name, o := range map[string]Options{"default": {}, "open": {Open: true}, "numeric": {NumericDecimals: true},
		"valid": {Validate: true}, "numeric, valid": {Validate: true, NumericDecimals: true}} {
		c, err := New(s, o)
		if err != nil {
			t.Fatal(err)
		}
		raw, err := c.Append([]byte("head"), s, v)
		if err != nil || string(raw[:4]) != "head" {
			t.Fatalf("%s: %s, %v", name, raw, err)
		}
		read := mustParse(t, c.Text(), o)
		if !read.Schema().Equal(s) {
			t.Errorf("%s: the schema comes back as\n%s\nwant\n%s\nfrom\n%s", name, shown(read.Schema()), shown(s), c.Text())
		}
		if _, got, err := read.Decode(raw[4:]); err != nil || !data.Equal(got, v) {
			t.Errorf("%s: %s is read as %v, %v, want %v", name, raw[4:], got, err, v)
		}
		if again, err := New(read.Schema(), o); err != nil || again.Text() != c.Text() {
			t.Errorf("%s: the schema is written again as %s, %v", name, again.Text(), err)
		}
	}
}

func TestText(t *testing.T) {
	s := &data.Schema{Kind: data.Struct, Name: "x.R", Doc: "a row", Fields: []data.Field{
		{Name: "id", Schema: avrotest.Prim(data.Int64)}, {Name: "name", Schema: avrotest.Optional(data.String)},
		{Name: "price", Schema: &data.Schema{Kind: data.Bytes, Name: data.DecimalName, Version: 1, Parameters: map[string]string{"scale": "2"}}}}}
	const want = `{"type":"object","properties":{"id":{"type":"integer","connect.type":"int64","connect.index":0},` +
		`"name":{"oneOf":[{"type":"null"},{"type":"string"}],"connect.index":1},` +
		`"price":{"type":"string","connect.type":"bytes","title":"org.apache.kafka.connect.data.Decimal","connect.version":1,` +
		`"connect.parameters":{"scale":"2"},"connect.index":2}},"title":"x.R","description":"a row"}`
	if got, err := Text(s, Options{Open: true}); err != nil || got != want {
		t.Errorf("Text = %s, %v\nwant %s", got, err, want)
	}
	for _, bad := range []*data.Schema{nil, {Kind: data.Array}, {Kind: data.Map, Elem: s}, {Kind: data.String, Name: data.DateName},
		{Kind: data.Bytes, Name: data.DecimalName}} {
		if got, err := Text(bad, Options{}); err == nil {
			t.Errorf("Text(%v) = %s, want an error", bad, got)
		}
	}
}

func TestUnionsAreFoundByTheValue(t *testing.T) {
	c := mustParse(t, `{"oneOf":[{"type":"boolean"},{"type":"integer"},{"type":"number"},
		{"type":"array","items":{"type":"string"}},
		{"title":"Login","properties":{"user":{"type":"string"},"at":{"properties":{"host":{"type":"string"}}}}},
		{"title":"Logout","properties":{"user":{"type":"string"},"reason":{"type":"string"}}},
		{"type":"string"}]}`, Options{})
	for raw, want := range map[string]int{`true`: 0, `1`: 1, `1.5`: 2, `123456789012345678901234567890`: 2, `["a"]`: 3,
		`{"user":"a","at":{"host":"b"}}`: 4, `{"user":"a","reason":"b"}`: 5, `{"user":"a"}`: 4, `"x"`: 6, `{}`: 4} {
		s, v, err := c.Decode([]byte(raw))
		if err != nil {
			t.Errorf("%s: %v", raw, err)
			continue
		}
		for i, f := range s.Fields {
			if (v.(map[string]any)[f.Name] != nil) != (i == want) {
				t.Errorf("%s is read as %v, want a value of field %d alone", raw, v, want)
			}
		}
		if again, err := (encoder{}).append(nil, s, v); err != nil || !strings.HasPrefix(string(again), raw[:1]) {
			t.Errorf("%s is written again as %s, %v", raw, again, err)
		}
	}
	for raw, want := range map[string]string{`{"other":1}`: "is of none of the types", `null`: "null for STRUCT"} {
		if _, v, err := c.Decode([]byte(raw)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, %v, want %q", raw, v, err, want)
		}
	}
}

func TestGeneralSums(t *testing.T) {
	c := mustParse(t, `{"properties":{"u":{"type":["integer","string"]},"e":{"enum":["b","a"]}}}`, Options{GeneralSums: true})
	u, e := c.Schema().Fields[0].Schema, c.Schema().Fields[1].Schema
	if u.Name != "connect_union_0" || u.Parameters["org.apache.kafka.connect.data.Union"] != "connect_union_0" ||
		u.Fields[1].Name != "connect_union_field_1" || e.Parameters["org.apache.kafka.connect.data.Enum.a"] != "1" {
		t.Errorf("schemas %+v, %+v", u, e)
	}
	text, err := Text(c.Schema(), Options{GeneralSums: true})
	if want := `"e":{"enum":["b","a"],"connect.index":1}`; err != nil || !strings.Contains(text, want) {
		t.Errorf("Text = %s, %v, want %s in it", text, err, want)
	}
}

func TestDecodeSaysWhatIsWrong(t *testing.T) {
	c := mustParse(t, `{"properties":{"n":{"type":"integer","connect.type":"int8"},"s":{"type":"string","maxLength":3},
		"m":{"type":"array","connect.type":"map","items":{"properties":{"key":{"type":"integer"},"value":{"type":"string"}}}}},
		"required":["s"]}`, Options{Validate: true})
	for raw, want := range map[string]string{
		``: "unexpected end", `[]`: "JSON array [] for STRUCT", `{"n":1000}`: "does not fit INT8", `{"n":"x"}`: "for INT8",
		`{"s":"long"}`: "does not fit its schema: at '/s'", `{"n":1}`: "missing property 's'", `{"s":null}`: "null for STRING",
		`{"m":[1]}`: "no key and value", `{"m":[{"key":1}]}`: "no key and value", `{"s":"a"} x`: "want the end",
	} {
		if _, v, err := c.Decode([]byte(raw)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, %v, want %q", raw, v, err, want)
		}
	}
}

func TestAppendSaysWhatIsWrong(t *testing.T) {
	s := &data.Schema{Kind: data.Struct, Fields: []data.Field{{Name: "a", Schema: avrotest.Prim(data.Int32)}}}
	u := &data.Schema{Kind: data.Struct, Name: UnionName, Fields: []data.Field{
		{Name: "0", Schema: avrotest.Optional(data.Int32)}, {Name: "1", Schema: avrotest.Optional(data.String)}}}
	for _, tt := range []struct {
		s    *data.Schema
		v    any
		want string
	}{
		{s, 1, "for STRUCT"}, {s, map[string]any{"a": "x"}, `field "a"`}, {s, map[string]any{"a": int32(1), "b": 1}, `field "b" is not`},
		{u, map[string]any{"0": int32(1), "1": "x"}, "two values"}, {u, map[string]any{}, "without a value"},
		{&data.Schema{Kind: data.Array, Elem: s}, "x", "a string for ARRAY"},
		{&data.Schema{Kind: data.Map, Key: avrotest.Prim(data.String), Elem: s}, []any{}, "for MAP"},
	} {
		if raw, err := (encoder{}).append(nil, tt.s, tt.v); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%v: %s, %v, want %q", tt.v, raw, err, tt.want)
		}
	}
	latest := mustParse(t, `{"properties":{"a":{"type":"string"}},"required":["a"]}`, Options{})
	if raw, err := latest.Append(nil, s, map[string]any{"a": int32(1)}); err == nil || !strings.Contains(err.Error(), "at '/a'") {
		t.Errorf("a value that the schema of the registry does not allow: %s, %v", raw, err)
	}
}

func TestDefaults(t *testing.T) {
	c := mustParse(t, `{"properties":{"a":{"type":"integer","default":7},"b":{"oneOf":[{"type":"null"},{"type":"string"}],"default":"x"},
		"c":{"type":"integer","default":"no"},
		"at":{"type":"integer","connect.type":"int64","title":"org.apache.kafka.connect.data.Timestamp","default":5}}}`, Options{})
	want := map[string]any{"a": int64(7), "b": "x", "c": nil, "at": time.UnixMilli(5).UTC()}
	if _, v, err := c.Decode([]byte(`{}`)); err != nil || !data.Equal(v, want) {
		t.Errorf("Decode = %v, %v, want %v", v, err, want)
	}
	for keep, want := range map[bool]string{false: `{"m":"d"}`, true: `{"m":null}`} {
		s := &data.Schema{Kind: data.Struct, Fields: []data.Field{{Name: "m", Schema: &data.Schema{Kind: data.String, Optional: true, Default: "d"}}}}
		if raw, err := (encoder{Options{KeepNulls: keep}}).append(nil, s, map[string]any{}); err != nil || string(raw) != want {
			t.Errorf("KeepNulls %v: %s, %v, want %s", keep, raw, err, want)
		}
	}
}

func TestNumericDecimalsKeepTheirDigits(t *testing.T) {
	c := mustParse(t, `{"type":"number","connect.type":"bytes","title":"org.apache.kafka.connect.data.Decimal",
		"connect.parameters":{"scale":"3"}}`, Options{NumericDecimals: true})
	s, v, err := c.Decode([]byte(`123456789012345678901234567890.120`))
	want, _ := new(big.Rat).SetString("123456789012345678901234567890.12")
	if err != nil || !data.Equal(v, want) {
		t.Fatalf("Decode = %v, %v", v, err)
	}
	if raw, err := c.Append(nil, s, v); err != nil || string(raw) != `123456789012345678901234567890.120` {
		t.Errorf("Append = %s, %v", raw, err)
	}
}

func FuzzParseSchema(f *testing.F) {
	s, _ := everything()
	text, err := Text(s, Options{})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add(`{"definitions":{"P":{"properties":{"a":{"type":"string"}}}},"allOf":[{"$ref":"#/definitions/P"}],"oneOf":[{}]}`)
	f.Add(`{"type":["null","integer","object"],"enum":[1,null],"default":1}`)
	f.Fuzz(func(t *testing.T, text string) {
		for _, o := range []Options{{}, {Required: true, GeneralSums: true, NumericDecimals: true}} {
			s, err := ParseSchema(text, nil, o)
			if err != nil {
				continue
			}
			own, err := Text(s, o)
			if err != nil {
				t.Fatalf("%s is read as %s, which cannot be written: %v", text, shown(s), err)
			}
			back, err := ParseSchema(own, nil, o)
			if err != nil {
				t.Fatalf("%s is written as %s: %v", text, own, err)
			}
			if again, err := Text(back, o); err != nil || again != own {
				t.Errorf("%s is written as\n%s and then as\n%s, %v", text, own, again, err)
			}
		}
	})
}

func FuzzDecode(f *testing.F) {
	s, v := everything()
	c, err := New(s, Options{})
	if err != nil {
		f.Fatal(err)
	}
	raw, err := c.Append(nil, s, v)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw)
	f.Add([]byte(`{"entries":[{"key":1,"value":"a"},{"value":"b","key":1}],"either":7}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		s, v, err := c.Decode(raw)
		if err != nil {
			return
		}
		again, err := c.Append(nil, s, v)
		if err != nil {
			t.Fatalf("%s is read as %v, which cannot be written: %v", raw, v, err)
		}
		if _, back, err := c.Decode(again); err != nil || !data.Equal(back, v) {
			t.Errorf("%s is written as %s and read as %v, %v, want %v", raw, again, back, err, v)
		}
	})
}
