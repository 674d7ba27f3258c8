package headers

import (
	"fmt"
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/connecttest"
	"github.com/suiro/suiro/transforms/internal/smt/smttest"
)

func TestDropHeaders(t *testing.T) { smttest.Run(t, "drop_headers", DropHeadersPlugin()) }

func TestDropHeadersKeepsThePromises(t *testing.T) {
	transform, err := NewDropHeaders(DropHeadersConfig{Headers: []string{"a"}})
	if err != nil {
		t.Fatal(err)
	}
	connecttest.RunTransform(t, transform, smttest.Records()...)
}

func ExampleDropHeaders() {
	transform, err := NewDropHeaders(DropHeadersConfig{Headers: []string{"trace"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := transform.Apply(&connect.Record{Headers: []connect.Header{{Key: "trace", Value: "x"}, {Key: "site", Value: "tokyo"}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, h := range r.Headers {
		fmt.Println(h.Key, h.Value)
	}
	// Output: site tokyo
}

func BenchmarkDropHeaders(b *testing.B) {
	transform, err := NewDropHeaders(DropHeadersConfig{Headers: []string{"a"}})
	if err != nil {
		b.Fatal(err)
	}
	smttest.Benchmark(b, transform, smttest.Records()[0])
}
