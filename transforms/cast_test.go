package transforms

import (
	"fmt"
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/connecttest"
	"github.com/suiro/suiro/transforms/internal/smt/smttest"
)

func TestCast(t *testing.T) { smttest.Run(t, "cast", CastKeyPlugin(), CastValuePlugin()) }

func TestCastKeepsThePromises(t *testing.T) {
	transform, err := NewCast(Value, CastConfig{Spec: []string{"f1:string", "f0:int8"}})
	if err != nil {
		t.Fatal(err)
	}
	connecttest.RunTransform(t, transform, smttest.Records()...)
}

func ExampleCast() {
	transform, err := NewCast(Value, CastConfig{Spec: []string{"status:int32", "bytes:string"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := transform.Apply(&connect.Record{Value: connect.Decoded(nil, map[string]any{"status": "200", "bytes": 1024.0})})
	if err != nil {
		fmt.Println(err)
		return
	}
	_, v, err := r.Value.Decode()
	fmt.Println(v, err)
	// Output: map[bytes:1024.0 status:200] <nil>
}

func BenchmarkCast(b *testing.B) {
	transform, err := NewCast(Value, CastConfig{Spec: []string{"f1:string", "f0:int8"}})
	if err != nil {
		b.Fatal(err)
	}
	smttest.Benchmark(b, transform, smttest.Records()[0])
}
