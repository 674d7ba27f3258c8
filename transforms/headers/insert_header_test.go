package headers

import (
	"fmt"
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/connecttest"
	"github.com/suiro/suiro/transforms/internal/smt/smttest"
)

func TestInsertHeader(t *testing.T) { smttest.Run(t, "insert_header", InsertHeaderPlugin()) }

func TestInsertHeaderKeepsThePromises(t *testing.T) {
	transform, err := NewInsertHeader(InsertHeaderConfig{Header: "h", Value: "1"})
	if err != nil {
		t.Fatal(err)
	}
	connecttest.RunTransform(t, transform, smttest.Records()...)
}

func ExampleInsertHeader() {
	transform, err := NewInsertHeader(InsertHeaderConfig{Header: "site", Value: "tokyo"})
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := transform.Apply(&connect.Record{Topic: "access"})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, h := range r.Headers {
		fmt.Println(h.Key, h.Value)
	}
	// Output: site tokyo
}

func BenchmarkInsertHeader(b *testing.B) {
	transform, err := NewInsertHeader(InsertHeaderConfig{Header: "h", Value: "1"})
	if err != nil {
		b.Fatal(err)
	}
	smttest.Benchmark(b, transform, smttest.Records()[0])
}
