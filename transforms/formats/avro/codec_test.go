package avro

import (
	"bytes"
	"errors"
	"fmt"
	"math/big"
	"reflect"
	"strings"
	"testing"

	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/transforms/formats/avro/internal/datum"
	"github.com/suiro/suiro/transforms/formats/internal/avrotest"
)

// native is v as goavro wants it: optional values in a map of their branch, and
// fields by their Avro names.
func native(s *data.Schema, v any) any {
	if v == nil && s.Default != nil {
		v = s.Default
	}
	if v == nil {
		return nil
	}
	if datum.IsUnion(s) {
		for _, f := range s.Fields {
			if chosen := v.(map[string]any)[f.Name]; chosen != nil {
				return map[string]any{branchOf(f.Schema): native(datum.Branch(f.Schema), chosen)}
			}
		}
		return nil
	}
	branch := datum.Primitives[s.Kind]
	switch s.Kind {
	case data.Struct:
		branch = s.Name
		names := FieldNames(s.Fields)
		m := map[string]any{}
		for i, f := range s.Fields {
			m[names[i]] = native(f.Schema, v.(map[string]any)[f.Name])
		}
		v = m
	case data.Array:
		branch = "array"
		var list []any
		for _, item := range v.([]any) {
			list = append(list, native(s.Elem, item))
		}
		v = list
	case data.Map:
		branch = "map"
		m := map[string]any{}
		for k, item := range v.(map[string]any) {
			m[k] = native(s.Elem, item)
		}
		v = m
	default:
		v, _ = datum.ToPlain(s, v)
	}
	if s.Optional {
		return map[string]any{branch: v}
	}
	return v
}

func codec(t testing.TB, s *data.Schema) *Codec {
	c, err := NewCodec(s)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestCodecWritesTheBytesOfGoavro(t *testing.T) {
	s, value := avrotest.Everything()
	c := codec(t, s)
	got, err := c.Append([]byte("before"), value)
	if err != nil {
		t.Fatal(err)
	}
	want, err := avrotest.Goavro(t, c.Text()).BinaryFromNative([]byte("before"), native(s, value))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("Append\n got %x\nwant %x", got, want)
	}
	back, err := c.Decode(got[len("before"):])
	if err != nil || !avrotest.Same(back, value) {
		t.Errorf("Decode = %v, %v, want %v", back, err, value)
	}
}

func TestEnumsAndFixed(t *testing.T) {
	c, err := ParseCodec([]byte(`{"type":"record","name":"R","fields":[
		{"name":"e","type":{"type":"enum","name":"E","symbols":["A","B"]}},
		{"name":"f","type":{"type":"fixed","name":"F","size":2}},
		{"name":"oe","type":["null","E"],"default":null},
		{"name":"d","type":{"type":"fixed","name":"D","size":4,"logicalType":"decimal","precision":9,"scale":1}}]}`))
	if err != nil {
		t.Fatal(err)
	}
	value := map[string]any{"e": "B", "f": []byte{1, 2}, "oe": "A", "d": big.NewRat(-15, 10)}
	raw, err := c.Append(nil, value)
	if err != nil {
		t.Fatal(err)
	}
	if want := []byte{2, 1, 2, 2, 0, 255, 255, 255, 241}; !bytes.Equal(raw, want) {
		t.Errorf("Append = %v, want %v", raw, want)
	}
	if back, err := c.Decode(raw); err != nil || !avrotest.Same(back, value) {
		t.Errorf("Decode = %v, %v, want %v", back, err, value)
	}
	if _, err := c.Append(nil, map[string]any{"e": "C", "f": []byte{1, 2}}); err == nil ||
		!strings.Contains(err.Error(), `field "e": avro value: "C" is not a symbol of E`) {
		t.Errorf("unknown symbol: %v", err)
	}
}

func TestAppendNamesTheField(t *testing.T) {
	s := &data.Schema{Kind: data.Struct, Name: "R", Fields: []data.Field{
		avrotest.Field("n", avrotest.Prim(data.Int32)),
		avrotest.Field("in", &data.Schema{Kind: data.Struct, Name: "I", Optional: true,
			Fields: []data.Field{avrotest.Field("l", &data.Schema{Kind: data.Array, Elem: avrotest.Prim(data.Boolean)})}}),
		avrotest.Field("d", &data.Schema{Kind: data.Bytes, Name: data.DecimalName, Optional: true,
			Parameters: map[string]string{"scale": "1", datum.ParamDigits: "3"}}),
		avrotest.Field("s", avrotest.Optional(data.String)),
		avrotest.Field("f", avrotest.Optional(data.Float32)),
		avrotest.Field("m", &data.Schema{Kind: data.Map, Optional: true, Key: avrotest.Prim(data.String),
			Elem: avrotest.Prim(data.Int32)}),
	}}
	c := codec(t, s)
	tests := []struct {
		value any
		want  string
	}{
		{nil, "null for STRUCT"},
		{"x", "avro value: a string for STRUCT R"},
		{map[string]any{}, `field "n": avro value: null for INT32, which is not optional`},
		{map[string]any{"n": "x"}, `field "n": avro value: a string for INT32`},
		{map[string]any{"n": int64(1) << 40}, `field "n": avro value: 1099511627776 is out of the range of INT32`},
		{map[string]any{"n": 1, "s": "a\xff"}, `field "s": avro value: text is not UTF-8`},
		{map[string]any{"n": 1, "f": -1e300}, `field "f": avro value: -1e+300 is out of the range of FLOAT32`},
		{map[string]any{"n": 1, "m": map[string]any{"a\xff": 1}}, `field "m": field "a\xff": avro value: text is not UTF-8`},
		{map[string]any{"n": 1, "more": 2}, `field "more" is not in schema R`},
		{map[string]any{"n": 1, "in": map[string]any{"l": []any{true, 1}}},
			`field "in": field "l": field "1": avro value: an integer for BOOLEAN`},
		{map[string]any{"n": 1, "d": big.NewRat(1, 3)}, "1/3 has more than 1 decimals"},
		{map[string]any{"n": 1, "d": big.NewRat(-100, 1)},
			`field "d": avro value: more digits than the precision of the schema: -100.0`},
	}
	if _, err := c.Append(nil, map[string]any{"n": 1, "d": big.NewRat(-999, 10)}); err != nil {
		t.Errorf("Append of a decimal with as many digits as its precision: %v", err)
	}
	for _, tt := range tests {
		dst, err := c.Append([]byte("before"), tt.value)
		if !errors.Is(err, ErrValue) || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("Append(%v): %v, want an ErrValue with %q", tt.value, err, tt.want)
		}
		if string(dst) != "before" {
			t.Errorf("Append(%v) leaves %q", tt.value, dst)
		}
	}
}

func TestDecodeRefusesOtherBytes(t *testing.T) {
	c := codec(t, avrotest.Prim(data.String))
	for _, raw := range []string{"", "\x10abc", "\x02ab", "\x01", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"} {
		if v, err := c.Decode([]byte(raw)); !errors.Is(err, ErrValue) {
			t.Errorf("Decode(%q) = %v, %v, want an ErrValue", raw, v, err)
		}
	}
}

func TestDecodeReservesNoMemoryForACount(t *testing.T) {
	list := &data.Schema{Kind: data.Array, Elem: avrotest.Prim(data.Int32)}
	empty := &data.Schema{Kind: data.Array, Elem: &data.Schema{Kind: data.Struct, Name: "E"}}
	table := &data.Schema{Kind: data.Map, Key: avrotest.Prim(data.String), Elem: avrotest.Prim(data.Int32)}
	for _, s := range []*data.Schema{list, empty, table} {
		raw := datum.AppendLong(nil, 1<<40)
		if v, err := codec(t, s).Decode(append(raw, 0)); !errors.Is(err, ErrValue) {
			t.Errorf("a count of 1<<40 of %v: %v, %v, want an ErrValue", s.Kind, v, err)
		}
	}
	if v, err := codec(t, list).Decode([]byte{3, 4, 2, 4, 0}); err != nil || fmt.Sprint(v) != "[1 2]" {
		t.Errorf("a block with its size: %v, %v, want [1 2]", v, err)
	}
}

// fuzzSource turns fuzz bytes into choices.
type fuzzSource struct{ b []byte }

func (f *fuzzSource) next(n int) int {
	if len(f.b) == 0 {
		return 0
	}
	c := f.b[0]
	f.b = f.b[1:]
	return int(c) % n
}

func (f *fuzzSource) text() string {
	n := min(f.next(12), len(f.b))
	s := string(f.b[:n])
	f.b = f.b[n:]
	return s
}

// schema makes a schema and a value of it.
func (f *fuzzSource) schema(depth int, id *int) (*data.Schema, any) {
	kinds := 13
	if depth == 0 {
		kinds = 9
	}
	kind := f.next(kinds)
	if kind == 12 {
		return f.union(depth, id)
	}
	s := &data.Schema{Kind: data.Kind(kind), Optional: f.next(2) == 1}
	var v any
	switch s.Kind {
	case data.Struct:
		*id++
		s.Name = fmt.Sprintf("n.R%d", *id)
		m := map[string]any{}
		for i := range f.next(5) {
			fs, fv := f.schema(depth-1, id)
			name := fmt.Sprintf("%d-%s", i, f.text())
			s.Fields = append(s.Fields, avrotest.Field(name, fs))
			m[name] = fv
		}
		v = m
	case data.Array:
		elem, item := f.schema(depth-1, id)
		s.Elem, v = elem, []any{item, item}
	case data.Map:
		elem, item := f.schema(depth-1, id)
		s.Key, s.Elem, v = avrotest.Prim(data.String), elem, map[string]any{strings.ToValidUTF8(f.text(), "?"): item}
	default:
		v = f.primitive(s.Kind)
	}
	if s.Optional && f.next(3) == 0 {
		v = nil
	}
	return s, v
}

// union makes a union of a record, an enum, a string and up to four more types,
// and a value of one of them, or null.
func (f *fuzzSource) union(depth int, id *int) (*data.Schema, any) {
	record, fields := f.schema(0, id)
	*id++
	types := []*data.Schema{
		{Kind: data.Struct, Name: fmt.Sprintf("n.U%d", *id), Fields: []data.Field{avrotest.Field("a", record)}},
		{Kind: data.String, Parameters: map[string]string{datum.ParamEnum: fmt.Sprintf("n.E%d", *id),
			datum.ParamSymbols: "A,B"}},
		avrotest.Prim(data.String), avrotest.Prim(data.Int8 + data.Kind(f.next(4))), avrotest.Prim(data.Float64),
		{Kind: data.Array, Elem: avrotest.Optional(data.Bytes)},
	}[:2+f.next(5)]
	values := []any{map[string]any{"a": fields}, "B", "text", nil, 1.5, []any{nil, []byte("x")}}
	if len(types) > 3 {
		values[3] = f.primitive(types[3].Kind)
	}
	s := &data.Schema{Kind: data.Struct, Name: datum.UnionName, Optional: f.next(2) == 1}
	if s.Optional && f.next(2) == 1 {
		s.Parameters = map[string]string{datum.ParamNullAt: fmt.Sprint(f.next(len(types) + 1))}
	}
	chosen := f.next(len(types))
	v := map[string]any{}
	for i, typ := range types {
		own := *typ
		own.Optional = true
		name := branchOf(typ)
		s.Fields = append(s.Fields, avrotest.Field(name, &own))
		v[name] = nil
		if i == chosen {
			v[name] = values[i]
		}
	}
	if s.Optional && f.next(3) == 0 {
		return s, nil
	}
	return s, v
}

func (f *fuzzSource) primitive(k data.Kind) any {
	n := int64(f.next(256))<<24 - int64(f.next(256))<<f.next(40)
	switch k {
	case data.Boolean:
		return n&1 == 0
	case data.String:
		return strings.ToValidUTF8(f.text(), "?")
	case data.Bytes:
		return []byte(f.text())
	case data.Float32:
		return float32(n) / 3
	case data.Float64:
		return float64(n) / 7
	case data.Int64:
		return n
	case data.Int32:
		return int32(n)
	case data.Int16:
		return int16(n)
	default:
		return int8(n)
	}
}

func FuzzAppendAgreesWithGoavro(f *testing.F) {
	f.Add([]byte("\x0b\x00\x04\x03\x01abcdefghijklmnopqrstuvwxyz0123456789\x0a\x01\x09\x00"))
	f.Add([]byte{11, 1, 4, 7, 1, 3, 'x', 'y', 'z', 9, 0, 2, 200, 100, 50, 25, 8, 1, 5, 'h', 'e', 'l', 'l', 'o'})
	f.Add([]byte{12, 2, 7, 1, 3, 0, 4, 2, 1, 1, 1, 2, 3, 0, 1})
	f.Add([]byte{12, 8, 0, 4, 1, 1, 4, 2, 77, 13, 9, 1})
	f.Add([]byte{11, 0, 4, 12, 1, 0, 3, 1, 1, 2, 1, 5, 1, 12, 0, 0, 0, 0, 0, 0, 10, 0, 12, 3, 0, 4})
	f.Fuzz(func(t *testing.T, b []byte) {
		id := 0
		s, v := (&fuzzSource{b}).schema(3, &id)
		c, err := NewCodec(s)
		if err != nil {
			t.Fatalf("schema %+v: %v", s, err)
		}
		got, err := c.Append(nil, v)
		if err != nil {
			t.Fatalf("Append(%v) for %s: %v", v, c.Text(), err)
		}
		want, err := avrotest.Goavro(t, c.Text()).BinaryFromNative(nil, native(s, v))
		if err != nil || !bytes.Equal(got, want) {
			t.Fatalf("Append(%v) for %s\n got %x\nwant %x, %v", v, c.Text(), got, want, err)
		}
		back, err := c.Decode(got)
		if err != nil || !reflect.DeepEqual(back, v) {
			t.Fatalf("Decode = %#v, %v, want %#v", back, err, v)
		}
	})
}

func FuzzDecode(f *testing.F) {
	s, value := avrotest.Everything()
	c := codec(f, s)
	raw, err := c.Append(nil, value)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw)
	f.Fuzz(func(t *testing.T, raw []byte) {
		v, err := c.Decode(raw)
		if err != nil {
			return
		}
		if _, err := c.Append(nil, v); err != nil && !errors.Is(err, datum.ErrUTF8) && !errors.Is(err, datum.ErrDigits) {
			t.Errorf("what Decode gave cannot be encoded: %v", err)
		}
	})
}

func FuzzParseSchema(f *testing.F) {
	s, _ := avrotest.Everything()
	text, err := SchemaText(s)
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte(text), []byte("\x00"))
	f.Add([]byte(`["null",{"type":"enum","name":"E","symbols":["A"]},{"type":"array","items":["string","null"]},`+
		`"int"]`), []byte("\x02\x00"))
	for _, tt := range foreign {
		f.Add([]byte(tt.typ), []byte(tt.raw))
	}
	f.Fuzz(func(t *testing.T, text, raw []byte) {
		c, err := ParseCodec(text)
		if err != nil {
			return
		}
		again, err := SchemaText(c.Schema())
		if err != nil {
			return
		}
		other, err := ParseCodec([]byte(again))
		if err != nil {
			t.Fatalf("%s became %s: %v", text, again, err)
		}
		v, err := c.Decode(raw)
		w, err2 := other.Decode(raw)
		if (err == nil) != (err2 == nil) || err == nil && !avrotest.Same(v, w) {
			t.Errorf("%q is %v, %v by %s and %v, %v by %s", raw, v, err, text, w, err2, again)
		}
	})
}

func access(tb testing.TB) (*Codec, map[string]any) {
	tb.Helper()
	c, err := ParseCodec([]byte(`{"type":"record","name":"Access","namespace":"suiro","fields":[
	{"name":"time","type":{"type":"long","logicalType":"timestamp-millis"}},
	{"name":"host","type":"string"},
	{"name":"method","type":"string"},
	{"name":"uri","type":"string"},
	{"name":"status","type":"int"},
	{"name":"size","type":["null","long"],"default":null},
	{"name":"reqtime","type":["null","double"],"default":null},
	{"name":"reqtime_microsec","type":["null","long"],"default":null}]}`))
	if err != nil {
		tb.Fatal(err)
	}
	return c, map[string]any{"time": int64(1768469412345), "host": "web-17.example.com", "method": "GET",
		"uri": "/catalog/items/48213?page=2", "status": int32(200), "size": int64(20480), "reqtime": 0.042,
		"reqtime_microsec": int64(42117)}
}

func BenchmarkCodecAppend(b *testing.B) {
	c, value := access(b)
	var dst []byte
	b.ReportAllocs()
	for b.Loop() {
		var err error
		if dst, err = c.Append(dst[:0], value); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCodecDecode(b *testing.B) {
	c, value := access(b)
	raw, err := c.Append(nil, value)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.Decode(raw); err != nil {
			b.Fatal(err)
		}
	}
}

func TestAppendRefusesATimeThatNobodyCanRead(t *testing.T) {
	c, err := NewCodec(&data.Schema{Kind: data.Int32, Name: data.TimeName})
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range []any{int32(-1), int64(86_400_001)} {
		if raw, err := c.Append(nil, v); !errors.Is(err, ErrValue) || !errors.Is(err, data.ErrInvalid) {
			t.Errorf("Append(%v) = %q, %v, want an ErrValue", v, raw, err)
		}
	}
	if raw, err := c.Append(nil, int32(86_400_000)); err != nil || string(raw) != "\x80\xf0\xb2\x52" {
		t.Errorf("Append(86400000) = %q, %v", raw, err)
	}
}
