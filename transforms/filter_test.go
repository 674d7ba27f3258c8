package transforms

import (
	"fmt"
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/connecttest"
	"github.com/suiro/suiro/transforms/internal/smt/smttest"
)

func TestFilter(t *testing.T) { smttest.Run(t, "filter", FilterPlugin()) }

func TestFilterKeepsThePromises(t *testing.T) {
	transform, err := NewFilter(FilterConfig{})
	if err != nil {
		t.Fatal(err)
	}
	connecttest.RunTransform(t, transform, smttest.Records()...)
}

func ExampleFilter() {
	filter, err := NewFilter(FilterConfig{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(filter.Apply(&connect.Record{Topic: "access"}))
	// Output: <nil> <nil>
}
