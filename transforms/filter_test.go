package transforms

import (
	"fmt"
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/connecttest"
)

func TestFilter(t *testing.T) { runCases(t, "filter") }

func TestFilterKeepsThePromises(t *testing.T) {
	transform, err := NewFilter(FilterConfig{})
	if err != nil {
		t.Fatal(err)
	}
	connecttest.RunTransform(t, transform, promised()...)
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
