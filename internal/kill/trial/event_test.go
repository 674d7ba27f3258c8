package trial

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
)

func events(p Plan, seed uint64) []Event { return p.Events(rand.New(rand.NewPCG(seed, 0))) }

func TestASeedDecidesTheEvents(t *testing.T) {
	p := Plan{Kills: 20, Freezes: 5, Instances: 3, Churn: true, Wipe: WipeAlternate, Interval: time.Second, Session: time.Second}
	first := fmt.Sprint(events(p, 1))
	if again := fmt.Sprint(events(p, 1)); again != first {
		t.Errorf("the same seed gives\n%s\nafter\n%s", again, first)
	}
	if other := fmt.Sprint(events(p, 2)); other == first {
		t.Error("another seed gives the same events")
	}
}

// Every plan has as many kills and freezes as asked for, and no event for an
// instance that is not running at that time, or not stopped for a Join.
func TestEventsFitTheInstancesThatRun(t *testing.T) {
	for seed := range uint64(200) {
		p := Plan{Kills: 1 + int(seed%30), Instances: 2 + int(seed%3), Churn: seed%2 == 0, Interval: time.Second, Session: time.Second}
		p.Freezes = p.Kills / 2
		running := map[int]bool{}
		for i := range p.Instances {
			running[i+1] = i == 0 || !p.Churn
		}
		kills, freezes := 0, 0
		for _, e := range events(p, seed) {
			instance, want := 0, true
			switch e := e.(type) {
			case Kill:
				kills++
				instance = e.Instance
			case Freeze:
				freezes++
				instance = e.Instance
			case Leave:
				if !running[e.Instance] {
					t.Errorf("seed %d: %v, which is not running", seed, e)
				}
				running[e.Instance] = false
				continue
			case Join:
				instance, want = e.Instance, false
			}
			if running[instance] != want {
				t.Errorf("seed %d: %v while running is %v", seed, e, running[instance])
			}
			running[instance] = true
		}
		if kills != p.Kills || freezes != p.Freezes {
			t.Errorf("seed %d: %d kills and %d freezes, want %d and %d", seed, kills, freezes, p.Kills, p.Freezes)
		}
	}
}

func TestWipeDecidesWhichKillsDeleteTheState(t *testing.T) {
	for wipe, want := range map[Wipe]string{
		WipeNever: "[false false false false]", WipeAlways: "[true true true true]", WipeAlternate: "[false true false true]",
	} {
		var got []bool
		for _, e := range events(Plan{Kills: 4, Instances: 1, Wipe: wipe, Interval: time.Second}, 1) {
			got = append(got, e.(Kill).Wipe)
		}
		if fmt.Sprint(got) != want {
			t.Errorf("wipe %s: kills wipe %v, want %s", wipe, got, want)
		}
	}
}
