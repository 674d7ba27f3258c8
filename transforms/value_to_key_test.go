package transforms

import (
	"fmt"
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/connecttest"
	"github.com/suiro/suiro/transforms/internal/smt/smttest"
)

func TestValueToKey(t *testing.T) { smttest.Run(t, "value_to_key", ValueToKeyPlugin()) }

func TestValueToKeyKeepsThePromises(t *testing.T) {
	transform, err := NewValueToKey(ValueToKeyConfig{Fields: []string{"f1", "f2"}})
	if err != nil {
		t.Fatal(err)
	}
	connecttest.RunTransform(t, transform, smttest.Records()...)
}

func ExampleValueToKey() {
	transform, err := NewValueToKey(ValueToKeyConfig{Fields: []string{"host"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := transform.Apply(&connect.Record{Value: connect.Decoded(nil, map[string]any{"host": "a", "status": int64(200)})})
	if err != nil {
		fmt.Println(err)
		return
	}
	_, k, err := r.Key.Decode()
	fmt.Println(k, err)
	// Output: map[host:a] <nil>
}

func BenchmarkValueToKey(b *testing.B) {
	transform, err := NewValueToKey(ValueToKeyConfig{Fields: []string{"f1", "f2"}})
	if err != nil {
		b.Fatal(err)
	}
	smttest.Benchmark(b, transform, smttest.Records()[0])
}
