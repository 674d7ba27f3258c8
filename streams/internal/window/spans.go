package window

import (
	"fmt"
	"math"
	"time"
)

// Whole returns an error if one of the times that windows are made of is not in whole
// milliseconds, as timestamps are.
func Whole(windows string, times ...time.Duration) error {
	for _, d := range times {
		if d%time.Millisecond != 0 {
			return fmt.Errorf("%s with %v: timestamps have whole milliseconds only, so give it in these", windows, d)
		}
	}
	return nil
}

// Sum adds times, none of which is negative. What is too long to be told is forever.
func Sum(times ...time.Duration) (sum time.Duration) {
	for _, d := range times {
		if sum > math.MaxInt64-d {
			return math.MaxInt64
		}
		sum += d
	}
	return sum
}
