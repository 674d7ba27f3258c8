package lag_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/suiro/suiro/streams/internal/lag"
)

// check compares the lag of in-0; -1 is none.
func check(t *testing.T, tr *lag.Tracker, when string, want int64) {
	t.Helper()
	got := int64(-1)
	for _, l := range tr.Lags() {
		if l.Topic == "in" && l.Partition == 0 {
			got = l.Records
		}
	}
	if got != want {
		t.Errorf("%s: lag %d, want %d", when, got, want)
	}
}

func TestLagIsWhatIsNotCommitted(t *testing.T) {
	tr := lag.New(func(string, int32, int64, int64) { t.Error("something was missed") })
	tr.Own("in", 0, 100)
	check(t, tr, "before a broker told the end", -1)
	tr.End("in", 0, 130)
	check(t, tr, "at the start", 30)
	tr.Read("in", 0, 120, 140)
	check(t, tr, "read and not committed", 40)
	tr.Commit("in", 0)
	check(t, tr, "committed", 20)
	tr.Read("in", 0, 140, 140)
	tr.Abort("in", 0)
	tr.Commit("in", 0)
	check(t, tr, "aborted, and another epoch without records", 20)
	tr.Read("in", 0, 141, 141) // the last offset is a transaction marker
	tr.Commit("in", 0)
	check(t, tr, "all is committed", 0)
	tr.Lose("in", 0)
	check(t, tr, "lost", -1)
	tr.End("in", 0, 200)
	check(t, tr, "of another instance", -1)
}

// What retention has deleted in front of the reader is told once, also when an epoch is
// aborted afterwards.
func TestGapsAreToldOnce(t *testing.T) {
	var got []string
	tr := lag.New(func(topic string, id int32, from, to int64) {
		got = append(got, fmt.Sprintf("%s-%d %d to %d", topic, id, from, to))
	})
	tr.Own("in", 0, 3)
	tr.Begin("in", 0, 0)
	tr.Begin("in", 0, 6)
	tr.Read("in", 0, 9, 9)
	tr.Abort("in", 0)
	tr.Begin("in", 0, 6)
	tr.Read("in", 0, 9, 9)
	tr.Begin("in", 0, 8) // behind the reader
	tr.Commit("in", 0)
	tr.Begin("in", 0, 12)
	tr.Begin("in", 1, 5) // of another instance
	if want := []string{"in-0 3 to 6", "in-0 9 to 12"}; !slices.Equal(got, want) {
		t.Errorf("missed %q, want %q", got, want)
	}
}
