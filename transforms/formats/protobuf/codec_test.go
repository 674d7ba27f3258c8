package protobuf

import (
	"encoding/base64"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/bufbuild/protocompile/protoutil"
	"google.golang.org/protobuf/proto"

	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/transforms/formats/internal/avrotest"
	"github.com/suiro/suiro/transforms/formats/protobuf/internal/file"
	"github.com/suiro/suiro/transforms/formats/registry"
)

func mustParse(t testing.TB, text string, o Options, references ...registry.Reference) *Codec {
	t.Helper()
	c, err := Parse(text, references, o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// first returns the schema of the first message of a codec.
func first(t testing.TB, c *Codec) *data.Schema {
	t.Helper()
	l, err := c.layout(c.file.Messages().Get(0))
	if err != nil {
		t.Fatal(err)
	}
	return l.schema
}

// shown describes a schema in a line, as field:KIND, with ? where it is optional.
func shown(s *data.Schema) string {
	var text string
	switch s.Kind {
	case data.Struct:
		var fields []string
		for _, f := range s.Fields {
			fields = append(fields, f.Name+":"+shown(f.Schema))
		}
		text = "{" + strings.Join(fields, " ") + "}"
	case data.Array:
		text = "[" + shown(s.Elem) + "]"
	case data.Map:
		text = "MAP(" + shown(s.Key) + "," + shown(s.Elem) + ")"
	default:
		text = s.Kind.String()
	}
	if s.Name != "" {
		text = strings.TrimPrefix(strings.TrimPrefix(s.Name, namespace+"."), "org.apache.kafka.connect.data.") + "=" + text
	}
	if s.Optional {
		text += "?"
	}
	return text
}

const order = `syntax = "proto3";
package shop;
import "google/protobuf/timestamp.proto";
import "google/protobuf/wrappers.proto";
message Order {
  enum Level { LOW = 0; HIGH = 5; }
  message Line { string item = 1; int32 count = 2; }
  uint64 id = 1;
  optional string note = 2;
  repeated Line lines = 3;
  map<string, int64> sizes = 4;
  Level level = 5;
  oneof payment { string card = 6; Line cash = 7; }
  google.protobuf.Timestamp at = 8;
  google.protobuf.Int32Value maybe = 9;
  bytes raw = 10;
  double ratio = 11;
}
message Other { message Inner { bool yes = 1; } }
`

func TestSchemasAreRead(t *testing.T) {
	for _, tt := range []struct {
		name    string
		options Options
		want    string
	}{
		{"default", Options{}, "Order={payment_0:Union.payment={card:STRING? cash:Line={item:STRING? count:INT32?}?}? id:INT64? note:STRING? " +
			"lines:[Line={item:STRING? count:INT32?}?]? sizes:sizes=MAP(STRING?,INT64?)? level:Level=STRING? at:Timestamp=INT64? " +
			"maybe:Int32Value={value:INT32?}? raw:BYTES? ratio:FLOAT64?}"},
		{"optional.for.nullables", Options{OptionalNullables: true, PlainUnionNames: true, IntEnums: true},
			"Order={payment:Union.payment={card:STRING? cash:Line={item:STRING count:INT32}?}? id:INT64 note:STRING? " +
				"lines:[Line={item:STRING count:INT32}?]? sizes:sizes=MAP(STRING,INT64)? level:Level=INT32? at:Timestamp=INT64? " +
				"maybe:Int32Value={value:INT32}? raw:BYTES ratio:FLOAT64}"},
		{"wrapper.for.nullables", Options{WrapperNullables: true, FullNames: true, FlattenUnions: true},
			"shop.Order={card:STRING? cash:shop.Order.Line={item:STRING count:INT32}? id:INT64 note:STRING " +
				"lines:[shop.Order.Line={item:STRING count:INT32}?]? sizes:shop.Order.sizes=MAP(STRING,INT64)? level:shop.Order.Level=STRING? " +
				"at:Timestamp=INT64? maybe:INT32? raw:BYTES ratio:FLOAT64}"},
	} {
		if got := shown(first(t, mustParse(t, order, tt.options))); got != tt.want {
			t.Errorf("%s:\n%s, want\n%s", tt.name, got, tt.want)
		}
	}
	s := first(t, mustParse(t, order, Options{}))
	if level := s.Field("level").Schema.Parameters; level[EnumParameter] != "Level" || level[EnumParameter+".HIGH"] != "5" ||
		level[TagParameter] != "5" {
		t.Errorf("parameters of an enum %v", level)
	}
	if id := s.Field("id").Schema.Parameters; id[TypeParameter] != "uint64" || id[TagParameter] != "1" {
		t.Errorf("parameters of a uint64 %v", id)
	}
}

func orderValue() map[string]any {
	return map[string]any{"payment_0": map[string]any{"card": nil, "cash": map[string]any{"item": "c", "count": int32(1)}},
		"id": int64(-1), "note": nil, "lines": []any{map[string]any{"item": "a", "count": int32(2)}, map[string]any{"item": "", "count": int32(0)}},
		"sizes": map[string]any{"x": int64(1), "y": int64(2)}, "level": "HIGH", "at": time.UnixMilli(1768469412345).UTC(),
		"maybe": map[string]any{"value": int32(7)}, "raw": []byte{0, 255}, "ratio": 0.5}
}

func TestMessagesComeBack(t *testing.T) {
	c := mustParse(t, order, Options{})
	raw, err := c.Append([]byte("head"), nil, orderValue())
	if err != nil {
		t.Fatal(err)
	}
	if want := "head\x00\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"; !strings.HasPrefix(string(raw), want) {
		t.Errorf("Append = %q, want it to begin with %q", raw, want)
	}
	s, got, err := c.Decode(raw[4:])
	if err != nil || !data.Equal(got, orderValue()) {
		t.Fatalf("Decode = %v, %v, want %v", got, err, orderValue())
	}
	// A sink's data goes on to another topic: the schema is written as it was read.
	own, err := New(s, Options{})
	if err != nil {
		t.Fatal(err)
	}
	again, err := own.Append(nil, s, got)
	if err != nil || string(again) != string(raw[4:]) {
		t.Errorf("written again as %q, %v, want %q, by\n%s", again, err, raw[4:], own.Text())
	}
	if back := first(t, own); shown(back) != shown(s) {
		t.Errorf("the schema comes back as\n%s, want\n%s", shown(back), shown(s))
	}
}

func TestWhatIsNotThere(t *testing.T) {
	c := mustParse(t, order, Options{})
	_, got, err := c.Decode([]byte{0})
	want := map[string]any{"payment_0": nil, "id": int64(0), "note": nil, "lines": []any{}, "sizes": map[string]any{}, "level": "LOW",
		"at": nil, "maybe": nil, "raw": []byte{}, "ratio": 0.0}
	if err != nil || !data.Equal(got, want) {
		t.Errorf("Decode = %v, %v, want %v", got, err, want)
	}
	_, got, err = mustParse(t, order, Options{StructsForNulls: true}).Decode([]byte{0})
	want["maybe"] = map[string]any{"value": int32(0)}
	if err != nil || !data.Equal(got, want) {
		t.Errorf("Decode with structs for nulls = %v, %v, want %v", got, err, want)
	}
	const proto2 = `syntax = "proto2"; message M { optional int32 a = 1 [default = 7]; required int32 b = 2; }`
	for ignore, want := range map[bool]map[string]any{false: {"a": nil, "b": int32(1)}, true: {"a": int32(7), "b": int32(1)}} {
		_, got, err := mustParse(t, proto2, Options{IgnoreProto2Optional: ignore}).Decode([]byte("\x00\x10\x01"))
		if err != nil || !data.Equal(got, want) {
			t.Errorf("optional.for.proto2=%v: %v, %v, want %v", !ignore, got, err, want)
		}
	}
}

func TestTheMessageOfTheSchemaIsFound(t *testing.T) {
	c := mustParse(t, order, Options{FullNames: true})
	for raw, want := range map[string]string{"\x02\x02": "shop.Other", "\x04\x02\x00\x08\x01": "shop.Other.Inner", "\x00": "shop.Order",
		"\x02\x00": "shop.Order"} {
		s, v, err := c.Decode([]byte(raw))
		if err != nil || s.Name != want {
			t.Errorf("%x is read as %v, %v, %v, want %s", raw, s, v, err, want)
		}
	}
	other := &data.Schema{Kind: data.Struct, Name: "shop.Other"}
	if raw, err := c.Append(nil, other, map[string]any{}); err != nil || string(raw) != "\x02\x02" {
		t.Errorf("a value of the second message = %x, %v", raw, err)
	}
}

func TestDecodeSaysWhatIsWrong(t *testing.T) {
	c := mustParse(t, order, Options{})
	for raw, want := range map[string]string{
		"": "ends before it says which message", "\x02": "ends before it says which message", "\x02\x08": "has no such message",
		"\x01": "in -1 others", "\xd0\x0f": "in 1000 others", "\x02\x01": "has no such message", "\x00\x08": "decode 1 bytes as shop.Order: ",
		"\x00\x42\x0c\x08\xff\xff\xff\xff\xff\xff\xff\xff\x7f\x10\x01": "there is no timestamp",
		"\x00\x12\x01\xff": "invalid UTF-8",
	} {
		if _, v, err := c.Decode([]byte(raw)); err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "protobuf value: ") &&
			!strings.Contains(err.Error(), "protobuf value: ") {
			t.Errorf("%x: %v, %v, want %q", raw, v, err, want)
		}
	}
}

// everything is a schema with all that Connect has and Protobuf can express, and a value.
func everything() (*data.Schema, map[string]any) {
	s, v := avrotest.Everything()
	own := *s
	own.Fields = nil
	for _, f := range s.Fields {
		switch f.Name {
		case "list": // nulls in lists
			f.Schema, v["list"] = &data.Schema{Kind: data.Array, Elem: avrotest.Prim(data.String)}, []any{"a", ""}
		case "in", "oin": // a-b is no name
			in := *f.Schema
			in.Fields = []data.Field{{Name: "a_b", Schema: avrotest.Prim(data.Int32)}}
			f.Schema, v[f.Name] = &in, map[string]any{"a_b": int32(3)}
		}
		own.Fields = append(own.Fields, f)
	}
	level := &data.Schema{Kind: data.String, Name: "Level", Parameters: map[string]string{EnumParameter: "Level",
		EnumParameter + ".LOW": "0", EnumParameter + ".HIGH": "5", EnumParameter + ".TOP": "5"}}
	own.Fields = append(own.Fields, data.Field{Name: "level", Schema: level},
		data.Field{Name: "byNumber", Schema: &data.Schema{Kind: data.Map, Key: avrotest.Prim(data.Int32), Elem: own.Fields[13].Schema}},
		data.Field{Name: "either", Schema: &data.Schema{Kind: data.Struct, Name: UnionName + ".either", Optional: true, Fields: []data.Field{
			{Name: "u", Schema: avrotest.Optional(data.Int64)}, {Name: "w", Schema: avrotest.Optional(data.Boolean)}}}})
	v["level"], v["byNumber"] = "HIGH", map[any]any{int32(2): map[string]any{"a_b": int32(1)}}
	v["either"] = map[string]any{"u": nil, "w": false}
	v["on"] = int64(0)
	return &own, v
}

func TestEverythingComesBack(t *testing.T) {
	s, v := everything()
	for name, o := range map[string]Options{"default": {PlainUnionNames: true}, "optional": {PlainUnionNames: true, OptionalNullables: true},
		"wrappers": {PlainUnionNames: true, WrapperNullables: true}} {
		c, err := New(s, o)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		raw, err := c.Append(nil, s, v)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		read := mustParse(t, c.Text(), o)
		schema, got, err := read.Decode(raw)
		if err != nil || !data.Equal(got, v) {
			t.Fatalf("%s: read as %v, %v, want %v\n%s", name, got, err, v, c.Text())
		}
		for _, f := range s.Fields {
			if back := schema.Field(f.Name); back == nil || back.Schema.Kind != f.Schema.Kind || name != "default" && f.Schema.Optional && !back.Schema.Optional {
				t.Errorf("%s: field %s comes back as %v, want %v", name, f.Name, back, f.Schema)
			}
		}
		if scale := schema.Field("dec").Schema.Parameters["scale"]; scale != "2" {
			t.Errorf("%s: the scale comes back as %s, want 2", name, scale)
		}
		again, err := New(schema, o)
		if err != nil {
			t.Fatalf("%s: the schema that was read: %v", name, err)
		}
		more, err := again.Append(nil, schema, got)
		if err != nil {
			t.Fatalf("%s: what was read: %v", name, err)
		}
		if _, back, err := again.Decode(more); err != nil || !data.Equal(back, v) {
			t.Errorf("%s: written again and read as %v, %v, want %v", name, back, err, v)
		}
	}
}

func TestNullsNeedAWayToBeWritten(t *testing.T) {
	s := &data.Schema{Kind: data.Struct, Name: "R", Fields: []data.Field{{Name: "n", Schema: avrotest.Optional(data.Int32)}}}
	for name, tt := range map[string]struct {
		o    Options
		want any
	}{"default": {Options{}, int32(0)}, "optional": {Options{OptionalNullables: true}, nil}, "wrapper": {Options{WrapperNullables: true}, nil}} {
		c, err := New(s, tt.o)
		if err != nil {
			t.Fatal(err)
		}
		raw, err := c.Append(nil, s, map[string]any{"n": nil})
		if err != nil {
			t.Fatal(err)
		}
		if _, got, err := c.Decode(raw); err != nil || !data.Equal(got, map[string]any{"n": tt.want}) {
			t.Errorf("%s: null comes back as %v, %v, want %v", name, got, err, tt.want)
		}
	}
}

func TestText(t *testing.T) {
	s := &data.Schema{Kind: data.Struct, Name: "a.b.R", Fields: []data.Field{
		{Name: "small", Schema: avrotest.Prim(data.Int8)},
		{Name: "price", Schema: &data.Schema{Kind: data.Bytes, Name: data.DecimalName, Parameters: map[string]string{"scale": "2"}}},
		{Name: "sub", Schema: &data.Schema{Kind: data.Struct, Fields: []data.Field{{Name: "x", Schema: avrotest.Prim(data.String)}}}},
		{Name: "tags", Schema: &data.Schema{Kind: data.Array, Elem: avrotest.Prim(data.String)}}}}
	const want = `syntax = "proto3";
package a.b;

import "confluent/meta.proto";
import "confluent/type/decimal.proto";

message R {
  int32 small = 1 [(confluent.field_meta) = { params: [{ key: "connect.type", value: "int8" }] }];
  .confluent.type.Decimal price = 2 [(confluent.field_meta) = { params: [{ key: "scale", value: "2" }] }];
  ConnectDefault1 sub = 3;
  repeated string tags = 4;
  message ConnectDefault1 {
    string x = 1;
  }
}
`
	if got, _, err := Text(s, Options{}); err != nil || got != want {
		t.Errorf("Text = %s, %v", got, err)
	}
	field := func(name string, s *data.Schema) *data.Schema {
		return &data.Schema{Kind: data.Struct, Name: "R", Fields: []data.Field{{Name: name, Schema: s}}}
	}
	list := &data.Schema{Kind: data.Array, Elem: avrotest.Prim(data.String)}
	for want, bad := range map[string]*data.Schema{
		"the data has no schema": nil, "want a STRUCT": list, `the name "a-b"`: field("a-b", avrotest.Prim(data.String)),
		"a list directly in a list": field("a", &data.Schema{Kind: data.Array, Elem: list}),
		"without a type in common":  field("a", &data.Schema{Kind: data.Array}),
		"keys of type FLOAT64":      field("a", &data.Schema{Kind: data.Map, Key: avrotest.Prim(data.Float64), Elem: avrotest.Prim(data.String)}),
		"has no symbol for 0": field("a", &data.Schema{Kind: data.String, Parameters: map[string]string{EnumParameter: "E",
			EnumParameter + ".A": "1"}}),
		"is of type STRING, want INT32": field("a", &data.Schema{Kind: data.String, Name: data.DateName}),
	} {
		if got, err := New(bad, Options{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v, %v, want %q", bad, got, err, want)
		}
	}
	scrubbed := field("a-b", avrotest.Prim(data.String))
	c, err := New(scrubbed, Options{ScrubNames: true})
	if err != nil {
		t.Fatal(err)
	}
	raw, err := c.Append(nil, scrubbed, map[string]any{"a-b": "x"})
	if _, v, err2 := c.Decode(raw); err != nil || err2 != nil || !data.Equal(v, map[string]any{"a_b": "x"}) {
		t.Errorf("scrubbed: %v, %v, %v", v, err, err2)
	}
}

func TestRecordsThatAreNoStructs(t *testing.T) {
	for k, v := range map[data.Kind]any{data.Int32: int32(7), data.Int64: int64(1), data.String: "x", data.Boolean: true, data.Float64: 0.5,
		data.Float32: float32(2), data.Bytes: []byte{1}} {
		s := avrotest.Prim(k)
		c, err := New(s, Options{})
		if err != nil {
			t.Fatal(err)
		}
		raw, err := c.Append(nil, s, v)
		if err != nil {
			t.Fatal(err)
		}
		schema, got, err := mustParse(t, c.Text(), Options{}).Decode(raw)
		if err != nil || !data.Equal(got, v) || !schema.Equal(s) {
			t.Errorf("%v comes back as %v %v, %v", v, schema, got, err)
		}
	}
}

func TestParseSaysWhatIsWrong(t *testing.T) {
	for text, want := range map[string]string{
		``: "it has no message", `message`: "syntax error", `syntax = "proto3"; import "x.proto"; message M {}`: `"x.proto" is neither a reference`,
		strings.Repeat("message A{", 5000):          "nested deeper than 1000",
		`syntax = "proto3"; message M { N n = 1; }`: "unknown type N",
		strings.Repeat(" ", file.MaxText+1):         "want at most",
	} {
		if _, err := Parse(text, nil, Options{}); err == nil || !strings.Contains(err.Error(), want) ||
			!strings.HasPrefix(err.Error(), "protobuf schema: ") {
			t.Errorf("%.100s: %v, want %q", text, err, want)
		}
	}
	var wide strings.Builder
	wide.WriteString("syntax = \"proto3\";\n")
	for i := range 40 {
		fmt.Fprintf(&wide, "message M%d { M%d a = 1; M%d b = 2; }\n", 40-i, 39-i, 39-i)
	}
	wide.WriteString("message M0 { string s = 1; }")
	for text, want := range map[string]string{
		`syntax = "proto3"; message Node { Node next = 1; }`:                            "Node contains itself, which is not supported",
		`syntax = "proto3"; message A { B b = 1; } message B { map<string, A> a = 1; }`: "A contains itself",
		`syntax = "proto3"; message A { int32 x_0 = 1; oneof x { int32 b = 2; } }`:      "a field and a oneof that are both called x_0",
		wide.String(): "takes more than 16 MiB",
	} {
		c := mustParse(t, text, Options{})
		for range 2 {
			if _, _, err := c.Decode([]byte{0}); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%.100s: %v, want %q", text, err, want)
			}
		}
	}
}

func TestReferences(t *testing.T) {
	place := registry.Reference{Names: []string{"x/place.proto", "place.proto"}, Text: `syntax = "proto3"; package x; message Place { string host = 1; }`}
	c := mustParse(t, `syntax = "proto3"; import "x/place.proto"; import "google/type/date.proto"; import "confluent/type/decimal.proto";
		message Event { x.Place at = 1; google.type.Date on = 2; confluent.type.Decimal d = 3; }`, Options{}, place)
	v := map[string]any{"at": map[string]any{"host": "a"}, "on": time.Date(2026, 2, 28, 0, 0, 0, 0, time.UTC), "d": big.NewRat(12, 1)}
	raw, err := c.Append(nil, nil, v)
	if err != nil {
		t.Fatal(err)
	}
	if want := "\x00\x0a\x03\x0a\x01a\x12\x07\x08\xea\x0f\x10\x02\x18\x1c\x1a\x05\x0a\x01\x0c\x10\x02"; string(raw) != want {
		t.Errorf("Append = %q, want %q", raw, want)
	}
	if _, got, err := c.Decode(raw); err != nil || !data.Equal(got, v) {
		t.Errorf("Decode = %v, %v", got, err)
	}
}

// Some clients register a descriptor instead of text.
func TestDescriptorsAreRead(t *testing.T) {
	c := mustParse(t, order, Options{})
	descriptor := protoutil.ProtoFromFileDescriptor(c.file)
	descriptor.Name = proto.String("client.proto")
	for _, f := range descriptor.MessageType[0].Field {
		f.JsonName = nil
	}
	raw, err := proto.Marshal(descriptor)
	if err != nil {
		t.Fatal(err)
	}
	read := mustParse(t, base64.StdEncoding.EncodeToString(raw), Options{})
	if got, want := shown(first(t, read)), shown(first(t, c)); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestAppendSaysWhatIsWrong(t *testing.T) {
	c := mustParse(t, order, Options{})
	for want, change := range map[string]func(map[string]any){
		`field "id": protobuf value: a string for INT64`: func(m map[string]any) { m["id"] = "x" },
		`field "more" is not in the schema`:              func(m map[string]any) { m["more"] = 1 },
		`"MID" is not in the enum Level`:                 func(m map[string]any) { m["level"] = "MID" },
		"a oneof with two values":                        func(m map[string]any) { m["payment_0"].(map[string]any)["card"] = "x" },
		"a oneof without a value":                        func(m map[string]any) { m["payment_0"] = map[string]any{} },
		"null in a list or a map":                        func(m map[string]any) { m["lines"] = []any{nil} },
		"for ARRAY":                                      func(m map[string]any) { m["lines"] = "x" },
		"for MAP":                                        func(m map[string]any) { m["sizes"] = "x" },
		"does not fit int32":                             func(m map[string]any) { m["lines"] = []any{map[string]any{"count": int64(1) << 40}} },
		"want 1 to 9999":                                 func(m map[string]any) { m["at"] = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC) },
		"invalid UTF-8":                                  func(m map[string]any) { m["note"] = "\xff" },
	} {
		v := orderValue()
		change(v)
		if raw, err := c.Append(nil, nil, v); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%x, %v, want %q", raw, err, want)
		}
	}
	s := &data.Schema{Kind: data.Struct, Fields: []data.Field{{Name: "none", Schema: avrotest.Prim(data.String)}}}
	if raw, err := c.Append(nil, s, map[string]any{"none": "x"}); err == nil || !strings.Contains(err.Error(), `has no field "none"`) {
		t.Errorf("a field that the registry's schema does not have: %x, %v", raw, err)
	}
}

// An entry of a map has its key twice, the second time as another type on the wire: the
// library's own code panics.
const twoKeys = "\x00" + "\x22\x05" + "\x0a\x01k" + "\x08\x01"

func TestAMapWithAKeyOfTwoTypesIsNoMessage(t *testing.T) {
	c := mustParse(t, order, Options{})
	if _, v, err := c.Decode([]byte(twoKeys)); !errors.Is(err, file.ErrValue) || !strings.Contains(err.Error(), "the bytes are no message") {
		t.Errorf("%v, %v", v, err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(order)
	f.Add(`syntax = "proto2"; message M { optional group G = 1 { required int32 a = 1; } extensions 5 to max; }`)
	f.Fuzz(func(t *testing.T, text string) {
		for _, o := range []Options{{}, {OptionalNullables: true, FullNames: true, IntEnums: true}, {WrapperNullables: true, GeneralSums: true}} {
			c, err := Parse(text, nil, o)
			if err != nil {
				continue
			}
			s, v, err := c.Decode([]byte{0})
			if err != nil {
				continue
			}
			if raw, err := c.Append(nil, s, v); err == nil {
				if _, back, err := c.Decode(raw); err != nil || !data.Equal(back, v) {
					t.Errorf("%q: %v is written as %x and read as %v, %v", text, v, raw, back, err)
				}
			}
			_, _ = New(s, o)
		}
	})
}

func FuzzDecode(f *testing.F) {
	c := mustParse(f, order, Options{})
	raw, err := c.Append(nil, nil, orderValue())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw)
	f.Add([]byte("\x02\x02\x08\x01"))
	f.Add([]byte(twoKeys))
	f.Fuzz(func(t *testing.T, raw []byte) {
		s, v, err := c.Decode(raw)
		if err != nil {
			return
		}
		again, err := c.Append(nil, s, v)
		if err != nil {
			t.Fatalf("%x is read as %v, which cannot be written: %v", raw, v, err)
		}
		if _, back, err := c.Decode(again); err != nil || !data.Equal(back, v) {
			t.Errorf("%x is written as %x and read as %v, %v, want %v", raw, again, back, err, v)
		}
	})
}
