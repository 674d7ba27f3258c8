package acks_test

import (
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/suiro/suiro/connect/internal/acks"
)

func TestTakeStopsAtTheFirstGap(t *testing.T) {
	var tracker acks.Tracker[int]
	var entries []*acks.Entry[int]
	for i := range 4 {
		entries = append(entries, tracker.Add(i+1))
	}
	entries[1].Ack()
	entries[3].Ack()
	if p, ok := tracker.Take(); ok {
		t.Errorf("Take = %d with the first record on its way, want nothing", p)
	}
	entries[0].Ack()
	if p, ok := tracker.Take(); !ok || p != 2 {
		t.Errorf("Take = %d, %v, want 2", p, ok)
	}
	if p, ok := tracker.Take(); ok {
		t.Errorf("second Take = %d, want nothing", p)
	}
	entries[2].Ack()
	if p, ok := tracker.Take(); !ok || p != 4 || tracker.Len() != 0 {
		t.Errorf("Take = %d, %v with %d left, want 4 and none left", p, ok, tracker.Len())
	}
	tracker.Add(5).Ack()
	if p, ok := tracker.Take(); !ok || p != 5 {
		t.Errorf("Take = %d, %v after the tracker was empty, want 5", p, ok)
	}
}

func TestTakeIsThePrefixWhateverTheOrder(t *testing.T) {
	seed := rand.Uint64()
	random := rand.New(rand.NewPCG(seed, 0))
	var tracker acks.Tracker[int]
	var waiting []*acks.Entry[int]
	acked := map[*acks.Entry[int]]bool{}
	var all []*acks.Entry[int]
	end := 0
	for i := range 2000 {
		e := tracker.Add(i)
		waiting, all = append(waiting, e), append(all, e)
		for range random.IntN(3) {
			if len(waiting) > 0 {
				j := random.IntN(len(waiting))
				waiting[j].Ack()
				acked[waiting[j]] = true
				waiting = append(waiting[:j], waiting[j+1:]...)
			}
		}
		from := end
		for end < len(all) && acked[all[end]] {
			end++
		}
		p, ok := tracker.Take()
		if ok != (end > from) || ok && p != end-1 {
			t.Fatalf("seed %d: Take = %d, %v, want the prefix up to %d", seed, p, ok, end-1)
		}
	}
}

func TestFirstIsTheLowestWhateverTheOrderOfInserts(t *testing.T) {
	seed := rand.Uint64()
	random := rand.New(rand.NewPCG(seed, 0))
	var tracker acks.Tracker[int]
	waiting := map[*acks.Entry[int]]int{}
	for range 5000 {
		at := random.IntN(1000)
		waiting[acks.Insert(&tracker, at)] = at
		for e := range waiting { // in random order
			if random.IntN(20) == 0 {
				break
			}
			if random.IntN(3) > 0 {
				e.Ack()
				delete(waiting, e)
			}
		}
		want, some := 0, false
		for _, p := range waiting {
			if !some || p < want {
				want, some = p, true
			}
		}
		if got, ok := tracker.First(); ok != some || got != want {
			t.Fatalf("seed %d: First = %d, %v, want %d, %v", seed, got, ok, want, some)
		}
		if got, want := tracker.Settled(), len(waiting) == 0; got != want {
			t.Fatalf("seed %d: Settled = %v with %d on their way", seed, got, len(waiting))
		}
	}
}

func TestAcksOfManyGoroutinesAreAllSeen(t *testing.T) {
	var tracker acks.Tracker[int]
	var wg sync.WaitGroup
	for i := range 1000 {
		e := tracker.Add(i)
		wg.Go(e.Ack)
		wg.Go(e.Ack) // twice does no harm
	}
	wg.Wait()
	if p, ok := tracker.Take(); !ok || p != 999 || tracker.Len() != 0 || !tracker.Settled() {
		t.Errorf("Take = %d, %v with %d left, want 999 and none", p, ok, tracker.Len())
	}
}
