package horizon_test

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/suiro/suiro/streams/internal/horizon"
)

// Whatever the order of times is, nothing is deleted that has not expired, and what has
// expired goes before twice the time has passed that it is kept.
func TestWhatHasExpiredGoesAndNothingElse(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	const keep = 1000
	h := horizon.New(keep)
	var times []int64 // by offset
	now, deleted := int64(math.MinInt64), int64(0)
	for i := range 20_000 {
		at := int64(i) - random.Int64N(3*keep)
		times = append(times, at)
		now = max(now, at)
		h.Add(int64(len(times)), at)
		if random.IntN(50) == 0 { // as after a restart
			data := h.Append(nil)
			if most := 24 * 20; len(data) > most {
				t.Fatalf("%d bytes, want %d at most", len(data), most)
			}
			h = horizon.New(keep)
			h.Parse(data)
		}
		below, ok := h.Below(now)
		if !ok {
			continue
		}
		if below <= deleted {
			t.Fatalf("below %d after %d", below, deleted)
		}
		for ; deleted < below; deleted++ {
			if times[deleted]+keep >= now {
				t.Fatalf("record %d of %d is deleted at %d", deleted, times[deleted], now)
			}
		}
	}
	if left := int64(len(times)) - deleted; left > 2*keep {
		t.Errorf("%d records are left, want %d at most", left, 2*keep)
	}
}

func TestNothingIsDeletedForEver(t *testing.T) {
	h := horizon.New(math.MaxInt64) // of unlimited windows
	h.Add(1, 5)
	h.Add(2, math.MaxInt64)
	if below, ok := h.Below(math.MaxInt64); ok {
		t.Errorf("below %d has expired, want nothing", below)
	}
}

func TestDamagedBytesAreNothing(t *testing.T) {
	h := horizon.New(1)
	h.Add(7, 1)
	h.Parse([]byte("damaged"))
	if below, ok := h.Below(1000); ok {
		t.Errorf("below %d has expired, want nothing", below)
	}
}
