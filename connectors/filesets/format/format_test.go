package format_test

import (
	"encoding/json"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/connecttest"
	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/connectors/filesets/format"
	"github.com/suiro/suiro/connectors/filesets/format/formattest"
)

var (
	at     = time.Date(2026, 1, 15, 9, 30, 12, 345e6, time.UTC)
	access = &data.Schema{Kind: data.Struct, Name: "suiro.Access", Fields: []data.Field{
		{Name: "host", Schema: &data.Schema{Kind: data.String}},
		{Name: "x-cache", Schema: &data.Schema{Kind: data.String, Optional: true}},
		{Name: "at", Schema: &data.Schema{Kind: data.Int64, Name: data.TimestampName}},
		{Name: "price", Schema: &data.Schema{Kind: data.Bytes, Name: data.DecimalName,
			Parameters: map[string]string{"scale": "2"}}},
	}}
	hit  = map[string]any{"host": "web-1", "x-cache": "HIT", "at": at, "price": big.NewRat(156, 100)}
	miss = map[string]any{"host": "水路", "x-cache": nil, "at": at, "price": big.NewRat(-1, 1)}
)

func one(value connect.Payload, want any) formattest.Case {
	return formattest.Case{Value: value, Want: want}
}

func TestAvro(t *testing.T) {
	formattest.Run(t, format.Avro{},
		[]formattest.Case{one(connect.Decoded(access, hit), hit), one(connect.Decoded(access, miss), miss)},
		[]connect.Payload{
			connect.Decoded(nil, map[string]any{"host": "x"}),
			connect.Decoded(access, map[string]any{"host": 7}),
			connect.Decoded(access, "text"),
			connect.Undecoded("t", []byte("{"), connecttest.Converter{Fmt: connect.FormatJSON}),
		})
}

func TestJSON(t *testing.T) {
	raw := connect.Undecoded("t", []byte("{\n \"b\": 1.50,\n \"a\": \"x y\"\n}"),
		connecttest.Converter{Fmt: connect.FormatJSON})
	formattest.Run(t, format.JSON{}, []formattest.Case{
		one(connect.Decoded(access, hit), map[string]any{"host": "web-1", "x-cache": "HIT",
			"at": json.Number("1768469412345"), "price": "AJw="}),
		one(raw, map[string]any{"a": "x y", "b": json.Number("1.50")}),
		one(connect.Decoded(nil, "a\nb"), "a\nb"),
		one(connect.Decoded(nil, map[string]any{"a": []any{true, nil}}), map[string]any{"a": []any{true, nil}}),
	}, []connect.Payload{
		connect.Decoded(access, map[string]any{"host": 7}),
		connect.Undecoded("t", []byte("{"), connecttest.Converter{Fmt: connect.FormatJSON}),
	})
}

// TestJSONFromKafkaIsNotCopied holds the way of a record that nobody changed.
func TestJSONFromKafkaIsNotCopied(t *testing.T) {
	raw := []byte(`{"a": 1}`)
	value := connect.Undecoded("t", raw, connecttest.Converter{Fmt: connect.FormatJSON})
	row, err := format.JSON{}.Encoder(1).Encode(&value)
	if err != nil || &row.Bytes[0] != &raw[0] {
		t.Errorf("Encode = %q, %v, want the very bytes of the record", row.Bytes, err)
	}
}

// Readers of lines, such as Hadoop's, end one at a carriage return as well.
func TestJSONFromKafkaIsOneLine(t *testing.T) {
	value := connect.Undecoded("t", []byte("{\"a\":1,\r\"b\":2}"), connecttest.Converter{Fmt: connect.FormatJSON})
	row, err := format.JSON{}.Encoder(1).Encode(&value)
	if want := `{"a":1,"b":2}`; err != nil || string(row.Bytes) != want {
		t.Errorf("Encode = %q, %v, want %s", row.Bytes, err, want)
	}
}

func TestText(t *testing.T) {
	formattest.Run(t, format.Text{}, []formattest.Case{
		one(connect.Decoded(&data.Schema{Kind: data.String}, "GET /"), "GET /"),
		one(connect.Decoded(&data.Schema{Kind: data.Bytes}, []byte("POST /")), "POST /"),
		one(connect.Decoded(nil, int64(3)), "3"),
		one(connect.Decoded(access, hit), "Struct{host=web-1,x-cache=HIT,at=Thu Jan 15 09:30:12 UTC 2026,price=1.56}"),
	}, []connect.Payload{connect.Undecoded("t", []byte("{"), connecttest.Converter{Fmt: connect.FormatJSON})})
}

func TestUnknownClassesAreNoFormat(t *testing.T) {
	for _, class := range []string{"", "ParquetFormat", "io.confluent.connect.hdfs."} {
		if got := format.ByClass(class); got != nil {
			t.Errorf("ByClass(%q) = %s, want nil", class, got.Class())
		}
	}
	if got, want := strings.Join(format.Classes(), " "), "AvroFormat JsonFormat StringFormat"; got != want {
		t.Errorf("Classes() = %s, want %s", got, want)
	}
}

// TestManySchemasThatSayTheSameShareAFile: a converter that makes a schema for
// each record must not split files.
func TestManySchemasThatSayTheSameShareAFile(t *testing.T) {
	e := format.Avro{}.Encoder(2)
	var first *format.Schema
	for i := range 10 {
		s := *access
		value := connect.Decoded(&s, hit)
		row, err := e.Encode(&value)
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = row.Schema
		}
		if row.Schema != first {
			t.Fatalf("record %d has the schema %p, the first %p", i, row.Schema, first)
		}
	}
}
