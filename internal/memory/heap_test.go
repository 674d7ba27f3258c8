package memory_test

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"testing"

	"github.com/suiro/suiro/internal/memory"
)

// goal is the size at which the runtime collects garbage next.
func goal() int64 {
	s := []metrics.Sample{{Name: "/gc/heap/goal:bytes"}}
	metrics.Read(s)
	return int64(s[0].Value.Uint64())
}

// percent is the GOGC that holds.
func percent() int {
	now := debug.SetGCPercent(100)
	debug.SetGCPercent(now)
	return now
}

// The runtime is told after a collection, in a goroutine of its own.
func TestAHeapThatHoldsLittleGrowsToItsShare(t *testing.T) {
	defer memory.LetHeapGrow(128 << 20)()
	for _, c := range []struct{ held, least, most int64 }{
		{30 << 20, 110 << 20, 150 << 20},  // to the share
		{200 << 20, 380 << 20, 440 << 20}, // beyond half of the share: when it has doubled
		{1 << 20, 32 << 20, 128 << 20},    // and back, by no more than nine times what it holds
	} {
		held := make([]byte, c.held)
		for range 1000 {
			runtime.GC()
			runtime.Gosched()
			if got := goal(); got >= c.least && got <= c.most {
				break
			}
		}
		if got := goal(); got < c.least || got > c.most {
			t.Errorf("a heap of %d MiB may grow to %d MiB, want %d to %d", c.held>>20, got>>20, c.least>>20, c.most>>20)
		}
		runtime.KeepAlive(held)
	}
}

func TestTheHeapIsLeftToTheOperator(t *testing.T) {
	before := percent()
	undo := memory.LetHeapGrow(128 << 20)
	if got := percent(); got <= before {
		t.Errorf("GOGC = %d, want more than %d", got, before)
	}
	undo()
	if got := percent(); got != before {
		t.Errorf("GOGC = %d when it is over, want %d again", got, before)
	}
	t.Setenv("GOGC", "50")
	defer memory.LetHeapGrow(128 << 20)()
	if got := percent(); got != before {
		t.Errorf("GOGC = %d with GOGC in the environment, want what it was, %d", got, before)
	}
}
