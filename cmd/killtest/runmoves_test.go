package main

import (
	"testing"
	"time"
)

// A pause counts where it touches the time of the move, and by what has become of the task.
func TestPausesAreThoseOfTheMove(t *testing.T) {
	m := move{began: time.UnixMilli(1000), ended: time.UnixMilli(2000),
		before: map[int32]string{0: "a", 1: "a", 2: "a"}, after: map[int32]string{0: "a", 1: "b", 2: "a"}}
	stayed, moved, moves := m.pauses(map[int32][]int64{
		0: {100, 900, 1010, 1050, 2100, 4000}, // 1050 until after the end, and none of what is before or after
		1: {990, 1800, 2000},
		2: {1000, 1100},
	})
	if stayed != 1050 || moved != 810 || moves != 1 {
		t.Errorf("stayed %d ms, moved %d ms, %d moves; want 1050, 810, 1", stayed, moved, moves)
	}
}
