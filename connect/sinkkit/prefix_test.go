package sinkkit_test

import (
	"testing"

	"github.com/suiro/suiro/connect/sinkkit"
)

func TestSafeStopsAtTheFirstRecordThatIsNotSettled(t *testing.T) {
	var prefix sinkkit.Prefix
	want := func(safe int64) {
		t.Helper()
		if got := prefix.Safe(20); got != safe {
			t.Errorf("Safe = %d, want %d", got, safe)
		}
	}
	want(20)
	a, b, c := prefix.Add(10), prefix.Add(12), prefix.Add(19) // offsets have gaps
	want(10)
	b.Settle()
	want(10)
	a.Settle()
	a.Settle()
	want(19)
	c.Settle()
	want(20)
}
