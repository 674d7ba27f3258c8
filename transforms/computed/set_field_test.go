package computed

import (
	"fmt"
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/connecttest"
	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/transforms/internal/smt"
	"github.com/suiro/suiro/transforms/internal/smt/smttest"
)

func TestSetField(t *testing.T) {
	smttest.Run(t, "set_field", SetFieldKeyPlugin(), SetFieldValuePlugin())
}

func TestSetFieldKeepsThePromises(t *testing.T) {
	transform, err := NewSetField(smt.Value, SetFieldConfig{Fields: `{f1: value.f1 * 2, twice: value.f1 + value.f1, at: topic}`})
	if err != nil {
		t.Fatal(err)
	}
	connecttest.RunTransform(t, transform, smttest.Records()...)
}

func TestRecordsOfOneTypeKeepOneSchema(t *testing.T) {
	transform, err := NewSetField(smt.Value, SetFieldConfig{Fields: `{all: map(1..3, # * value.f1), at: timestamp, of: topic}`})
	if err != nil {
		t.Fatal(err)
	}
	r := smttest.Records()[0]
	var schemas []*data.Schema
	for range 2 {
		out, err := transform.Apply(r)
		if err != nil {
			t.Fatal(err)
		}
		s, _, _ := out.Value.Decode()
		schemas = append(schemas, s)
	}
	if schemas[0] != schemas[1] {
		t.Error("two records of one schema came out with two")
	}
}

func FuzzSetField(f *testing.F) {
	f.Add("{total: value.f1 * 2, f2: nil}", "total:string")
	f.Add("{f1: value.f1 / 2, f3: [1, 2], f4: {a: 1}}", "f1:int8")
	f.Add("{a: value, b: $env, c: timestamp, d: value.f2[1]?.b}", "")
	f.Fuzz(func(t *testing.T, fields, types string) {
		c := SetFieldConfig{Fields: fields}
		if types != "" {
			c.Types = []string{types}
		}
		transform, err := NewSetField(smt.Value, c)
		if err != nil {
			return
		}
		for i, r := range smttest.Records() {
			out, err := transform.Apply(r)
			_, got, _ := r.Value.Decode()
			_, want, _ := smttest.Records()[i].Value.Decode()
			if !data.Equal(got, want) {
				t.Fatalf("%q changes the record to %v", fields, got)
			}
			if err != nil {
				continue
			}
			s, v, _ := out.Value.Decode()
			if _, err := data.AppendJSON(nil, s, v, data.JSONOptions{}); err != nil && s != nil {
				t.Errorf("%q makes a value that is not of its schema: %v", fields, err)
			}
		}
	})
}

func ExampleSetField() {
	transform, err := NewSetField(smt.Value, SetFieldConfig{
		Fields: `{total: value.price * value.count, host: lower(value.host)}`, Types: []string{"total:float64"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := transform.Apply(&connect.Record{Topic: "orders", Value: connect.Decoded(nil,
		map[string]any{"price": 2.5, "count": int64(3), "host": "A.Example"})})
	if err != nil {
		fmt.Println(err)
		return
	}
	_, v, err := r.Value.Decode()
	fmt.Println(v, err)
	// Output: map[count:3 host:a.example price:2.5 total:7.5] <nil>
}

func BenchmarkSetField(b *testing.B) {
	transform, err := NewSetField(smt.Value, SetFieldConfig{Fields: `{f1: value.f1 * 2, total: value.f1 + value.f2}`})
	if err != nil {
		b.Fatal(err)
	}
	smttest.Benchmark(b, transform, smttest.Records()[0])
}
