package memory_test

import (
	"math"
	"runtime"
	"testing"

	"github.com/suiro/suiro/internal/confine"
	"github.com/suiro/suiro/internal/memory"
)

func TestSharesFollowFromTheBudget(t *testing.T) {
	for _, c := range []struct {
		budget int64
		share  memory.Share
		want   int64
	}{
		{512 << 20, memory.LargestBatch, 32 << 20},
		{512 << 20, memory.Batches, 128 << 20},
		{512 << 20, memory.Fetch, 2 << 20},
		{512 << 20, memory.TaskMemory, 64 << 20},
		{64 << 30, memory.TaskMemory, 256 << 20},
		{512 << 20, memory.SinkBuffer, 64 << 20},
		{512 << 20, memory.Value, 64 << 20},
		{512 << 20, memory.Schemas, 16 << 20},
		{512 << 20, memory.Heap, 128 << 20},
		{128 << 20, memory.SinkBuffer, 16 << 20},
		{1, memory.LargestBatch, 4 << 20},
		{64 << 30, memory.LargestBatch, 512 << 20},
		{64 << 30, memory.Fetch, 4 << 20},
		{64 << 30, memory.Heap, 128 << 20},
	} {
		if got := memory.Limit(c.budget).Of(c.share); got != c.want {
			t.Errorf("share %d of %d bytes = %d, want %d", c.share, c.budget, got, c.want)
		}
	}
}

// A budget that nobody made is as large as the one that is found.
func TestNilAndZeroAreWhatIsFound(t *testing.T) {
	want := memory.Limit(0).Bytes()
	var none *memory.Budget
	for name, b := range map[string]*memory.Budget{"nil": none, "zero": {}} {
		if got := b.Bytes(); got != want {
			t.Errorf("Bytes of a %s budget = %d, want %d", name, got, want)
		}
		if !take(b.Account(memory.Batches), 1) {
			t.Errorf("an account of a %s budget has no room for a byte", name)
		}
	}
}

// The limit of a process counts what the runtime does not know of, and addresses that
// the runtime has given back. The budget leaves room for both.
func TestBudgetLeavesRoomBelowTheHardLimit(t *testing.T) {
	const limit = 512 << 20
	if !confine.Test(t, limit) {
		return
	}
	if got := memory.Limit(0).Bytes(); got < limit/2 || got > limit/4*3 {
		t.Errorf("Bytes under a limit of %d = %d, want half to three quarters of it", int64(limit), got)
	}
}

// What is in use may take its share while garbage is made beside it: the process must
// collect it before it reaches the limit that ends it.
func TestGarbageIsCollectedBelowTheHardLimit(t *testing.T) {
	if !confine.Test(t, 512<<20) {
		return
	}
	b := memory.Limit(0)
	b.LimitRuntime()
	var held [][]byte
	for range b.Bytes() / 10 * 7 >> 20 {
		held = append(held, make([]byte, 1<<20-8<<10))
	}
	var garbage []byte
	for range 200 {
		garbage = make([]byte, b.Of(memory.LargestBatch))
	}
	runtime.KeepAlive(held)
	runtime.KeepAlive(garbage)
}

// An operator may give the process more than ulimit leaves.
func TestTheRuntimeStaysBelowTheHardLimit(t *testing.T) {
	const limit = 512 << 20
	if !confine.Test(t, limit) {
		return
	}
	if got := memory.Limit(4 << 30).LimitRuntime(); got > limit/4*3 {
		t.Errorf("LimitRuntime of 4 GiB under a limit of %d = %d, want at most three quarters of it", int64(limit), got)
	}
}

// Where ulimit leaves next to nothing, the process ends or not: collecting garbage all
// the time helps nobody.
func TestTheRuntimeHasTheLeastBudget(t *testing.T) {
	if !confine.Test(t, 100<<20) {
		return
	}
	if got, want := memory.Limit(0).LimitRuntime(), int64(memory.Least/10*9); got < want {
		t.Errorf("LimitRuntime under a limit of 100 MiB = %d, want at least %d", got, want)
	}
}

// take takes n bytes for something new.
func take(a *memory.Account, n int64) bool { return a.Reserve().Grow(n) }

func TestHoldersShareWhatThereIs(t *testing.T) {
	b := memory.Limit(512 << 20)
	room := b.Of(memory.Batches)
	greedy, late := b.Account(memory.Batches), b.Account(memory.Batches)
	if !take(greedy, room) {
		t.Fatal("the first holder cannot take the whole share")
	}
	if take(greedy, 1) {
		t.Error("a holder can take more than the share")
	}
	if !take(late, room/2) {
		t.Error("a holder of nothing cannot take half of the share while another has all of it")
	}
	small := room / 32
	third := b.Account(memory.Batches)
	if take(third, small+1) {
		t.Error("a third holder can take more than one and a half times the share")
	}
	r := third.Reserve()
	if !r.Grow(small/2) || !r.Grow(small-small/2) {
		t.Error("a holder of nothing cannot take something small in two steps")
	}
	if r.Grow(1) || take(third, 1) {
		t.Error("a holder of something small can take more although there is no room")
	}
	freed := third.Freed()
	greedy.Give(room)
	<-freed
	if !take(third, 1) {
		t.Error("there is no room after another holder gave back what it had")
	}
	r.Shrink(small)
	if mine, all := third.Held(); mine != 1 || all != 1+room/2 {
		t.Errorf("Held = %d and %d, want %d and %d", mine, all, 1, 1+room/2)
	}
}

// Those that fill the share with what they soon drop must not wait for the time between
// two collections: reading would be as slow as the machine is busy.
func TestGarbageIsCollectedWhenTheShareWasFilledAgain(t *testing.T) {
	b := memory.Limit(512 << 20)
	a := b.Account(memory.Batches)
	room := b.Of(memory.Batches)
	for n := range 10 {
		if !take(a, room/8) {
			t.Fatal("there is no room for an eighth of the share")
		}
		if !a.Collect() {
			t.Fatalf("garbage was not collected after an eighth of the share was taken %d times", n+1)
		}
		a.Give(room / 8)
	}
}

func TestTakingMoreThanFitsDoesNotOverflow(t *testing.T) {
	a := memory.Limit(512 << 20).Account(memory.Batches)
	a.Add(1)
	if take(a, math.MaxInt64) {
		t.Error("Grow by the largest number = true, want false")
	}
}

// Code that nobody hands a budget goes by the limit of the runtime.
func TestSharesOfTheRuntimeAreThoseOfTheBudget(t *testing.T) {
	if !confine.Test(t, 512<<20) {
		return
	}
	if got, want := memory.OfRuntime(memory.Value), int64(256<<20); got < want-1024 || got > want {
		t.Errorf("without a limit: %d, want about %d", got, want)
	}
	b := memory.Limit(0)
	b.LimitRuntime()
	// The budget goes by what the process takes outside the heap now, and the limit by what it took then.
	if got, want := memory.OfRuntime(memory.Value), b.Of(memory.Value); got < want-want/16 || got > want+want/16 {
		t.Errorf("with the budget of 512 MiB: %d, want about %d", got, want)
	}
}
