package main

import (
	"slices"
	"testing"
	"time"
)

// A pause counts where it touches the time of the move, and by what has become of the task.
func TestPausesAreThoseOfTheMove(t *testing.T) {
	m := move{began: time.UnixMilli(1000), ended: time.UnixMilli(2000),
		before: map[int32]string{0: "a", 1: "a", 2: "a"}, after: map[int32]string{0: "a", 1: "b", 2: "a"}}
	p := m.pauses(map[int32][]int64{
		0: {100, 900, 1010, 1050, 2100, 4000}, // 1050 until after the end, and none of what is before or after
		1: {990, 1800, 2000},
		2: {1000, 1100},
	})
	if want := []int64{40, 100, 110, 1050}; !slices.Equal(p.stayed, want) {
		t.Errorf("tasks that stayed paused for %v ms, want %v", p.stayed, want)
	}
	if want := []int64{810}; !slices.Equal(p.moved, want) {
		t.Errorf("tasks that moved paused for %v ms, want %v", p.moved, want)
	}
	for part, want := range map[float64]string{0: "40 ms", 0.5: "110 ms", 1: "1050 ms"} {
		if got := quantile(p.stayed, part); got != want {
			t.Errorf("quantile(%v) = %s, want %s", part, got, want)
		}
	}
	if got := quantile(nil, 1); got != "-" {
		t.Errorf("quantile of nothing = %s, want -", got)
	}
}
