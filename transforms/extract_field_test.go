package transforms

import (
	"fmt"
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/connecttest"
	"github.com/suiro/suiro/transforms/internal/smt/smttest"
)

func TestExtractField(t *testing.T) {
	smttest.Run(t, "extract_field", ExtractFieldKeyPlugin(), ExtractFieldValuePlugin())
}

func TestExtractFieldKeepsThePromises(t *testing.T) {
	transform, err := NewExtractField(Value, ExtractFieldConfig{Field: "f1"})
	if err != nil {
		t.Fatal(err)
	}
	connecttest.RunTransform(t, transform, smttest.Records()...)
}

func ExampleExtractField() {
	transform, err := NewExtractField(Value, ExtractFieldConfig{Field: "user.id", Syntax: "V2"})
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := transform.Apply(&connect.Record{Value: connect.Decoded(nil, map[string]any{"user": map[string]any{"id": int64(7)}})})
	if err != nil {
		fmt.Println(err)
		return
	}
	_, v, err := r.Value.Decode()
	fmt.Println(v, err)
	// Output: 7 <nil>
}

func BenchmarkExtractField(b *testing.B) {
	transform, err := NewExtractField(Value, ExtractFieldConfig{Field: "f1"})
	if err != nil {
		b.Fatal(err)
	}
	smttest.Benchmark(b, transform, smttest.Records()[0])
}
