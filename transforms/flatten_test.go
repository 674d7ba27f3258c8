package transforms

import (
	"fmt"
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/connecttest"
	"github.com/suiro/suiro/transforms/internal/smt/smttest"
)

func TestFlatten(t *testing.T) { smttest.Run(t, "flatten", FlattenKeyPlugin(), FlattenValuePlugin()) }

func TestFlattenKeepsThePromises(t *testing.T) {
	transform, err := NewFlatten(Value, FlattenConfig{Delimiter: "."})
	if err != nil {
		t.Fatal(err)
	}
	connecttest.RunTransform(t, transform, smttest.Records()...)
}

func ExampleFlatten() {
	transform, err := NewFlatten(Value, FlattenConfig{Delimiter: "_"})
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
	// Output: map[user_id:7] <nil>
}

func BenchmarkFlatten(b *testing.B) {
	transform, err := NewFlatten(Value, FlattenConfig{Delimiter: "."})
	if err != nil {
		b.Fatal(err)
	}
	smttest.Benchmark(b, transform, smttest.Records()[0])
}
