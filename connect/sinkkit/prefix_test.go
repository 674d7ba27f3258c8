package sinkkit_test

import (
	"testing"

	"github.com/suiro/suiro/connect/sinkkit"
)

func TestSafeStopsAtTheFirstRecordThatIsNotSettled(t *testing.T) {
	var prefix sinkkit.Prefix
	want := func(safe int64, left int) {
		t.Helper()
		if got := prefix.Safe(20); got != safe || prefix.Len() != left {
			t.Errorf("Safe = %d with %d records left, want %d and %d", got, prefix.Len(), safe, left)
		}
	}
	want(20, 0)
	a, b, c := prefix.Add(10), prefix.Add(12), prefix.Add(19) // offsets have gaps
	want(10, 3)
	b.Settle()
	want(10, 3)
	a.Settle()
	a.Settle()
	want(19, 1)
	c.Settle()
	want(20, 0)
}
