package avro

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/internal/confine"
	"github.com/suiro/suiro/internal/memory"
	"github.com/suiro/suiro/transforms/formats/avro/internal/datum"
)

// hard is the memory of the process in which the tests of this file run.
const hard = 512 << 20

// doubling returns a schema of n records, each with two fields of the one before.
// properties are those of the innermost record, and of each field.
func doubling(n int, innermost, field string) string {
	text := innermost
	for i := 1; i <= n; i++ {
		text = fmt.Sprintf(`{"type":"record","name":"R%d","fields":[{"name":"a","type":%s%s},{"name":"b","type":"R%d"%s}]}`,
			i, text, field, i-1, field)
	}
	return text
}

const emptyRecord = `{"type":"record","name":"R0","fields":[]}`

// honest is a record beside the attack, which has to be read as ever.
func honest(t *testing.T) {
	t.Helper()
	c := parsed(t, `{"type":"record","name":"H","fields":[{"name":"list","type":{"type":"array","items":"long"}}]}`)
	list := make([]any, 100_000)
	for i := range list {
		list[i] = int64(i)
	}
	raw, err := c.Append(nil, map[string]any{"list": list})
	if err != nil {
		t.Fatal(err)
	}
	v, err := c.Decode(raw)
	if err != nil || !data.Equal(v, map[string]any{"list": list}) {
		t.Errorf("the list of 100,000 numbers beside it is not read back: %v", err)
	}
}

func parsed(t *testing.T, schema string) *Codec {
	t.Helper()
	c, err := ParseCodec([]byte(schema))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestSchemaThatGrowsWithEachUseOfATypeIsRefused(t *testing.T) {
	if !confine.Test(t, hard) {
		return
	}
	memory.Limit(0).LimitRuntime() // as the commands do
	for _, schema := range []string{
		doubling(30, emptyRecord, ""),
		doubling(60, emptyRecord, ""),
		doubling(30, `{"type":"record","name":"R0","fields":[{"name":"x","type":"int","default":1}]}`, `,"default":{}`),
	} {
		c, err := ParseCodec([]byte(schema))
		if err == nil {
			_, err = c.Decode(nil)
		}
		if !errors.Is(err, ErrSchema) || !strings.Contains(err.Error(), "types") {
			t.Errorf("ParseCodec of %d bytes = %v, want an error about the schema", len(schema), err)
		}
	}
	honest(t)
}

func TestSchemaNestedTooDeepIsRefused(t *testing.T) {
	if !confine.Test(t, hard) {
		return
	}
	memory.Limit(0).LimitRuntime() // as the commands do
	array := strings.Repeat(`{"type":"array","items":`, 3000) + `"int"` + strings.Repeat("}", 3000)
	chain := &strings.Builder{} // of references, without nesting in the text
	chain.WriteString(`{"type":"record","name":"Top","fields":[{"name":"f0","type":` + emptyRecord + `}`)
	for i := 1; i < 20_000; i++ {
		fmt.Fprintf(chain, `,{"name":"f%d","type":{"type":"record","name":"R%d","fields":[{"name":"a","type":"R%d"}]}}`,
			i, i, i-1)
	}
	chain.WriteString("]}")
	for _, text := range []string{array, chain.String()} {
		_, err := ParseCodec([]byte(text))
		if !errors.Is(err, ErrSchema) || len(err.Error()) > 8<<10 {
			t.Errorf("ParseCodec of %d bytes = %.300v, want a short error about the schema", len(text), err)
		}
	}
	honest(t)
}

func TestItemsThatTakeNoBytesAreBounded(t *testing.T) {
	if !confine.Test(t, hard) {
		return
	}
	memory.Limit(0).LimitRuntime()       // as the commands do
	few := doubling(10, emptyRecord, "") // 2,047 values in no bytes
	for _, schema := range []string{emptyRecord, few, `{"type":"fixed","name":"F","size":0}`} {
		c := parsed(t, `{"type":"array","items":`+schema+`}`)
		raw := manyItems(40_000)
		if _, err := c.Decode(raw); !errors.Is(err, ErrValue) {
			t.Errorf("a list in %d bytes of items without bytes: %v, want an error about the value", len(raw), err)
		}
	}
	honest(t)
}

// manyItems returns the blocks of a list of items without bytes, as many as a check
// of each count against the bytes that are left lets pass.
func manyItems(size int) (raw []byte) {
	for len(raw) < size {
		raw = datum.AppendLong(raw, int64(size-len(raw)-4))
	}
	return append(raw, 0)
}

func TestAUnionOfManyTypesCannotTakeMoreThanItsData(t *testing.T) {
	if !confine.Test(t, hard) {
		return
	}
	memory.Limit(0).LimitRuntime() // as the commands do
	types := make([]string, 2000)
	for i := range types {
		types[i] = fmt.Sprintf(`{"type":"fixed","name":"F%d","size":1}`, i)
	}
	c := parsed(t, `{"type":"array","items":[`+strings.Join(types, ",")+`]}`)
	raw := datum.AppendLong(nil, 20_000)
	for range 20_000 {
		raw = append(raw, 0, 'x')
	}
	if _, err := c.Decode(append(raw, 0)); !errors.Is(err, ErrValue) {
		t.Errorf("20,000 values of a union of 2,000 types: %v, want an error about the value", err)
	}
	honest(t)
}

// A default is tried for each type of a union, and in each for each type of the union
// within, until one fits.
func TestDefaultsOfUnionsInUnionsAreNotTriedWithoutEnd(t *testing.T) {
	schema, within, given := `"string"`, `"string"`, "1"
	for i := range 40 {
		schema = fmt.Sprintf(`[{"type":"record","name":"A%[1]d","fields":[{"name":"f","type":%[2]s}]},
			{"type":"record","name":"B%[1]d","fields":[{"name":"f","type":%[3]s}]}]`, i, schema, within)
		within = fmt.Sprintf(`["A%[1]d","B%[1]d"]`, i)
		given = `{"f":` + given + `}`
	}
	_, err := ParseSchema([]byte(`{"type":"record","name":"R","fields":[{"name":"f","type":` + schema +
		`,"default":` + given + `}]}`))
	if !errors.Is(err, ErrSchema) {
		t.Errorf("a default that fits none of 2^40 types: %v, want an error about the schema", err)
	}
}

// A null takes a byte, and becomes its default where the value is written.
func TestDefaultsCannotTakeMoreThanTheSchema(t *testing.T) {
	if !confine.Test(t, hard) {
		return
	}
	memory.Limit(0).LimitRuntime() // as the commands do
	schema, given := `"int"`, "1"
	for i := range 10 { // ten lists of ten, each item with the default of the one within
		schema = fmt.Sprintf(`{"type":"array","items":{"type":"record","name":"R%d",
			"fields":[{"name":"a","type":%s,"default":%s}]}}`, i, schema, given)
		given = "[" + strings.Repeat("{},", 9) + "{}]"
	}
	_, err := ParseCodec([]byte(schema))
	if !errors.Is(err, ErrSchema) || !strings.Contains(err.Error(), "default") {
		t.Errorf("ParseCodec of defaults of 10^10 values = %v, want an error about the schema", err)
	}
	honest(t)
}

func TestNullsCannotBecomeMoreThanTheirDataByTheirDefaults(t *testing.T) {
	if !confine.Test(t, hard) {
		return
	}
	memory.Limit(0).LimitRuntime() // as the commands do
	c := parsed(t, `{"type":"array","items":{"type":"record","name":"R","fields":[
		{"name":"a","type":[{"type":"array","items":"string"},"null"],"default":[`+
		strings.Repeat(`"0123456789",`, 999)+`"x"]}]}}`)
	raw := datum.AppendLong(nil, 100_000)
	for range 100_000 {
		raw = append(raw, 2)
	}
	if _, err := c.Decode(append(raw, 0)); !errors.Is(err, ErrValue) {
		t.Errorf("100,000 nulls with a default of 1,000 values: %v, want an error about the value", err)
	}
	honest(t)
}

func TestLargeDecimalsAreBounded(t *testing.T) {
	if !confine.Test(t, hard) {
		return
	}
	memory.Limit(0).LimitRuntime() // as the commands do
	c := parsed(t, `{"type":"array","items":{"type":"bytes","logicalType":"decimal","precision":10000,"scale":10000}}`)
	raw := datum.AppendLong(nil, 400_000)
	for range 400_000 {
		raw = append(raw, 2, 1)
	}
	if _, err := c.Decode(append(raw, 0)); !errors.Is(err, ErrValue) {
		t.Errorf("400,000 decimals of 10,000 decimals: %v, want an error about the value", err)
	}
	if _, err := c.Decode(append(datum.AppendBytes([]byte{2}, make([]byte, 1<<20)), 0)); !errors.Is(err, ErrValue) {
		t.Errorf("a decimal of 1 MiB: %v, want an error about the value", err)
	}
	honest(t)
}

func TestBlocksWithImpossibleCountsAndSizes(t *testing.T) {
	c := parsed(t, `{"type":"array","items":"int"}`)
	for name, raw := range map[string][]byte{
		"a count of -2^63":       datum.AppendLong(datum.AppendLong(nil, -1<<63), 4),
		"a count of 2^62":        datum.AppendLong(nil, 1<<62),
		"a size below 0":         append(datum.AppendLong(datum.AppendLong(nil, -1), -5), 2, 0),
		"a size beyond the data": append(datum.AppendLong(datum.AppendLong(nil, -1), 100), 2, 0),
	} {
		if v, err := c.Decode(raw); !errors.Is(err, ErrValue) {
			t.Errorf("%s: %v, %v, want an error", name, v, err)
		}
	}
	raw := append(datum.AppendLong(datum.AppendLong(nil, -2), 2), 2, 4, 0)
	if v, err := c.Decode(raw); err != nil || !data.Equal(v, []any{int32(1), int32(2)}) {
		t.Errorf("a block with its size: %v, %v", v, err)
	}
}

// allocated is how many bytes of memory f takes, those included that it gives back.
func allocated(f func()) float64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return float64(after.TotalAlloc - before.TotalAlloc)
}

// Twice the schema may take twice the memory, and not four times as much.
func TestTheCostOfASchemaGrowsWithItsLength(t *testing.T) {
	shapes := map[string]func(n int) string{
		"parameters": func(n int) string {
			return `{"type":"int","connect.parameters":{` + list(n, `"p%d":"x"`) + `}}`
		},
		"properties": func(n int) string { return `{"type":"int",` + list(n, `"avro.p%d":"x"`) + `}` },
		"symbols":    func(n int) string { return `{"type":"enum","name":"E","symbols":[` + list(n, `"s%d"`) + `]}` },
		"fields": func(n int) string {
			return `{"type":"record","name":"R","fields":[` + list(n, `{"name":"f%d","type":"int","connect.x":"y"}`) + `]}`
		},
	}
	for name, shape := range shapes {
		parse := func(n int) float64 {
			text := []byte(shape(n))
			return allocated(func() {
				if _, err := ParseCodec(text); err != nil {
					t.Fatal(err)
				}
			})
		}
		if one, two := parse(2000), parse(4000); two > 3*one {
			t.Errorf("%s: %.0f bytes for 2,000 and %.0f for 4,000", name, one, two)
		}
	}
}

// Names that differ only in what Avro does not allow get a number each.
func TestNamesThatBecomeTheSameGetNumbersInOnePass(t *testing.T) {
	const n = 200_000
	fields := make([]data.Field, n)
	for i := range fields {
		fields[i] = data.Field{Name: "-", Schema: &data.Schema{Kind: data.Int32}}
	}
	names := FieldNames(fields)
	if names[0] != "_" || names[1] != "__2" || names[n-1] != fmt.Sprintf("__%d", n) {
		t.Errorf("FieldNames = %s, %s … %s", names[0], names[1], names[n-1])
	}
}

// list returns n items, made of a format with a number.
func list(n int, format string) string {
	items := make([]string, n)
	for i := range items {
		items[i] = fmt.Sprintf(format, i)
	}
	return strings.Join(items, ",")
}
