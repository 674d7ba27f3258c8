package transforms

import (
	"fmt"
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/connecttest"
	"github.com/suiro/suiro/transforms/internal/smt/smttest"
)

func TestReplaceField(t *testing.T) {
	smttest.Run(t, "replace_field", ReplaceFieldKeyPlugin(), ReplaceFieldValuePlugin())
}

func TestReplaceFieldKeepsThePromises(t *testing.T) {
	transform, err := NewReplaceField(Value, ReplaceFieldConfig{Exclude: []string{"f1"}, Renames: []string{"f2:x"}})
	if err != nil {
		t.Fatal(err)
	}
	connecttest.RunTransform(t, transform, smttest.Records()...)
}

func TestEqualSchemasStayOne(t *testing.T) {
	transform, err := NewReplaceField(Value, ReplaceFieldConfig{Exclude: []string{"f1"}})
	if err != nil {
		t.Fatal(err)
	}
	s, v := smttest.Wide()
	one, err1 := transform.Apply(&connect.Record{Value: connect.Decoded(s, v)})
	two, err2 := transform.Apply(&connect.Record{Value: connect.Decoded(s, v)})
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	a, _, _ := one.Value.Decode()
	b, _, _ := two.Value.Decode()
	if a != b {
		t.Error("two records of one schema came out with two")
	}
}

func FuzzParseRenames(f *testing.F) {
	f.Add("host:server")
	f.Add("a:b:c")
	f.Fuzz(func(t *testing.T, item string) {
		renames, err := parseRenames([]string{item})
		if err != nil {
			return
		}
		for from, to := range renames {
			if from+":"+to != item || from == "" || to == "" {
				t.Errorf("parseRenames(%q) = %q to %q", item, from, to)
			}
		}
	})
}

func ExampleReplaceField() {
	replace, err := NewReplaceField(Value, ReplaceFieldConfig{Exclude: []string{"ua"}, Renames: []string{"host:server"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := replace.Apply(&connect.Record{
		Value: connect.Decoded(nil, map[string]any{"host": "a", "status": int64(200), "ua": "x"})})
	if err != nil {
		fmt.Println(err)
		return
	}
	_, v, err := r.Value.Decode()
	fmt.Println(v, err)
	// Output: map[server:a status:200] <nil>
}

func BenchmarkReplaceField(b *testing.B) {
	replace, err := NewReplaceField(Value, ReplaceFieldConfig{Exclude: []string{"f1", "f2"}, Renames: []string{"f3:x"}})
	if err != nil {
		b.Fatal(err)
	}
	s, v := smttest.Wide()
	smttest.Benchmark(b, replace, &connect.Record{Topic: "access", Value: connect.Decoded(s, v)})
}
