package transforms

import (
	"fmt"
	"testing"

	"github.com/suiro/suiro/connect"
)

func TestFilter(t *testing.T) { runCases(t, "filter") }

func ExampleFilter() {
	filter, err := NewFilter(FilterConfig{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(filter.Apply(&connect.Record{Topic: "access"}))
	// Output: <nil> <nil>
}
