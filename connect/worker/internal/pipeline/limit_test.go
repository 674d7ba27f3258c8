package pipeline

import (
	"testing"
	"time"
)

func TestALimitBeginsAgainWithEachWindow(t *testing.T) {
	l := &limit{most: 3, window: time.Minute}
	start := time.Unix(1_000_000, 0)
	for _, step := range []struct {
		after time.Duration
		n     int64
		ok    bool
	}{
		{0, 2, true},
		{30 * time.Second, 2, false}, // and none of the two counts
		{59 * time.Second, 1, true},
		{59 * time.Second, 1, false},
		{60 * time.Second, 3, true},
		{119 * time.Second, 1, false},
		{10 * time.Hour, 4, false},
		{10 * time.Hour, 3, true},
	} {
		if ok := l.take(step.n, start.Add(step.after)); ok != step.ok {
			t.Errorf("%d more after %v: %v, want %v", step.n, step.after, ok, step.ok)
		}
	}
	if without := new(limit); !without.take(1<<40, start) {
		t.Error("there is a limit that nobody has set")
	}
}
