package sinkkit_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/sinkkit"
)

// flow is a worker's view: which partitions are paused. Pausing does not count.
type flow map[connect.TopicPartition]bool

func (f flow) Pause(list ...connect.TopicPartition) {
	for _, p := range list {
		f[p] = true
	}
}

func (f flow) Resume(list ...connect.TopicPartition) {
	for _, p := range list {
		delete(f, p)
	}
}

// paused lists the paused partitions.
func (f flow) paused() string {
	var list []int32
	for p := range f {
		list = append(list, p.Partition)
	}
	slices.Sort(list)
	return fmt.Sprint(list)
}

func part(n int32) connect.TopicPartition { return connect.TopicPartition{Topic: "t", Partition: n} }

func TestBudgetPausesAtALimitAndResumesAtHalf(t *testing.T) {
	for _, c := range []struct {
		name  string
		limit sinkkit.Load
		one   sinkkit.Load // ten of these reach the limit
	}{
		{"records", sinkkit.Load{Records: 10}, sinkkit.Load{Records: 1, Bytes: 100}},
		{"bytes", sinkkit.Load{Bytes: 1000}, sinkkit.Load{Records: 1, Bytes: 100}},
		{"both", sinkkit.Load{Records: 1000, Bytes: 1000}, sinkkit.Load{Records: 1, Bytes: 100}},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := flow{}
			b := sinkkit.NewBudget(f, c.limit)
			b.Open(part(0), part(1))
			for range 9 {
				b.Take(c.one)
			}
			if len(f) > 0 {
				t.Errorf("%s are paused below the limit", f.paused())
			}
			b.Take(c.one)
			b.Take(c.one)
			if got, want := f.paused(), "[0 1]"; got != want || b.Pauses() != 1 {
				t.Errorf("%s are paused at the limit after %d pauses, want %s and 1", got, b.Pauses(), want)
			}
			b.Open(part(2))
			for range 5 {
				b.Release(c.one)
			}
			if got, want := f.paused(), "[0 1 2]"; got != want {
				t.Errorf("%s are paused above half, want %s", got, want)
			}
			b.Release(c.one)
			if len(f) > 0 {
				t.Errorf("%s are paused at half", f.paused())
			}
		})
	}
}

func TestSmallestBudgetResumesWhenEmpty(t *testing.T) {
	f := flow{}
	b := sinkkit.NewBudget(f, sinkkit.Load{Records: 1})
	b.Open(part(0))
	b.Take(sinkkit.Load{Records: 2})
	b.Release(sinkkit.Load{Records: 1})
	if f.paused() != "[0]" {
		t.Error("resumed with one record of one held")
	}
	b.Release(sinkkit.Load{Records: 1})
	if len(f) > 0 {
		t.Error("still paused when empty")
	}
}

func TestOneReasonToPauseDoesNotUndoTheOther(t *testing.T) {
	f := flow{}
	b := sinkkit.NewBudget(f, sinkkit.Load{Bytes: 10})
	b.Open(part(0), part(1))
	b.Hold(part(0))
	b.Take(sinkkit.Load{Bytes: 10})
	b.Release(sinkkit.Load{Bytes: 10})
	if got, want := f.paused(), "[0]"; got != want {
		t.Errorf("%s are paused after the budget is free again, want %s: it is held", got, want)
	}
	b.Take(sinkkit.Load{Bytes: 10})
	b.Unhold(part(0))
	if got, want := f.paused(), "[0 1]"; got != want {
		t.Errorf("%s are paused after Unhold, want %s: the budget is used up", got, want)
	}
	b.Release(sinkkit.Load{Bytes: 10})
	if len(f) > 0 {
		t.Errorf("%s are paused without a reason", f.paused())
	}
}

func TestBudgetAgreesWithItsReasons(t *testing.T) {
	seed := rand.Uint64()
	random := rand.New(rand.NewPCG(seed, 0))
	f := flow{}
	b := sinkkit.NewBudget(f, sinkkit.Load{Records: 10, Bytes: 100})
	open, held, full := map[connect.TopicPartition]bool{}, map[connect.TopicPartition]bool{}, false
	var used []sinkkit.Load
	for range 10000 {
		p := part(random.Int32N(4))
		switch random.IntN(6) {
		case 0:
			if !open[p] {
				open[p] = true
				b.Open(p)
			}
		case 1:
			b.Close(p)
			f.Resume(p) // as the worker does
			delete(open, p)
			delete(held, p)
		case 2:
			b.Hold(p)
			held[p] = open[p]
		case 3:
			b.Unhold(p)
			delete(held, p)
		case 4:
			n := sinkkit.Load{Records: 1, Bytes: random.Int64N(30)}
			used = append(used, n)
			b.Take(n)
		case 5:
			if len(used) > 0 {
				b.Release(used[0])
				used = used[1:]
			}
		}
		var sum sinkkit.Load
		for _, n := range used {
			sum.Records, sum.Bytes = sum.Records+n.Records, sum.Bytes+n.Bytes
		}
		full = sum.Records >= 10 || sum.Bytes >= 100 || full && (sum.Records > 5 || sum.Bytes > 50)
		for p := range open {
			if want := full || held[p]; f[p] != want || b.Used() != sum || b.Full() != full {
				t.Fatalf("seed %d: partition %d is paused: %v, want %v with %+v of %+v used", seed, p.Partition, f[p],
					want, b.Used(), sum)
			}
		}
	}
}
