package transforms

import (
	"fmt"
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/connecttest"
	"github.com/suiro/suiro/transforms/internal/smt/smttest"
)

func TestHoistField(t *testing.T) {
	smttest.Run(t, "hoist_field", HoistFieldKeyPlugin(), HoistFieldValuePlugin())
}

func TestHoistFieldKeepsThePromises(t *testing.T) {
	transform, err := NewHoistField(Value, HoistFieldConfig{Field: "line"})
	if err != nil {
		t.Fatal(err)
	}
	connecttest.RunTransform(t, transform, smttest.Records()...)
}

func ExampleHoistField() {
	transform, err := NewHoistField(Value, HoistFieldConfig{Field: "line"})
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := transform.Apply(&connect.Record{Value: connect.Decoded(nil, "GET /")})
	if err != nil {
		fmt.Println(err)
		return
	}
	_, v, err := r.Value.Decode()
	fmt.Println(v, err)
	// Output: map[line:GET /] <nil>
}

func BenchmarkHoistField(b *testing.B) {
	transform, err := NewHoistField(Value, HoistFieldConfig{Field: "line"})
	if err != nil {
		b.Fatal(err)
	}
	smttest.Benchmark(b, transform, smttest.Records()[0])
}
