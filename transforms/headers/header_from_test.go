package headers

import (
	"fmt"
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/connecttest"
	"github.com/suiro/suiro/transforms/internal/smt"
	"github.com/suiro/suiro/transforms/internal/smt/smttest"
)

func TestHeaderFrom(t *testing.T) {
	smttest.Run(t, "header_from", HeaderFromKeyPlugin(), HeaderFromValuePlugin())
}

func TestHeaderFromKeepsThePromises(t *testing.T) {
	transform, err := NewHeaderFrom(smt.Value, HeaderFromConfig{Fields: []string{"f1"}, Headers: []string{"h"},
		Operation: "move"})
	if err != nil {
		t.Fatal(err)
	}
	connecttest.RunTransform(t, transform, smttest.Records()...)
}

func ExampleHeaderFrom() {
	transform, err := NewHeaderFrom(smt.Value, HeaderFromConfig{Fields: []string{"host"}, Headers: []string{"h"},
		Operation: "move"})
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := transform.Apply(&connect.Record{Value: connect.Decoded(nil, map[string]any{"host": "a", "status": int64(200)})})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, h := range r.Headers {
		fmt.Println(h.Key, h.Value)
	}
	// Output: h a
}

func BenchmarkHeaderFrom(b *testing.B) {
	transform, err := NewHeaderFrom(smt.Value, HeaderFromConfig{Fields: []string{"f1"}, Headers: []string{"h"},
		Operation: "move"})
	if err != nil {
		b.Fatal(err)
	}
	smttest.Benchmark(b, transform, smttest.Records()[0])
}
