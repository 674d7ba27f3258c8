package acks_test

import (
	"math/rand/v2"
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
