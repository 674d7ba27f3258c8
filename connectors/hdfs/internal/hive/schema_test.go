package hive

import (
	"slices"
	"strings"
	"testing"
)

func recordOf(fields ...string) string {
	return `{"type":"record","name":"R","fields":[` + strings.Join(fields, ",") + `]}`
}

func TestColumns(t *testing.T) {
	got, err := Columns(recordOf(
		`{"name":"Host","type":"string","doc":"who"}`,
		`{"name":"size","type":["null","long"],"default":null}`,
		`{"name":"at","type":{"type":"long","logicalType":"timestamp-millis"}}`,
		`{"name":"day","type":["null",{"type":"int","logicalType":"date"}]}`,
		`{"name":"price","type":{"type":"bytes","logicalType":"decimal","precision":9,"scale":2}}`,
		`{"name":"micros","type":{"type":"long","logicalType":"timestamp-micros"}}`,
		`{"name":"e","type":{"type":"enum","name":"x.E","symbols":["A"]}}`,
		`{"name":"e2","type":"E"}`,
		`{"name":"f","type":{"type":"fixed","name":"F","size":2}}`,
		`{"name":"l","type":{"type":"array","items":["null","float"]}}`,
		`{"name":"m","type":{"type":"map","values":"double"}}`,
		`{"name":"s","type":{"type":"record","name":"S","fields":[{"name":"A","type":"int"},{"name":"b","type":{"type":"boolean"}}]}}`,
		`{"name":"u","type":["int","string"]}`))
	if err != nil {
		t.Fatal(err)
	}
	want := []Column{{"host", "string", "who"}, {"size", "bigint", ""}, {"at", "timestamp", ""}, {"day",
		"date", ""},
		{"price", "decimal(9,2)", ""}, {"micros", "bigint", ""}, {"e", "string", ""}, {"e2", "string",
			""}, {"f", "binary", ""},
		{"l", "array<float>", ""}, {"m", "map<string,double>", ""}, {"s", "struct<a:int,b:boolean>",
			""}, {"u", "uniontype<int,string>", ""}}
	if !slices.Equal(got, want) {
		t.Errorf("Columns\n got %v\nwant %v", got, want)
	}
	for _, bad := range []string{`"string"`, "{", recordOf(`{"name":"x","type":"Other"}`)} {
		if c, err := Columns(bad); err == nil {
			t.Errorf("Columns(%s) = %v, want an error", bad, c)
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
		{recordOf(`{"type": "int", "name":"a"}`, b), recordOf(a), true},
		{recordOf(a), recordOf(a), false},
		{recordOf(a), recordOf(a, b), false},
		{recordOf(b, a), recordOf(a), false},
		{recordOf(a, `{"name":"b","type":"int"}`), recordOf(a), false},
		{recordOf(`{"name":"a","type":"long"}`, b), recordOf(a), false},
		{`"int"`, recordOf(a), false},
	} {
		if got := Extends(c.newer, c.older); got != c.want {
			t.Errorf("Extends(%s, %s) = %v, want %v", c.newer, c.older, got, c.want)
		}
	}
}

func TestWithoutThePartitionColumns(t *testing.T) {
	a, b := `{"name":"A","type":"int"}`, `{"default":1, "name":"b","type":"long"}`
	for _, c := range []struct {
		schema string
		keys   []string
		want   string
	}{
		{recordOf(a, b), []string{"dt", "hour"}, recordOf(a, b)},
		{recordOf(a, b), []string{"a"}, `{"fields":[{"default":1,"name":"b","type":"long"}],"name":"R","type":"record"}`},
		{recordOf(a, b), []string{"x", "B"}, `{"fields":[{"name":"A","type":"int"}],"name":"R","type":"record"}`},
	} {
		if got, err := Without(c.schema, c.keys); err != nil || got != c.want {
			t.Errorf("Without(%s, %v) = %s, %v, want %s", c.schema, c.keys, got, err, c.want)
		}
	}
	if got, err := Without(`"string"`, nil); err == nil {
		t.Errorf("Without of no record = %s, want an error", got)
	}
}
