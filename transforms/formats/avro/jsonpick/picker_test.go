package jsonpick

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/suiro/suiro/transforms/formats/avro"
	"github.com/suiro/suiro/transforms/formats/internal/avrotest"
)

const accessSchema = `{"type":"record","name":"Access","namespace":"suiro","fields":[
	{"name":"time","type":{"type":"long","logicalType":"timestamp-millis"}},
	{"name":"host","type":"string"},
	{"name":"method","type":"string"},
	{"name":"uri","type":"string"},
	{"name":"status","type":"int"},
	{"name":"size","type":["null","long"],"default":null},
	{"name":"reqtime","type":["null","double"],"default":null},
	{"name":"reqtime_microsec","type":["null","long"],"default":null}]}`

var accessLine = []byte(`{"time":"2026-01-15T09:30:12.345Z","host":"web-17.example.com","forwardedfor":null,` +
	`"method":"GET",` +
	`"uri":"/catalog/items/48213?page=2","status":200,"size":20480,"referer":"https://example.com/",` +
	`"ua":"Mozilla/5.0 (X11; Linux x86_64) Firefox/128.0","reqtime":0.042,"reqtime_microsec":42117,` +
	`"apptime":0.037,"cache":"HIT","runtime":0.033,"vhost":"example.com","protocol":"HTTP/1.1",` +
	`"cookie":{"sid":"1f8x9k2m4q","uid":"482913","lang":"ja","ab":"exp/12:B","q":"mizu 水路"}}`)

func codec(t testing.TB, schema string) *avro.Codec {
	t.Helper()
	c, err := avro.ParseCodec([]byte(schema))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func picker(t testing.TB, schema string, o *Options) *Picker {
	t.Helper()
	p, err := New(codec(t, schema), o)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestPickerWritesTheBytesOfGoavro(t *testing.T) {
	p := picker(t, accessSchema, nil)
	got, err := p.Append(nil, accessLine)
	if err != nil {
		t.Fatal(err)
	}
	want, err := avrotest.Goavro(t, accessSchema).BinaryFromNative(nil, map[string]any{
		"time": int64(1768469412345), "host": "web-17.example.com", "method": "GET",
		"uri": "/catalog/items/48213?page=2", "status": int32(200),
		"size":             map[string]any{"long": int64(20480)},
		"reqtime":          map[string]any{"double": 0.042},
		"reqtime_microsec": map[string]any{"long": int64(42117)},
	})
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("Append\n got %x\nwant %x, %v", got, want, err)
	}
}

// all is a record with a field of each kind under test.
func all(typ string) string {
	return `{"type":"record","name":"R","fields":[{"name":"v","type":` + typ + `}]}`
}

func TestPickerReadsJSON(t *testing.T) {
	millis := `{"type":"long","logicalType":"timestamp-millis"}`
	tests := []struct {
		typ, line string
		want      string // the value, or the end of the error
	}{
		{`"long"`, `{"v":9007199254740993}`, "9007199254740993"},
		{`"long"`, `{"v":9223372036854775808}`, `field "v": avro value: 9223372036854775808 is not an integer of 64 bits`},
		{`"long"`, `{"v":1.5}`, `field "v": avro value: 1.5 is not an integer of 64 bits`},
		{`"int"`, `{"v":2147483648}`, `field "v": avro value: 2147483648 is out of the range of INT32`},
		{`"int"`, `{"v":"200"}`, `field "v": avro value: JSON string "200" for INT32`},
		{`"int"`, `{"w":1}`, `field "v": avro value: the field is missing, is not optional and has no default`},
		{`"int"`, `{"v":null}`, `field "v": avro value: null for INT32, which is not optional`},
		{`["null","int"]`, `{"w":1}`, "<nil>"},
		{`["null","int"]`, `{"v":null}`, "<nil>"},
		{`"int"`, `{"v":1,"v":2}`, "2"},
		{`"double"`, `{"v":0.30000000000000004}`, "0.30000000000000004"},
		{`"double"`, `{"v":12345678901234567}`, "1.2345678901234568e+16"},
		{`"double"`, `{"v":1e400}`, `field "v": avro value: 1e400 is out of the range of FLOAT64`},
		{`"float"`, `{"v":0.5}`, "0.5"},
		{`"boolean"`, `{"v":true}`, "true"},
		{`"boolean"`, `{"v":1}`, `field "v": avro value: JSON number 1 for BOOLEAN`},
		{`"string"`, `{"v":"a\u0022\n水"}`, "a\"\n水"},
		{`"string"`, `{"v":"a` + "\xff" + `"}`, `field "v": avro value: text is not UTF-8`},
		{`"string"`, `{"v":7}`, `field "v": avro value: JSON number 7 for STRING`},
		{`"bytes"`, `{"v":"AP8="}`, "[0 255]"},
		{`"bytes"`, `{"v":"??"}`, `field "v": avro value: "??" is not base64`},
		{`{"type":"bytes","logicalType":"decimal","precision":9,"scale":2}`, `{"v":-1.5}`, "-3/2"},
		{millis, `{"v":"2026-01-15T18:30:12.345+09:00"}`, "2026-01-15 09:30:12.345 +0000 UTC"},
		{millis, `{"v":1000}`, "1970-01-01 00:00:01 +0000 UTC"},
		{millis, `{"v":"yesterday"}`,
			`field "v": avro value: "yesterday" is not a time: want 2006-01-02T15:04:05Z or milliseconds since 1970`},
		{`{"type":"enum","name":"E","symbols":["A","B"]}`, `{"v":"B"}`, "B"},
		{`{"type":"array","items":["null","int"]}`, `{"v":[1,null]}`, "[1 <nil>]"},
		{`{"type":"array","items":"int"}`, `{"v":[1,"x"]}`, `field "v": field "1": avro value: JSON string "x" for INT32`},
		{`{"type":"map","values":"int"}`, `{"v":{"a":1,"b":2}}`, "map[a:1 b:2]"},
		{`{"type":"map","values":"int"}`, `{"v":{"a":1,` +
			`"b":"x"}}`, `field "v": field "b": avro value: JSON string "x" for INT32`},
		{`{"type":"record","name":"I","fields":[{"name":"a","type":"int"}]}`, `{"v":{"a":1,"b":2}}`, "map[a:1]"},
		{`{"type":"record","name":"I","fields":[{"name":"a","type":"int"}]}`, `{"v":{"a":1,"a":2}}`, "map[a:2]"},
		{`{"type":"map","values":"int"}`, `{"v":{"a` + "\xff" + `":1}}`,
			`field "v": field "a\xff": avro value: text is not UTF-8`},
		{`["null","int","string"]`, `{"v":{"string":"a"}}`, "map[int:<nil> string:a]"},
		{`["null","int","string"]`, `{"v":{"string":null,"int":7}}`, "map[int:7 string:<nil>]"},
		{`["null","int","string"]`, `{"v":null}`, "<nil>"},
		{`["null","int","string"]`, `{}`, "<nil>"},
		{`["null","int","string"]`, `{"v":7}`, `field "v": avro value: JSON number 7 for STRUCT`},
		{`["int","string"]`, `{"v":{}}`, "0 types of the union have a value: want an object with a value for one"},
		{`["int","string"]`, `{"v":{"int":1,"string":"a"}}`,
			"2 types of the union have a value: want an object with a value for one"},
		{`["int","string"]`, `{"v":{"int":"x"}}`, `field "v": field "int": avro value: JSON string "x" for INT32`},
		{`["int"]`, `{"v":7}`, "7"},
		{`"int"`, `[1]`, "avro value: a JSON array, want an object"},
		{`"int"`, `{"v":1`, "unparsed tail: \"\""},
		{`"int"`, ``, `cannot parse empty string; unparsed tail: ""`},
		{`"int"`, `{"v":1.2.3}`, `JSON number 1.2.3 for INT32`},
	}
	for _, tt := range tests {
		p := picker(t, all(tt.typ), nil)
		raw, err := p.Append([]byte("before"), []byte(tt.line))
		if err != nil {
			if !errors.Is(err, avro.ErrValue) || !strings.HasSuffix(err.Error(), tt.want) || string(raw) != "before" {
				t.Errorf("%s of %s: %v, leaves %q; want %s", tt.typ, tt.line, err, raw, tt.want)
			}
			continue
		}
		v, err := codec(t, all(tt.typ)).Decode(raw[len("before"):])
		if err != nil {
			t.Errorf("%s of %s: %v", tt.typ, tt.line, err)
			continue
		}
		if got := fmt.Sprint(v.(map[string]any)["v"]); got != tt.want {
			t.Errorf("%s of %s = %s, want %s", tt.typ, tt.line, got, tt.want)
		}
	}
}

// TestErrorsAreShort: an error becomes a header of a dead letter, which has room
// for little beside the record.
func TestErrorsAreShort(t *testing.T) {
	text, digits := strings.Repeat("x", 1<<20), strings.Repeat("9", 1<<20)
	for typ, value := range map[string]string{
		`"bytes"`: `"` + text + `?"`, `"long"`: digits, `"float"`: digits, `"double"`: digits,
		`{"type":"long","logicalType":"timestamp-millis"}`: `"` + text + `"`,
		`{"type":"enum","name":"E","symbols":["A"]}`:       `"` + text + `"`,
		`{"type":"map","values":"int"}`:                    `{"` + text + `":true}`,
		`"int"`:                                            `"` + text + `"`,
		`"boolean"`:                                        `"` + text,
	} {
		_, err := picker(t, all(typ), nil).Append(nil, []byte(`{"v":`+value+`}`))
		if err == nil || len(err.Error()) > 500 {
			t.Errorf("%s: an error of %d bytes, want one and a short one", typ, len(fmt.Sprint(err)))
		}
	}
}

func TestPickerFollowsPaths(t *testing.T) {
	schema := `{"type":"record","name":"R","fields":[{"name":"sid","type":["null","string"]},{"name":"v","type":"int"},
		{"name":"c","type":["null",{"type":"map","values":"string"}]}]}`
	p := picker(t, schema, &Options{Paths: map[string]string{"sid": "cookie.sid", "v": "other", "c": "cookie"}})
	for line, want := range map[string]string{
		`{"other":1,"cookie":{"sid":"x"}}`:           "map[c:map[sid:x] sid:x v:1]",
		`{"other":1,"sid":"y"}`:                      "map[c:<nil> sid:<nil> v:1]",
		`{"other":1,"cookie":{"sid":"x","sid":"y"}}`: "map[c:map[sid:y] sid:y v:1]",
	} {
		raw, err := p.Append(nil, []byte(line))
		if err != nil {
			t.Fatal(err)
		}
		if v, err := codec(t, schema).Decode(raw); err != nil || fmt.Sprint(v) != want {
			t.Errorf("%s = %v, %v, want %s", line, v, err, want)
		}
	}
	if _, err := New(codec(t, `"long"`), nil); !errors.Is(err, avro.ErrSchema) {
		t.Errorf("picker of a long: %v", err)
	}
	if _, err := New(codec(t, schema), &Options{Paths: map[string]string{"x": "y"}}); !errors.Is(err, avro.ErrSchema) {
		t.Errorf("path for an unknown field: %v", err)
	}
}

func TestPickerDoesNotAllocate(t *testing.T) {
	o := &Options{Paths: map[string]string{"host": "cookie.sid"}}
	s := picker(t, accessSchema, o).newPicking() // a pool may empty itself
	dst := make([]byte, 0, 256)
	n := testing.AllocsPerRun(100, func() {
		if _, err := s.appendLine(dst, accessLine); err != nil {
			t.Fatal(err)
		}
	})
	if n != 0 {
		t.Errorf("Append allocates %v times, want 0", n)
	}
}

func FuzzPicker(f *testing.F) {
	f.Add(accessLine)
	f.Add([]byte(`{"time":1,"host":"\u6c34","method":"","uri":"\\","status":-1,"size":null}`))
	p, c := picker(f, accessSchema, nil), codec(f, accessSchema)
	f.Fuzz(func(t *testing.T, line []byte) {
		raw, err := p.Append(nil, line)
		if err != nil {
			return
		}
		v, err := c.Decode(raw)
		if err != nil {
			t.Fatalf("what Append wrote does not decode: %v", err)
		}
		m := v.(map[string]any)
		var std struct {
			Host   string
			Status int32
			Size   *int64
		}
		if json.Unmarshal(line, &std) != nil || bytes.Contains(bytes.ToLower(line), []byte(`\u`)) {
			return // escaped keys and surrogates differ between readers
		}
		if m["status"] != std.Status && bytes.Count(line, []byte("tatus")) == 1 {
			t.Errorf("status of %s = %v, want %v", line, m["status"], std.Status)
		}
	})
}

func BenchmarkPicker(b *testing.B) {
	p := picker(b, accessSchema, nil)
	var dst []byte
	b.SetBytes(int64(len(accessLine)))
	b.ReportAllocs()
	for b.Loop() {
		var err error
		if dst, err = p.Append(dst[:0], accessLine); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkGoavroFromMap is the plain way: the standard library reads the
// object and goavro encodes a map.
func BenchmarkGoavroFromMap(b *testing.B) {
	plain := avrotest.Goavro(b, accessSchema)
	var dst []byte
	b.SetBytes(int64(len(accessLine)))
	b.ReportAllocs()
	for b.Loop() {
		var err error
		var in struct {
			Host, Method, URI string
			Status            int32
			Size, Micros      int64
			Reqtime           float64
		}
		if err := json.Unmarshal(accessLine, &in); err != nil {
			b.Fatal(err)
		}
		dst, err = plain.BinaryFromNative(dst[:0], map[string]any{
			"time": int64(1768469412345), "host": in.Host, "method": in.Method, "uri": in.URI, "status": in.Status,
			"size": map[string]any{"long": in.Size}, "reqtime": map[string]any{"double": in.Reqtime},
			"reqtime_microsec": map[string]any{"long": in.Micros},
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}
