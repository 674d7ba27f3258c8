package converters

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/data"
)

func jsonConverter(t testing.TB, props ...string) *JSON {
	m := map[string]string{}
	for _, p := range props {
		k, v, _ := strings.Cut(p, "=")
		m[k] = v
	}
	c, err := JSONDef().Parse(m)
	if err != nil {
		t.Fatal(err)
	}
	return NewJSON(c)
}

func prim(k data.Kind) *data.Schema { return &data.Schema{Kind: k} }

var (
	at    = time.Date(2026, 1, 15, 9, 30, 12, 345e6, time.UTC)
	cents = &data.Schema{Kind: data.Bytes, Name: data.DecimalName, Version: 1,
		Parameters: map[string]string{"scale": "2"}}
)

func TestJSONEnvelopeIsJavas(t *testing.T) {
	optional := func(k data.Kind) *data.Schema { return &data.Schema{Kind: k, Optional: true} }
	tests := []struct {
		name   string
		schema *data.Schema
		value  any
		want   string
	}{
		{"null schema", nil, true, `{"schema":null,"payload":true}`},
		{"boolean", prim(data.Boolean), true, `{"schema":{"type":"boolean","optional":false},"payload":true}`},
		{"int8", prim(data.Int8), int8(-1), `{"schema":{"type":"int8","optional":false},"payload":-1}`},
		{"int64", prim(data.Int64), int64(9007199254740993),
			`{"schema":{"type":"int64","optional":false},"payload":9007199254740993}`},
		{"float", prim(data.Float32), float32(12.34), `{"schema":{"type":"float","optional":false},"payload":12.34}`},
		{"double", prim(data.Float64), 12.0, `{"schema":{"type":"double","optional":false},"payload":12.0}`},
		{"large double", prim(data.Float64), 1e7, `{"schema":{"type":"double","optional":false},"payload":1.0E7}`},
		{"small double", prim(data.Float64), -0.00012, `{"schema":{"type":"double","optional":false},"payload":-1.2E-4}`},
		{"bytes", prim(data.Bytes), []byte("test-string"),
			`{"schema":{"type":"bytes","optional":false},"payload":"dGVzdC1zdHJpbmc="}`},
		{"string", optional(data.String), nil, `{"schema":{"type":"string","optional":true},"payload":null}`},
		{"array", &data.Schema{Kind: data.Array, Elem: prim(data.Int32)}, []any{int32(1), int32(2)},
			`{"schema":{"type":"array","items":{"type":"int32","optional":false},"optional":false},"payload":[1,2]}`},
		{"map", &data.Schema{Kind: data.Map, Key: prim(data.String), Elem: prim(data.Int32)},
			map[string]any{"b": int32(2), "a": int32(1)},
			`{"schema":{"type":"map","keys":{"type":"string","optional":false},` +
				`"values":{"type":"int32","optional":false},"optional":false},"payload":{"a":1,"b":2}}`},
		{"map of pairs", &data.Schema{Kind: data.Map, Key: prim(data.Int32), Elem: prim(data.Int32)},
			map[any]any{int32(2): int32(15), int32(1): int32(12)},
			`{"schema":{"type":"map","keys":{"type":"int32","optional":false},` +
				`"values":{"type":"int32","optional":false},"optional":false},"payload":[[1,12],[2,15]]}`},
		{"struct", &data.Schema{Kind: data.Struct, Name: "n.S", Version: 2, Doc: "d", Fields: []data.Field{
			{Name: "f1", Schema: prim(data.Boolean)},
			{Name: "f2", Schema: &data.Schema{Kind: data.String, Optional: true, Default: "x"}},
		}}, map[string]any{"f1": true}, `{"schema":{"type":"struct","fields":[` +
			`{"type":"boolean","optional":false,"field":"f1"},{"type":"string","optional":true,"default":"x","field":"f2"}],` +
			`"optional":false,"name":"n.S","version":2,"doc":"d"},"payload":{"f1":true,"f2":"x"}}`},
		{"decimal", cents, big.NewRat(156, 100), `{"schema":{"type":"bytes","optional":false,` +
			`"name":"org.apache.kafka.connect.data.Decimal","version":1,"parameters":{"scale":"2"}},"payload":"AJw="}`},
		{"date", &data.Schema{Kind: data.Int32, Name: data.DateName, Version: 1}, at.Truncate(24 * time.Hour),
			`{"schema":{"type":"int32","optional":false,` +
				`"name":"org.apache.kafka.connect.data.Date","version":1},"payload":20468}`},
		{"timestamp", &data.Schema{Kind: data.Int64, Name: data.TimestampName, Version: 1}, at,
			`{"schema":{"type":"int64","optional":false,` +
				`"name":"org.apache.kafka.connect.data.Timestamp","version":1},"payload":1768469412345}`},
	}
	c := jsonConverter(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := c.FromConnect("t", tt.schema, tt.value)
			if err != nil || string(got) != tt.want {
				t.Fatalf("FromConnect\n got %s, %v\nwant %s", got, err, tt.want)
			}
			s, v, err := c.ToConnect("t", got)
			if err != nil || !reflect.DeepEqual(s, tt.schema) {
				t.Fatalf("ToConnect: schema %+v, %v, want %+v", s, err, tt.schema)
			}
			again, err := c.FromConnect("t", s, v)
			if err != nil || string(again) != tt.want {
				t.Errorf("FromConnect(ToConnect(x)) = %s, %v", again, err)
			}
			if s2, _, _ := c.ToConnect("t", got); s2 != s {
				t.Error("the same schema text is parsed twice")
			}
		})
	}
}

func TestJSONWithoutSchemas(t *testing.T) {
	c := jsonConverter(t, "schemas.enable=false")
	tests := []struct {
		text string
		want any
	}{
		{`null`, nil}, {`true`, true}, {`"水\n\u6c34"`, "水\n水"},
		{`9007199254740993`, int64(9007199254740993)}, {`-0`, int64(0)},
		{`9223372036854775808`, json.Number("9223372036854775808")},
		{`1.5`, 1.5}, {`1e2`, 100.0}, {`1e999`, json.Number("1e999")},
		{` {"a":[1,{"b":null}]} `, map[string]any{"a": []any{int64(1), map[string]any{"b": nil}}}},
		{`{"a":1,"a":2}`, map[string]any{"a": int64(2)}},
		{`{}`, map[string]any{}}, {`[]`, []any{}},
	}
	for _, tt := range tests {
		s, v, err := c.ToConnect("t", []byte(tt.text))
		if err != nil || s != nil || !reflect.DeepEqual(v, tt.want) {
			t.Errorf("ToConnect(%s) = %v, %#v, %v, want %#v", tt.text, s, v, err, tt.want)
		}
	}
	if c.Format() != connect.FormatJSON || jsonConverter(t).Format() != "" {
		t.Errorf("formats %q, %q", c.Format(), jsonConverter(t).Format())
	}
	v := map[string]any{"t": at, "b": []byte{1}, "n": json.Number("1e5"), "i": int16(3), "f": float32(0.1),
		"m": map[any]any{int64(1): "x"}}
	got, err := c.FromConnect("t", nil, v)
	if want := `{"b":"AQ==","f":0.1,"i":3,"m":[[1,"x"]],"n":1e5,"t":1768469412345}`; err != nil || string(got) != want {
		t.Errorf("FromConnect = %s, %v, want %s", got, err, want)
	}
}

func TestJSONNullsAndDefaults(t *testing.T) {
	withDefault := &data.Schema{Kind: data.Struct, Fields: []data.Field{
		{Name: "a", Schema: &data.Schema{Kind: data.Int32, Optional: true, Default: int32(7)}}}}
	for replace, want := range map[string]string{"true": `{"a":7}`, "false": `{"a":null}`} {
		c := jsonConverter(t, "schemas.enable=false", "replace.null.with.default="+replace)
		if got, err := c.FromConnect("t", withDefault, map[string]any{"a": nil}); err != nil || string(got) != want {
			t.Errorf("replace.null.with.default=%s writes %s, %v, want %s", replace, got, err, want)
		}
		c = jsonConverter(t, "replace.null.with.default="+replace)
		text := `{"schema":{"type":"int32","optional":true,"default":7},"payload":null}`
		wantValue := map[string]any{"true": int32(7), "false": nil}[replace]
		if _, v, err := c.ToConnect("t", []byte(text)); err != nil || v != wantValue {
			t.Errorf("replace.null.with.default=%s reads %v, %v, want %v", replace, v, err, wantValue)
		}
	}
	c := jsonConverter(t)
	if raw, err := c.FromConnect("t", nil, nil); raw != nil || err != nil {
		t.Errorf("FromConnect of null = %q, %v", raw, err)
	}
	if s, v, err := c.ToConnect("t", nil); s != nil || v != nil || err != nil {
		t.Errorf("ToConnect of null = %v, %v, %v", s, v, err)
	}
}

func TestJSONDecimalFormats(t *testing.T) {
	numeric := jsonConverter(t, "schemas.enable=false", "decimal.format=numeric")
	if got, err := numeric.FromConnect("t", cents, big.NewRat(-15, 10)); err != nil || string(got) != "-1.50" {
		t.Errorf("numeric decimal = %s, %v, want -1.50", got, err)
	}
	const schema = `{"type":"bytes","name":"org.apache.kafka.connect.data.Decimal","parameters":{"scale":"2"}}`
	for _, payload := range []string{`1.5`, `"AJY="`} {
		_, v, err := jsonConverter(t).ToConnect("t", []byte(`{"schema":`+schema+`,"payload":`+payload+`}`))
		if r, ok := v.(*big.Rat); err != nil || !ok || r.Cmp(big.NewRat(3, 2)) != 0 {
			t.Errorf("decimal %s = %v, %v, want 3/2", payload, v, err)
		}
	}
}

func TestJSONSaysWhatIsWrongWithAMessage(t *testing.T) {
	plainJSON := jsonConverter(t, "schemas.enable=false")
	envelope := jsonConverter(t)
	payload := func(schema, value string) string { return `{"schema":` + schema + `,"payload":` + value + `}` }
	tests := []struct {
		c          *JSON
		text, want string
	}{
		{plainJSON, ``, "decode json of topic t: invalid data: byte 0: unexpected end of JSON, want a value"},
		{plainJSON, `{"a":1`, "byte 6: unexpected end of JSON, want a comma or '}'"},
		{plainJSON, `{"a":01}`, "byte 5: \"01\" is not a JSON number"},
		{plainJSON, `{} {}`, "byte 3: unexpected '{', want the end"},
		{plainJSON, `"` + "\xff" + `"`, "text is not UTF-8"},
		{plainJSON, `NaN`, "byte 0: unexpected 'N', want a value"},
		{plainJSON, strings.Repeat("[", 1001) + strings.Repeat("]", 1001), "nested deeper than 1000"},
		{envelope, `{"a":1}`, `set schemas.enable=false to read plain JSON`},
		{envelope, `{"schema":null,"payload":1,"more":1}`, `and nothing else`},
		{envelope, `7`, `and nothing else`},
		{envelope, payload(`7`, `1`), "schema: invalid data: want an object with a type"},
		{envelope, payload(`{"type":"int"}`, `1`), `type "int": want a type of Kafka Connect`},
		{envelope, payload(`{"type":"array"}`, `[]`), "want an object with a type"},
		{envelope, payload(`{"type":"struct","fields":[{"type":"int8"}]}`, `{}`), "field 0 of a struct has no name"},
		{envelope, payload(`{"type":"int8"}`, `128`), "128 does not fit INT8"},
		{envelope, payload(`{"type":"int64"}`, `1.5`), "1.5 does not fit INT64"},
		{envelope, payload(`{"type":"int64"}`, `"1"`), `JSON string "1" for INT64`},
		{envelope, payload(`{"type":"double"}`, `1e999`), "1e999 does not fit FLOAT64"},
		{envelope, payload(`{"type":"string"}`, `null`), "null for STRING, which is not optional"},
		{envelope, payload(`{"type":"bytes"}`, `"?"`), "is not base64"},
		{envelope, payload(`{"type":"struct","fields":[{"type":"int8","field":"a"}]}`, `{"a":true}`),
			`field "a": invalid data: JSON true for INT8`},
		{envelope, payload(`{"type":"map","keys":{"type":"int8"},"values":{"type":"int8"}}`, `[[1]]`),
			"entry 0: invalid data: [1] is not a [key, value] of a map"},
		{envelope, payload(`{"type":"bytes","name":"org.apache.kafka.connect.data.Decimal"}`, `"AA=="`),
			`decimal with scale ""`},
	}
	for _, tt := range tests {
		_, v, err := tt.c.ToConnect("t", []byte(tt.text))
		if !errors.Is(err, data.ErrInvalid) || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("ToConnect(%.80s) = %v, %v, want an ErrInvalid with %q", tt.text, v, err, tt.want)
		}
	}
}

// TestJSONErrorsAreShort: an error becomes a header of a dead letter, which has room
// for little beside the record.
func TestJSONErrorsAreShort(t *testing.T) {
	text, digits := strings.Repeat("x", 1<<20), strings.Repeat("9", 1<<20)
	for schema, value := range map[string]string{
		`{"type":"bytes"}`: `"` + text + `?"`, `{"type":"int64"}`: digits, `{"type":"double"}`: digits,
		`{"type":"bytes","name":"org.apache.kafka.connect.data.Decimal"}`:  digits + "e9",
		`{"type":"map","keys":{"type":"string"},"values":{"type":"int8"}}`: `{"` + text + `":true}`,
		`{"type":"boolean"}`: `"` + text + `"`,
		`{"type":"string"}`:  `"` + text,
	} {
		_, _, err := jsonConverter(t).ToConnect("t", []byte(`{"schema":`+schema+`,"payload":`+value+`}`))
		if err == nil || len(err.Error()) > 500 {
			t.Errorf("%s: an error of %d bytes, want one and a short one", schema, len(fmt.Sprint(err)))
		}
	}
}

func TestJSONSaysWhatIsWrongWithData(t *testing.T) {
	c := jsonConverter(t, "schemas.enable=false")
	s := &data.Schema{Kind: data.Struct, Fields: []data.Field{{Name: "a", Schema: prim(data.Int16)}}}
	got, err := c.FromConnect("t", s, map[string]any{})
	if want := `encode json for topic t: field "a": invalid data: null for INT16`; !errors.Is(err, data.ErrInvalid) ||
		!strings.HasPrefix(err.Error(), want) {
		t.Errorf("FromConnect = %s, %v, want %s", got, err, want)
	}
}

func FuzzJSONAgreesWithEncodingJSON(f *testing.F) {
	f.Add([]byte(`{"a":[1,2.5,"x\u0000",null,true],"b":{"a":1,"a":2}}`))
	f.Add([]byte(`"\ud83d\ude00 \q"`))
	c := jsonConverter(f, "schemas.enable=false")
	f.Fuzz(func(t *testing.T, raw []byte) {
		_, got, err := c.ToConnect("t", raw)
		if err != nil {
			return
		}
		out, err := c.FromConnect("t", nil, got)
		if err != nil {
			t.Fatalf("what was read cannot be written: %v", err)
		}
		if got == nil {
			return
		}
		var want, back any
		if err := decodeNumbers(raw, &want); err != nil {
			t.Fatalf("encoding/json refuses %q: %v", raw, err)
		}
		if err := decodeNumbers(out, &back); err != nil {
			t.Fatalf("encoding/json refuses %q: %v", out, err)
		}
		if a, b := fmt.Sprint(want), fmt.Sprint(back); a != b && !bytes.ContainsAny(raw, ".eE-0\\") {
			t.Errorf("%s became %s", a, b)
		}
	})
}

func decodeNumbers(raw []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	return d.Decode(v)
}

func FuzzJSONEnvelopeRoundTrip(f *testing.F) {
	f.Add([]byte(`{"schema":{"type":"struct","fields":[{"type":"bytes","field":"a","optional":true}]},` +
		`"payload":{"a":"AA=="}}`))
	f.Add([]byte(`{"schema":{"type":"map","keys":{"type":"int8"},"values":{"type":"float"}},"payload":[[1,2.5]]}`))
	c := jsonConverter(f)
	f.Fuzz(func(t *testing.T, raw []byte) {
		s, v, err := c.ToConnect("t", raw)
		if err != nil {
			return
		}
		out, err := c.FromConnect("t", s, v)
		if err != nil || out == nil {
			return // a default that does not fit, or null
		}
		s2, v2, err := c.ToConnect("t", out)
		if err != nil {
			t.Fatalf("%s\nbecame %s: %v", raw, out, err)
		}
		out2, err := c.FromConnect("t", s2, v2)
		if err != nil || !bytes.Equal(out, out2) {
			t.Errorf("%s\nbecame %s, %v", out, out2, err)
		}
	})
}

func BenchmarkJSONToConnect(b *testing.B) {
	c := jsonConverter(b, "schemas.enable=false")
	raw := []byte(`{"time":"2026-01-15T09:30:12.345Z","host":"web-17.example.com","status":200,"size":20480,` +
		`"reqtime":0.042,"uri":"/catalog/items/48213?page=2","ua":"Mozilla/5.0 (X11; Linux x86_64) Firefox/128.0",` +
		`"cookie":{"sid":"1f8x9k2m4q"}}`)
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := c.ToConnect("t", raw); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkJSONFromConnect(b *testing.B) {
	c := jsonConverter(b, "schemas.enable=false")
	v := map[string]any{"host": "web-17.example.com", "status": int64(200), "size": int64(20480), "reqtime": 0.042}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.FromConnect("t", nil, v); err != nil {
			b.Fatal(err)
		}
	}
}
