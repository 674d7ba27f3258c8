package honest_test

import (
	"strings"
	"testing"

	"github.com/suiro/suiro/cmd/internal/attack/honest"
)

func TestTallyCountsWhatWasFed(t *testing.T) {
	for _, c := range []struct {
		name    string
		fed     int
		arrives []int
		want    string // in the error, "" for none
		arrived int
	}{
		{"all", 3, []int{2, 0, 1}, "", 3},
		{"one missing", 3, []int{0, 2}, "1 are missing, 0 are there more than once", 1},
		{"the last missing", 3, []int{0, 1}, "1 are missing", 2},
		{"one twice", 3, []int{0, 1, 1, 2}, "0 are missing, 1 are there more than once", 3},
		{"one that was never fed", 2, []int{0, 1, 5}, "1 were never fed", 2},
		{"none", 0, nil, "", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			lane := honest.NewLane("secret", "a")
			tally := honest.NewTally(lane)
			var text strings.Builder
			for _, n := range c.arrives {
				text.WriteString(`{"id":"` + lane.Next(n) + `","other":"secret-a-","b":1}`)
			}
			lane.Feed(c.fed)
			tally.Scan([]byte(text.String()))
			if got := tally.Arrived(); got != c.arrived {
				t.Errorf("Arrived = %d, want %d", got, c.arrived)
			}
			err := tally.Wrong()
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("Wrong = %v, want %q in it", err, c.want)
			}
		})
	}
}

func TestTallyPassesOverOtherLanes(t *testing.T) {
	a, b := honest.NewLane("secret", "a"), honest.NewLane("secret", "b")
	tally := honest.NewTally(a)
	tally.Scan([]byte(b.Next(0) + " " + a.Next(0)[:10]))
	if id, ok := tally.Any(); ok {
		t.Errorf("the tally has seen %s, want nothing", id)
	}
	tally.Scan([]byte(a.Next(0)))
	if id, ok := tally.Any(); !ok || id != a.Next(0) {
		t.Errorf("Any = %s, %v, want %s", id, ok, a.Next(0))
	}
}
