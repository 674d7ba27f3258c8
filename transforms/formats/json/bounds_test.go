package json

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/internal/confine"
	"github.com/suiro/suiro/internal/memory"
)

// hard is the memory of the process in which the tests of this file run.
const hard = 512 << 20

// honest are messages beside the attack, which have to be read as ever.
func honest(t *testing.T, c *Codec) {
	t.Helper()
	fields, payload := make([]string, 20_000), make([]string, 20_000)
	for i := range fields {
		fields[i] = fmt.Sprintf(`{"type":"string","field":"f%d"}`, i)
		payload[i] = fmt.Sprintf(`"f%d":"%s"`, i, strings.Repeat("x", 40))
	}
	raw := envelope(`{"type":"struct","fields":[`+strings.Join(fields, ",")+`]}`, "{"+strings.Join(payload, ",")+"}")
	_, v, err := c.Decode(raw)
	if m, _ := v.(map[string]any); err != nil || len(m) != len(fields) {
		t.Errorf("a struct of 20,000 fields in %d bytes: %d fields, %v", len(raw), len(m), err)
	}
	list := "[" + strings.Repeat(`{"id":1,"name":"somebody"},`, 40_000) + "{}]"
	if v, err := Decode([]byte(list), nil, false); err != nil || len(v.([]any)) != 40_001 {
		t.Errorf("a list of 40,001 objects in %d bytes: %v", len(list), err)
	}
}

func envelope(schema, payload string) []byte {
	return []byte(`{"schema":` + schema + `,"payload":` + payload + `}`)
}

func newEnvelopes() *Codec { return NewCodec(Options{Envelope: true, Kept: 1000}) }

// list returns n items, made of a format with a number.
func list(n int, format string) string {
	items := make([]string, n)
	for i := range items {
		items[i] = fmt.Sprintf(format, i)
	}
	return strings.Join(items, ",")
}

func TestAMessageCannotTakeFarMoreMemoryThanItsBytes(t *testing.T) {
	if !confine.Test(t, hard) {
		return
	}
	memory.Limit(0).LimitRuntime() // as the commands do
	wide := `{"type":"struct","fields":[` + list(10_000, `{"type":"int32","optional":true,"field":"f%d"}`) + `]}`
	filled := `{"type":"string","optional":true,"default":"` + strings.Repeat("x", 10_000) + `"}`
	nested := `{"type":"int32","optional":true,"default":1,"field":"a"}`
	for range 10 { // each default is a list of ten times the one within
		nested = `{"type":"array","field":"a","default":[` + strings.Repeat("{},", 9) +
			`{}],"items":{"type":"struct","fields":[` + nested + `]}}`
	}
	decimal := `{"type":"bytes","name":"org.apache.kafka.connect.data.Decimal","parameters":{"scale":"10000"}}`
	c := newEnvelopes()
	for name, m := range map[string][]byte{
		"structs without members":  envelope(arrayOf(wide), "["+strings.Repeat("{},", 200_000)+"{}]"),
		"nulls with defaults":      envelope(arrayOf(filled), "["+strings.Repeat("null,", 200_000)+"null]"),
		"defaults in defaults":     envelope(nested, `[]`),
		"decimals with exponents":  envelope(arrayOf(decimal), "["+strings.Repeat("1e9999,", 100_000)+"1]"),
		"decimals with decimals":   envelope(arrayOf(decimal), "["+strings.Repeat(`"AQ==",`, 100_000)+`"AQ=="]`),
		"a decimal of many digits": envelope(decimal, `"`+strings.Repeat("AAAA", 1<<18)+`"`),
		"a large exponent":         envelope(decimal, "1e1000000000"),
	} {
		if _, _, err := c.Decode(m); !errors.Is(err, data.ErrInvalid) {
			t.Errorf("%s, in %d bytes: %v, want an error about the message", name, len(m), err)
		}
	}
	honest(t, c)
}

func arrayOf(items string) string { return `{"type":"array","items":` + items + `}` }

// A producer may send another schema with each message.
func TestSchemasThatAreKeptAreBoundedInBytes(t *testing.T) {
	if !confine.Test(t, hard) {
		return
	}
	memory.Limit(0).LimitRuntime() // as the commands do
	c := newEnvelopes()
	for i := range 400 {
		schema := fmt.Sprintf(`{"type":"int32","name":"%d","doc":"%s"}`, i, strings.Repeat("x", 1<<20))
		if _, _, err := c.Decode(envelope(schema, "null")); err == nil {
			t.Fatal("null is read as a number that is not optional")
		}
	}
	honest(t, c)
}

// Twice the fields take twice the comparisons of names, whatever their order.
func TestTheCostOfAStructGrowsWithItsFields(t *testing.T) {
	for name, member := range map[string]func(i, n int) int{
		"in order": func(i, _ int) int { return i }, "backwards": func(i, n int) int { return n - 1 - i },
		"mixed": func(i, n int) int { return i * 7919 % n }, "unknown": func(i, n int) int { return n + i },
	} {
		compared := func(n int) int {
			s := &data.Schema{Kind: data.Struct}
			for i := range n {
				s.Fields = append(s.Fields, data.Field{Name: fmt.Sprint(i),
					Schema: &data.Schema{Kind: data.Int32, Optional: true}})
			}
			members := make([]string, n)
			for i := range members {
				members[i] = fmt.Sprintf(`"%d":1`, member(i, n))
			}
			d := newDecoder([]byte("{"+strings.Join(members, ",")+"}"), false)
			if _, err := d.value(s); err != nil {
				t.Fatal(err)
			}
			return d.compared
		}
		if one, two := compared(2000), compared(4000); one > 3*2000 || two > 3*4000 {
			t.Errorf("%s: %d comparisons for 2,000 fields and %d for 4,000", name, one, two)
		}
	}
}

// Every byte is read once, however deep it is, also behind a value that is refused.
func TestARefusedValueIsPassedOverOnce(t *testing.T) {
	s := &data.Schema{Kind: data.Int32}
	text := `"x"`
	for range 300 {
		list := &data.Schema{Kind: data.Array, Elem: s}
		s = &data.Schema{Kind: data.Struct, Fields: []data.Field{{Name: "a", Schema: list}}}
		text = `{"a":[` + text + `],"b":[1,2,{"c":"d"}]}`
	}
	d := newDecoder([]byte(text), false)
	_, err := d.value(s)
	if !errors.Is(err, data.ErrInvalid) || d.at != len(text) || d.depth != 0 {
		t.Errorf("value = %.200v, at %d of %d, depth %d; want an error behind the value", err, d.at, len(text), d.depth)
	}
	for _, text := range []string{`[[1,"x"],[1,2,3],4,[5]]`, `[["y",1],[2,2]]`, `[7]`, `[[1,2,3]]`, `[[]]`, `[[1]]`} {
		d := newDecoder([]byte(text), false)
		number := &data.Schema{Kind: data.Int32}
		_, err := d.value(&data.Schema{Kind: data.Map, Key: number, Elem: number})
		if !errors.Is(err, data.ErrInvalid) || d.at != len(text) || d.depth != 0 {
			t.Errorf("%s: %v, at %d, depth %d; want an error behind the value", text, err, d.at, d.depth)
		}
	}
}

func TestWholeNumbersWithExponents(t *testing.T) {
	for text, want := range map[string]int64{"1.0": 1, "1e2": 100, "0e99999": 0, "-0.0e-99999": 0, "12e-1": -1,
		"1e9999": -1, "1e-9999": -1, "9223372036854775807.0": 9223372036854775807, "9223372036854775808.0": -1,
		"100000000000000000000000e-23": 1, "1e999999999999": -1} {
		got, ok := wholeNumber(text)
		if ok != (want >= 0) || ok && got != want {
			t.Errorf("wholeNumber(%s) = %d, %v, want %d", text, got, ok, want)
		}
	}
}

// What a schema's text says is written again, and the same schema is read from that.
func FuzzReadSchema(f *testing.F) {
	f.Add([]byte(`{"type":"struct","name":"x","optional":true,"fields":[{"type":"int32","field":"a","default":1},` +
		`{"type":"array","items":{"type":"string"},"field":"b","doc":"d"}],"version":2,"parameters":{"p":"q"}}`))
	f.Add([]byte(`{"type":"map","keys":{"type":"int8"},"values":{"type":"bytes",` +
		`"name":"org.apache.kafka.connect.data.Decimal","parameters":{"scale":"2"}},"default":[[1,"AQ=="]]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		s, err := ReadSchema(text, false)
		if err != nil {
			return
		}
		written, err := AppendSchema(nil, s, data.JSONOptions{})
		if err != nil {
			return // a name of a logical type that does not fit its kind, with a default
		}
		again, err := ReadSchema(written, false)
		if err != nil || !again.Equal(s) {
			t.Errorf("%s is written as %s, which is read as %+v, %v", text, written, again, err)
		}
	})
}
