package format_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/connectors/filesets/format"
)

func recordOf(fields ...string) string {
	return `{"type":"record","name":"R","namespace":"","fields":[` + strings.Join(fields, ",") + `]}`
}

func parse(t *testing.T, text string) *data.Schema {
	t.Helper()
	s, err := format.Avro{}.ParseSchema(text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestColumnsHaveHivesTypes(t *testing.T) {
	s := parse(t, recordOf(
		`{"name":"Host","type":"string","doc":"who"}`,
		`{"name":"size","type":["null","long"],"default":null}`,
		`{"name":"at","type":{"type":"long","logicalType":"timestamp-millis"}}`,
		`{"name":"day","type":["null",{"type":"int","logicalType":"date"}]}`,
		`{"name":"price","type":{"type":"bytes","logicalType":"decimal","precision":9,"scale":2}}`,
		`{"name":"micros","type":{"type":"long","logicalType":"timestamp-micros"}}`,
		`{"name":"millis","type":{"type":"int","logicalType":"time-millis"}}`,
		`{"name":"small","type":{"type":"int","connect.type":"int8"}}`,
		`{"name":"e","type":{"type":"enum","name":"x.E","symbols":["A"]}}`,
		`{"name":"f","type":{"type":"fixed","name":"F","size":2}}`,
		`{"name":"l","type":{"type":"array","items":["null","float"]}}`,
		`{"name":"m","type":{"type":"map","values":"double"}}`,
		`{"name":"u","type":["int","null","string"]}`,
		`{"name":"x_y","type":"bytes","suiro.name":"x-y"}`,
		`{"name":"s","type":{"type":"record","name":"S","fields":[{"name":"A","type":"int"},{"name":"b","type":"boolean"}]}}`,
	))
	table, err := format.Avro{}.Table(s)
	if err != nil {
		t.Fatal(err)
	}
	want := []format.Column{{"host", "string", "who"}, {"size", "bigint", ""}, {"at", "timestamp", ""},
		{"day", "date", ""},
		{"price", "decimal(9,2)", ""}, {"micros", "bigint", ""}, {"millis", "int", ""}, {"small", "int", ""},
		{"e", "string", ""}, {"f", "binary", ""}, {"l", "array<float>", ""}, {"m", "map<string,double>", ""},
		{"u", "uniontype<int,string>", ""}, {"x_y", "binary", ""}, {"s", "struct<a:int,b:boolean>", ""}}
	if !slices.Equal(table.Columns, want) {
		t.Errorf("columns\n got %v\nwant %v", table.Columns, want)
	}
	back, err := format.Avro{}.TableSchema(table.Properties)
	if err != nil || !back.Equal(s) {
		t.Errorf("TableSchema = %+v, %v, want the schema that the table was made with", back, err)
	}
}

func TestTablesWantRecords(t *testing.T) {
	if got, err := (format.Avro{}).Table(&data.Schema{Kind: data.String}); err == nil {
		t.Errorf("Table of a string = %v, want an error", got)
	}
	for _, properties := range []map[string]string{nil, {"avro.schema.literal": "{"}} {
		if got, err := (format.Avro{}).TableSchema(properties); err == nil {
			t.Errorf("TableSchema(%v) = %v, want an error", properties, got)
		}
	}
}

func TestExtends(t *testing.T) {
	a, b := `{"name":"a","type":"int"}`, `{"name":"b","type":["null","int"],"default":null}`
	for _, c := range []struct {
		newer, older string
		want         bool
	}{
		{recordOf(a, b), recordOf(a), true},
		{recordOf(`{"name":"a","type":"int","doc":"new","default":1}`, b), recordOf(a), true},
		{recordOf(a, `{"name":"b","type":"int","default":7}`), recordOf(a), true},
		{recordOf(a), recordOf(a), false},
		{recordOf(a), recordOf(a, b), false},
		{recordOf(b, a), recordOf(a), false},
		{recordOf(a, `{"name":"b","type":"int"}`), recordOf(a), false},
		{recordOf(`{"name":"a","type":"long"}`, b), recordOf(a), false},
		{recordOf(`{"name":"a","type":["int","null"]}`, b), recordOf(`{"name":"a","type":["null","int"]}`), false},
		{`"int"`, recordOf(a), false},
	} {
		if got := format.Extends(parse(t, c.newer), parse(t, c.older)); got != c.want {
			t.Errorf("Extends(%s, %s) = %v, want %v", c.newer, c.older, got, c.want)
		}
	}
}

func TestWithoutThePartitionColumns(t *testing.T) {
	a, b := `{"name":"A","type":"int"}`, `{"name":"b","type":"long","default":1}`
	for _, c := range []struct {
		keys []string
		want string
	}{
		{[]string{"dt", "hour"}, recordOf(a, b)},
		{[]string{"a"}, recordOf(b)},
		{[]string{"x", "B"}, recordOf(a)},
	} {
		if got := format.Without(parse(t, recordOf(a, b)), c.keys); !got.Equal(parse(t, c.want)) {
			t.Errorf("Without(%v) = %+v, want %s", c.keys, got, c.want)
		}
	}
}

// TestDecimalsAreOnesThatHiveHas: a Decimal of Connect has 64 digits unless it
// says otherwise, and Hive knows 38.
func TestDecimalsAreOnesThatHiveHas(t *testing.T) {
	decimal := func(precision, scale string) string {
		return `{"type":"bytes","logicalType":"decimal","connect.name":"org.apache.kafka.connect.data.Decimal",` +
			`"precision":` + precision + `,"scale":` + scale + `}`
	}
	s := parse(t, recordOf(`{"name":"a","type":`+decimal("64", "2")+`}`, `{"name":"b","type":`+decimal("9", "2")+`}`,
		`{"name":"c","type":["null",`+decimal("64", "127")+`]}`, `{"name":"d","type":`+decimal("4", "-2")+`}`,
		`{"name":"l","type":{"type":"array","items":`+decimal("64", "0")+`}}`,
		`{"name":"k","type":`+decimal("38", "38")+`}`))
	cut := format.ForHive(s, []string{"B"})
	table, err := format.Avro{}.Table(cut)
	if err != nil {
		t.Fatal(err)
	}
	want := []format.Column{{"a", "decimal(38,2)", ""}, {"c", "binary", ""}, {"d", "binary", ""},
		{"l", "array<decimal(38,0)>", ""}, {"k", "decimal(38,38)", ""}}
	if !slices.Equal(table.Columns, want) {
		t.Errorf("columns\n got %v\nwant %v", table.Columns, want)
	}
	if back, err := (format.Avro{}).TableSchema(table.Properties); err != nil || !back.Equal(cut) {
		t.Errorf("the schema of the table is %+v, %v, want %+v", back, err, cut)
	}
	if s.Field("a").Schema.Parameters["connect.decimal.precision"] != "" {
		t.Error("ForHive changed its argument")
	}
}
