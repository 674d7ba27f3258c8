package routers

import (
	"fmt"
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/connecttest"
	"github.com/suiro/suiro/transforms/internal/smt/smttest"
)

func TestExpressionRouter(t *testing.T) {
	smttest.Run(t, "expression_router", ExpressionRouterPlugin())
}

func TestExpressionRouterKeepsThePromises(t *testing.T) {
	transform, err := NewExpressionRouter(ExpressionRouterConfig{Topic: `value.f1 > 5 ? "large" : topic`})
	if err != nil {
		t.Fatal(err)
	}
	connecttest.RunTransform(t, transform, smttest.Records()...)
}

func ExampleExpressionRouter() {
	transform, err := NewExpressionRouter(ExpressionRouterConfig{Topic: `value.status >= 500 ? "errors" : topic`})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, status := range []int64{200, 503} {
		r, err := transform.Apply(&connect.Record{Topic: "access",
			Value: connect.Decoded(nil, map[string]any{"status": status})})
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(r.Topic)
	}
	// Output:
	// access
	// errors
}

func BenchmarkExpressionRouter(b *testing.B) {
	transform, err := NewExpressionRouter(ExpressionRouterConfig{Topic: `value.f1 > 5 ? "large" : topic`})
	if err != nil {
		b.Fatal(err)
	}
	smttest.Benchmark(b, transform, smttest.Records()[0])
}
