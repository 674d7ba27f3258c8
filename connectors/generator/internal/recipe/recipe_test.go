package recipe

import (
	"fmt"
	"math/big"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/transforms/formats/avro"
)

// recordOf is the schema of a record with a field v.
func recordOf(typ string) string {
	return `{"type": "record", "name": "r", "fields": [{"name": "v", "type": ` + typ + `}]}`
}

func parse(t testing.TB, text string) *Recipe {
	t.Helper()
	r, err := Parse([]byte(text))
	if err != nil {
		t.Fatalf("Parse(%s) = %v", text, err)
	}
	return r
}

// values makes the values of v in the first n records.
func values(t testing.TB, typ string, n int) []any {
	t.Helper()
	r := parse(t, recordOf(typ))
	codec, err := avro.NewCodec(r.Schema())
	if err != nil {
		t.Fatal(err)
	}
	out := make([]any, n)
	for i := range out {
		record, err := r.Record(7, int64(i))
		if err != nil {
			t.Fatalf("record %d of %s: %v", i, typ, err)
		}
		if _, err := codec.Append(nil, record); err != nil {
			t.Fatalf("record %d of %s, %v, does not fit the schema: %v", i, typ, record, err)
		}
		out[i] = record["v"]
	}
	return out
}

func matches(expr string) func(any) bool {
	re := regexp.MustCompile("^(?:" + expr + ")$")
	return func(v any) bool { s, ok := v.(string); return ok && re.MatchString(s) }
}

func between[T int32 | int64 | float64](low, high T) func(any) bool {
	return func(v any) bool { n, ok := v.(T); return ok && low <= n && n < high }
}

func in(list ...any) func(any) bool {
	return func(v any) bool {
		return slices.ContainsFunc(list, func(o any) bool { return reflect.DeepEqual(o, v) })
	}
}

func duringDays(low, high string) func(any) bool {
	return func(v any) bool {
		t, ok := v.(time.Time)
		day := t.Format(time.DateOnly)
		return ok && low <= day && day <= high
	}
}

func TestValuesAreAsTheirPropertiesSay(t *testing.T) {
	for _, tt := range []struct {
		typ      string
		fits     func(any) bool
		distinct int // how many different values at least
	}{
		{`"boolean"`, in(true, false), 2},
		{`"int"`, func(v any) bool { _, ok := v.(int32); return ok }, 990},
		{`"long"`, func(v any) bool { _, ok := v.(int64); return ok }, 1000},
		{`"double"`, between(0.0, 1.0), 1000},
		{`"float"`, func(v any) bool { f, ok := v.(float32); return ok && 0 <= f && f <= 1 }, 900},
		{`"string"`, matches(`[a-zA-Z0-9]{8,15}`), 1000},
		{`"bytes"`, func(v any) bool { b, ok := v.([]byte); return ok && 8 <= len(b) && len(b) <= 15 }, 1000},
		{`{"type": "fixed", "name": "f", "size": 3}`, func(v any) bool { b, ok := v.([]byte); return ok && len(b) == 3 }, 990},
		{`{"type": "enum", "name": "e", "symbols": ["A", "B"]}`, in("A", "B"), 2},
		{`["null", "int"]`, func(v any) bool { _, ok := v.(int32); return ok || v == nil }, 300},
		{`["int", "null", "string"]`, func(v any) bool {
			m, ok := v.(map[string]any)
			return v == nil || ok && len(m) == 2 && (m["int"] == nil) != (m["string"] == nil)
		}, 300},
		{`{"type": "int", "connect.type": "int8"}`, func(v any) bool { _, ok := v.(int8); return ok }, 200},

		{`{"type": "boolean", "arg.properties": {"odds": 1}}`, in(true), 1},
		{`{"type": "boolean", "arg.properties": {"odds": 0.0}}`, in(false), 1},
		{`{"type": "int", "arg.properties": {"range": {"min": -2, "max": 2}}}`, between(int32(-2), int32(2)), 4},
		{`{"type": "int", "arg.properties": {"range": {"min": 2147483647}}}`, in(int32(2147483647)), 1},
		{`{"type": "long", "arg.properties": {"range": {"max": -9223372036854775807}}}`, in(int64(-9223372036854775808)), 1},
		{`{"type": "double", "arg.properties": {"range": {"min": 0.1, "max": 10.0}}}`, between(0.1, 10.0), 1000},
		{`{"type": "string", "arg.properties": {"length": 3}}`, matches(`\w{3}`), 990},
		{`{"type": "string", "arg.properties": {"length": {"min": 2, "max": 4}, "prefix": "<", "suffix": ">"}}`,
			matches(`<\w{2,3}>`), 900},
		{`{"type": "string", "arg.properties": {"regex": "User_[1-9]{0,1}"}}`, matches(`User_[1-9]?`), 10},
		{`{"type": "string", "arg.properties": {"regex": "\\[[0-9][0-9],[0-9][0-9]\\]"}}`, matches(`\[\d\d,\d\d\]`), 900},
		{`{"type": "string", "arg.properties": {"regex": "[a-zA-Z]*", "length": 10}}`, matches(`[a-zA-Z]{10}`), 990},
		{`{"type": "string", "arg.properties": {"regex": "[a-z]{5,}", "length": {"max": 16}}}`, matches(`[a-z]{5,15}`), 990},
		{`{"type": "string", "arg.properties": {"regex": "[a-z]{0,15}", "length": {"min": 5}}}`, matches(`[a-z]{5,15}`), 990},
		{`{"type": "string", "arg.properties": {"regex": "(?i)(yes|no)\\.?|[^a-z]+"}}`, matches(`yes\.?|no\.?|[ -` + "`" + `{-~]+`), 400},
		{`{"type": "string", "arg.properties": {"options": ["a", "b"]}}`, in("a", "b"), 2},
		{`{"type": "bytes", "arg.properties": {"options": ["a"]}}`, in([]byte("a")), 1},
		{`{"type": "enum", "name": "e", "symbols": ["A", "B"], "arg.properties": {"options": ["B"]}}`, in("B"), 1},
		{`{"type": "long", "arg.properties": {"options": [1, 2]}}`, in(int64(1), int64(2)), 2},
		{`{"type": "array", "items": "int", "arg.properties": {"length": {"max": 2}}}`, func(v any) bool {
			list, ok := v.([]any)
			return ok && len(list) < 2
		}, 400},
		{`{"type": "map", "values": "int", "arg.properties": {"length": 1, "keys": {"options": ["k", "l"]}}}`, func(v any) bool {
			m, ok := v.(map[string]any)
			return ok && len(m) == 1 && (m["k"] != nil || m["l"] != nil)
		}, 990},
		{`{"type": "map", "values": "int", "arg.properties": {"options": [{"a": 1}, {}]}}`,
			in(map[string]any{"a": int32(1)}, map[string]any{}), 2},
		{`{"type": "record", "name": "s", "fields": [{"name": "a", "type": "int"}, {"name": "b", "type": ["null", "string"],
		   "default": null}], "arg.properties": {"options": [{"a": 1}, {"a": 2, "b": "x"}]}}`,
			in(map[string]any{"a": int32(1), "b": nil}, map[string]any{"a": int32(2), "b": "x"}), 2},

		{`{"type": "int", "logicalType": "date"}`, duringDays("1970-01-01", "2037-12-31"), 900},
		{`{"type": "int", "logicalType": "time-millis"}`, duringDays("1970-01-01", "1970-01-01"), 990},
		{`{"type": "long", "logicalType": "timestamp-millis", "arg.properties": {"range": {"min": 0, "max": 86400000}}}`,
			duringDays("1970-01-01", "1970-01-01"), 990},
		{`{"type": "bytes", "logicalType": "decimal", "precision": 4, "scale": 2}`, func(v any) bool {
			r, ok := v.(*big.Rat)
			return ok && new(big.Rat).Abs(r).Cmp(big.NewRat(100, 1)) < 0
		}, 900},
		{`{"type": "bytes", "logicalType": "decimal", "precision": 4, "scale": 2, "arg.properties": {"range": {"min": 1.5, "max": 1.52}}}`,
			func(v any) bool { return in("3/2", "151/100")(fmt.Sprint(v)) }, 2},
	} {
		seen := map[string]bool{}
		for i, v := range values(t, tt.typ, 1000) {
			seen[fmt.Sprint(v)] = true
			if !tt.fits(v) {
				t.Errorf("%s: record %d has %v (%T)", tt.typ, i, v, v)
				break
			}
		}
		if len(seen) < tt.distinct {
			t.Errorf("%s: %d different values in 1000 records, want at least %d", tt.typ, len(seen), tt.distinct)
		}
	}
}

func TestOddsAreThoseOfTheSchema(t *testing.T) {
	n := 0
	for _, v := range values(t, `{"type": "boolean", "arg.properties": {"odds": 0.2}}`, 10_000) {
		if v == true {
			n++
		}
	}
	if n < 1800 || n > 2200 {
		t.Errorf("%d of 10000 are true, want about 2000", n)
	}
}

func TestIterationsCountTheRecords(t *testing.T) {
	for _, tt := range []struct{ typ, properties, want string }{
		{"int", `{"start": 0}`, "0 1 2 3 4 5"},
		{"int", `{"start": 5, "step": 10}`, "5 15 25 35 45 55"},
		{"int", `{"start": 0, "restart": 3}`, "0 1 2 0 1 2"},
		{"int", `{"start": 0, "restart": -3}`, "0 -1 -2 0 -1 -2"},
		{"int", `{"start": 10, "restart": 15, "step": 2}`, "10 12 14 11 13 10"},
		{"int", `{"start": 10, "restart": 5, "step": -2}`, "10 8 6 9 7 10"},
		{"int", `{"start": 0, "restart": 5, "initial": 3}`, "3 4 0 1 2 3"},
		{"int", `{"start": 2147483646}`, "2147483646 2147483646 2147483646 2147483646 2147483646 2147483646"},
		{"long", `{"start": -9223372036854775808, "step": 4611686018427387904}`,
			"-9223372036854775808 -4611686018427387904 0 4611686018427387904 -9223372036854775807 -4611686018427387903"},
		{"long", `{"start": 1, "step": -5}`, "1 -4 -9 -14 -19 -24"},
		{"float", `{"start": 0.1, "step": 0.1}`, "0.1 0.2 0.3 0.4 0.5 0.6"},
		{"double", `{"start": 0, "step": 0.1, "restart": 0.35}`, "0 0.1 0.2 0.3 0.05 0.15"},
		{"double", `{"start": 1, "restart": -1, "step": -0.75}`, "1 0.25 -0.5 0.75 0 -0.75"},
		{"double", `{"start": 1, "restart": 4, "initial": 3}`, "3 1 2 3 1 2"},
		{"boolean", `{"start": true}`, "true false true false true false"},
		{"string", `{"start": 7}`, "7 8 9 10 11 12"},
	} {
		typ := fmt.Sprintf(`{"type": %q, "arg.properties": {"iteration": %s}}`, tt.typ, tt.properties)
		got := strings.Trim(fmt.Sprint(values(t, typ, 6)), "[]")
		if got != tt.want {
			t.Errorf("%s %s = %s, want %s", tt.typ, tt.properties, got, tt.want)
		}
	}
}

// mixed is a schema with something of everything.
const mixed = `{"type": "record", "name": "shop.Order", "fields": [
  {"name": "id", "type": {"type": "long", "arg.properties": {"iteration": {"start": 100}}}},
  {"name": "item", "type": {"type": "string", "arg.properties": {"regex": "[A-Z]{2}-[0-9]{3}"}}},
  {"name": "price", "type": {"type": "double", "arg.properties": {"range": {"min": 1, "max": 2}}}},
  {"name": "paid", "type": {"type": "boolean", "arg.properties": {"odds": 0.9}}},
  {"name": "from", "type": {"type": "record", "name": "Place", "fields": [
    {"name": "city", "type": {"type": "string", "arg.properties": {"options": ["Oslo", "Rome"]}}}]}},
  {"name": "to", "type": ["null", "Place"]},
  {"name": "tags", "type": {"type": "array", "items": "string", "arg.properties": {"length": {"min": 0, "max": 3}}}}
]}`

// Kept offsets and figures in reports depend on it that a record stays the same in later versions.
func TestRecordsStayTheSame(t *testing.T) {
	r := parse(t, mixed)
	for number, want := range map[int64]string{
		0:       `{"id":100,"item":"YD-199","price":1.7970015804874262,"paid":true,"from":{"city":"Rome"},"to":null,"tags":["pQKFnELL"]}`,
		1:       `{"id":101,"item":"KJ-056","price":1.6912383002951024,"paid":false,"from":{"city":"Rome"},"to":null,"tags":[]}`,
		1 << 40: `{"id":1099511627876,"item":"EG-503","price":1.1080671182290014,"paid":true,"from":{"city":"Oslo"},"to":{"city":"Rome"},"tags":[]}`,
	} {
		record, err := r.Record(42, number)
		if err != nil {
			t.Fatal(err)
		}
		got, err := data.JSON(r.Schema(), record)
		if err != nil || string(got) != want {
			t.Errorf("record %d = %s, %v, want %s", number, got, err, want)
		}
	}
}

func TestSeedsMakeOtherRecords(t *testing.T) {
	r := parse(t, recordOf(`"long"`))
	seen := map[any]bool{}
	for seed := range int64(10) {
		for number := range int64(100) {
			record, err := r.Record(seed, number)
			if err != nil {
				t.Fatal(err)
			}
			seen[record["v"]] = true
		}
	}
	if len(seen) != 1000 {
		t.Errorf("%d different values for 10 seeds of 100 records, want 1000", len(seen))
	}
}

func TestWrongSchemasAreRefused(t *testing.T) {
	for _, tt := range []struct{ schema, want string }{
		{`{`, "not JSON"},
		{`"string"`, "not that of a record"},
		{`{"type": "array", "items": "int"}`, "not that of a record"},
		{recordOf(`"nothing"`), "unknown type"},
		{recordOf(`{"type": "int", "arg.properties": 1}`), "field v: arg.properties: must be an object"},
		{recordOf(`{"type": "int", "arg.properties": {"rnage": {}}}`), `field v: arg.properties.rnage: there is no such property, did you mean "range"?`},
		{recordOf(`{"type": "int", "arg.properties": {"distribution": {}}}`), "arg.properties.distribution: there is no such property for the type int: want range, iteration, options"},
		{recordOf(`{"type": "int", "arg.properties": {"regex": "a"}}`), "arg.properties.regex: is not for the type int"},
		{recordOf(`{"type": "fixed", "name": "f", "size": 1, "arg.properties": {"length": 1}}`), "length: is not for the type fixed"},
		{`{"type": "record", "name": "r", "fields": [{"name": "v", "type": "int", "arg.properties": {"range": {"min": 1}}}]}`,
			"field v: arg.properties have no effect here: put them into its type"},
		{recordOf(`{"type": {"type": "int"}, "arg.properties": {"range": {"min": 1}}}`), "put them into the type within"},
		{recordOf(`{"type": "int", "arg.properties": {"options": [1], "range": {"min": 1}}}`), "range: cannot be given with options"},
		{recordOf(`{"type": "int", "arg.properties": {"iteration": {"start": 1}, "range": {"min": 1}}}`), "range: cannot be given with iteration"},
		{recordOf(`{"type": "int", "arg.properties": {"range": {}}}`), "range: must have min, max or both"},
		{recordOf(`{"type": "int", "arg.properties": {"range": {"min": 1, "max": 1}}}`), "range.max: 1 must be greater than min (1)"},
		{recordOf(`{"type": "int", "arg.properties": {"range": {"min": 1.5}}}`), "range.min: 1.5 must be a whole number from -2147483648"},
		{recordOf(`{"type": "int", "arg.properties": {"range": {"least": 1}}}`), "range.least: there is no such property: want min, max"},
		{recordOf(`{"type": "double", "arg.properties": {"range": {"min": "a"}}}`), `range.min: "a" must be a number`},
		{recordOf(`{"type": "double", "arg.properties": {"range": {"min": 2, "max": 1}}}`), "range.max: 1 must be greater than min (2)"},
		{recordOf(`{"type": "float", "arg.properties": {"range": {"max": 1e300}}}`), "more than the type holds"},
		{recordOf(`{"type": "int", "arg.properties": {"iteration": {}}}`), "iteration.start: is missing"},
		{recordOf(`{"type": "int", "arg.properties": {"iteration": {"start": 0, "step": 0}}}`), "iteration.step: must not be 0"},
		{recordOf(`{"type": "int", "arg.properties": {"iteration": {"start": 0, "restart": 0}}}`), "restart: 0 is not reached from start (0)"},
		{recordOf(`{"type": "int", "arg.properties": {"iteration": {"start": 0, "restart": 5, "step": -1}}}`), "not reached"},
		{recordOf(`{"type": "int", "arg.properties": {"iteration": {"start": 0, "restart": 5, "initial": 6}}}`), "initial: 6 must be a whole number from 0 to 5"},
		{recordOf(`{"type": "double", "arg.properties": {"iteration": {"start": 0, "restart": 5, "initial": 6}}}`), "initial: must be between"},
		{recordOf(`{"type": "array", "items": {"type": "int", "arg.properties": {"iteration": {"start": 0}}}}`), "field v: iteration is not supported within an array or a map"},
		{recordOf(`{"type": "boolean", "arg.properties": {"odds": 2}}`), "odds: 2 must be from 0 to 1"},
		{recordOf(`{"type": "boolean", "arg.properties": {"iteration": {"start": 1}}}`), "start: must be true or false"},
		{recordOf(`{"type": "string", "arg.properties": {"length": -1}}`), "length: -1 must be a whole number from 0"},
		{recordOf(`{"type": "string", "arg.properties": {"length": {"min": 5, "max": 5}}}`), "length.max: 5 must be greater than min (5)"},
		{recordOf(`{"type": "string", "arg.properties": {"length": {}}}`), "length: must have min, max or both"},
		{recordOf(`{"type": "string", "arg.properties": {"prefix": 1}}`), "prefix: 1 must be a text"},
		{recordOf(`{"type": "string", "arg.properties": {"regex": "(a"}}`), "regex: regular expression"},
		{recordOf(`{"type": "string", "arg.properties": {"regex": "a(?=b)"}}`), "look-around"},
		{recordOf(`{"type": "string", "arg.properties": {"regex": "a^b"}}`), "hardly any text"},
		{recordOf(`{"type": "string", "arg.properties": {"regex": "[a-z]{20}", "length": 5}}`), "hardly any text"},
		{recordOf(`{"type": "string", "arg.properties": {"options": {"file": "a.json", "encoding": "json"}}}`), "options: must be a list of values; a file"},
		{recordOf(`{"type": "string", "arg.properties": {"options": []}}`), "options: must have at least one value"},
		{recordOf(`{"type": "string", "arg.properties": {"options": [1]}}`), "options: 1: a number that the type STRING does not hold"},
		{recordOf(`{"type": "int", "arg.properties": {"options": [5000000000]}}`), "want a whole number from"},
		{recordOf(`{"type": "enum", "name": "e", "symbols": ["A"], "arg.properties": {"options": ["B"]}}`), `options: "B":`},
		{recordOf(`{"type": "fixed", "name": "f", "size": 2, "arg.properties": {"options": ["abc"]}}`), `options: "abc":`},
		{recordOf(`{"type": "record", "name": "s", "fields": [{"name": "a", "type": "int"}], "arg.properties": {"options": [{}]}}`), `the field "a" is missing`},
		{recordOf(`{"type": "record", "name": "s", "fields": [{"name": "a", "type": "int"}], "arg.properties": {"options": [{"a": 1, "b": 2}]}}`), `there is no field "b"`},
		{recordOf(`{"type": "map", "values": "int", "arg.properties": {"keys": {"range": {"min": 1}}}}`), "keys.range: is not for the type of the keys"},
		{recordOf(`{"type": "bytes", "logicalType": "decimal", "precision": 4, "scale": 2, "arg.properties": {"range": {"min": 100}}}`), "there is no number with 2 decimals"},
		{recordOf(`{"type": "array", "items": {"type": "string", "arg.properties": {"length": 1000000}}, "arg.properties": {"length": 1000}}`), "more than 16 MiB"},
	} {
		_, err := Parse([]byte(tt.schema))
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("Parse(%s) = %v, want an error with %q", tt.schema, err, tt.want)
		}
	}
}

func TestAllErrorsOfASchemaAreFound(t *testing.T) {
	_, err := Parse([]byte(`{"type": "record", "name": "r", "fields": [
	  {"name": "a", "type": {"type": "int", "arg.properties": {"odds": 1}}},
	  {"name": "b", "type": {"type": "string", "arg.properties": {"regex": "["}}}]}`))
	if err == nil || !strings.Contains(err.Error(), "field a: ") || !strings.Contains(err.Error(), "field b: ") {
		t.Errorf("Parse = %v, want an error about a and one about b", err)
	}
}

// FuzzParse reads schemas, and makes records of those that are accepted: they fit the schema, and
// are the same each time.
func FuzzParse(f *testing.F) {
	f.Add(mixed)
	for _, typ := range []string{`"string"`, `["null", "long"]`, `{"type": "map", "values": "bytes"}`,
		`{"type": "int", "arg.properties": {"iteration": {"start": 1, "restart": -9, "step": -4, "initial": 0}}}`,
		`{"type": "double", "arg.properties": {"iteration": {"start": 1, "step": 1e9}}}`,
		`{"type": "string", "arg.properties": {"regex": "(a|b)*c{2,9}\\d", "length": {"min": 4}}}`,
		`{"type": "bytes", "logicalType": "decimal", "precision": 4, "scale": 2, "arg.properties": {"range": {"min": 1.5}}}`,
		`{"type": "int", "logicalType": "date", "arg.properties": {"options": [1, 2]}}`} {
		f.Add(recordOf(typ))
	}
	f.Fuzz(func(t *testing.T, text string) {
		r, err := Parse([]byte(text))
		if err != nil || r.Most() > 1<<16 {
			return
		}
		codec, err := avro.NewCodec(r.Schema())
		if err != nil {
			t.Skip("Avro cannot say what Connect can")
		}
		for _, number := range []int64{0, 1, 1 << 33} {
			first, err := r.Record(1, number)
			if err != nil {
				return // no text for a regular expression
			}
			second, _ := r.Record(1, number)
			if !data.Equal(first, second) {
				t.Errorf("record %d of %s is %v, and then %v", number, text, first, second)
			}
			if _, err := codec.Append(nil, first); err != nil {
				t.Errorf("record %d of %s, %v, does not fit the schema: %v", number, text, first, err)
			}
		}
	})
}
