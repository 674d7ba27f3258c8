package transforms

import (
	"fmt"
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/connecttest"
	"github.com/suiro/suiro/transforms/internal/smt/smttest"
)

func TestMaskField(t *testing.T) {
	smttest.Run(t, "mask_field", MaskFieldKeyPlugin(), MaskFieldValuePlugin())
}

func TestMaskFieldKeepsThePromises(t *testing.T) {
	transform, err := NewMaskField(Value, MaskFieldConfig{Fields: []string{"f1", "f2"}})
	if err != nil {
		t.Fatal(err)
	}
	connecttest.RunTransform(t, transform, smttest.Records()...)
}

func ExampleMaskField() {
	transform, err := NewMaskField(Value, MaskFieldConfig{Fields: []string{"user", "age"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := transform.Apply(&connect.Record{Value: connect.Decoded(nil, map[string]any{"user": "x", "age": int64(30), "ok": true})})
	if err != nil {
		fmt.Println(err)
		return
	}
	_, v, err := r.Value.Decode()
	fmt.Println(v, err)
	// Output: map[age:0 ok:true user:] <nil>
}

func BenchmarkMaskField(b *testing.B) {
	transform, err := NewMaskField(Value, MaskFieldConfig{Fields: []string{"f1", "f2"}})
	if err != nil {
		b.Fatal(err)
	}
	smttest.Benchmark(b, transform, smttest.Records()[0])
}
