package worker

import (
	"math"
	"testing"
	"time"
)

func TestBackoffDoublesUpToItsLimit(t *testing.T) {
	for _, c := range []struct{ first, max time.Duration }{
		{time.Millisecond, time.Minute},
		{time.Minute, time.Second},     // the limit holds for the first pause too
		{time.Minute, math.MaxInt64},   // an hour's doubling does not turn negative
		{math.MaxInt64, math.MaxInt64}, // nor does what is added at random
	} {
		b := backoff{first: c.first, max: c.max}
		last := time.Duration(0)
		for attempt := range 100 {
			got := b.next()
			if got < min(c.first, c.max)/2 || got > c.max || got < last/2 {
				t.Fatalf("first %v, max %v: pause %d = %v after %v", c.first, c.max, attempt, got, last)
			}
			last = got
		}
		if last < c.max/2 {
			t.Errorf("first %v, max %v: the last pause is %v", c.first, c.max, last)
		}
	}
}
