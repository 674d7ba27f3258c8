package assign_test

import (
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/suiro/suiro/connect/group/internal/assign"
	"github.com/suiro/suiro/connect/group/internal/work"
	"github.com/suiro/suiro/connect/herder/api"
)

// loaded is a cluster whose tasks are divided by their loads.
type loaded struct {
	group
	loads map[api.TaskID]int64
}

const loadPause = 5 * time.Minute

// step does one round, and reports how many tasks were revoked in it.
func (g *loaded) step() (revoked int) {
	g.t.Helper()
	g.round++
	held := map[string]work.Set{}
	for w, s := range g.held {
		held[w] = maps.Clone(s)
	}
	round := assign.Round{Now: g.now, Generation: g.round, Last: g.last, Configured: g.configured, Held: held,
		Loads: g.loads, LoadPause: loadPause}
	r, next := g.history.Next(round)
	if again, _ := g.history.Next(round); !reflect.DeepEqual(again, r) {
		g.t.Errorf("two results of one round: %v and %v", r, again)
	}
	if r.Delay != loadPause {
		g.t.Errorf("delay = %v, want that all tell their loads after %v", r.Delay, loadPause)
	}
	for _, s := range r.Revoked {
		revoked += len(s)
	}
	g.history, g.last = next, g.round
	g.apply(r)
	return revoked
}

// settle does rounds until none revokes.
func (g *loaded) settle() {
	g.t.Helper()
	for range 20 {
		if now, then := g.step(), g.step(); now+then == 0 {
			return
		}
	}
	g.t.Fatal("not quiet after 20 rounds")
}

// heaviest is the load of the busiest worker, with the weight of an idle task left out.
func (g *loaded) heaviest() (most int64) {
	for _, s := range g.held {
		var sum int64
		for id := range s {
			sum += g.loads[id]
		}
		most = max(most, sum)
	}
	return most
}

// newLoaded makes a cluster whose tasks have random loads, a few of them large.
func newLoaded(t *testing.T, random *rand.Rand) *loaded {
	g := &loaded{group{t: t, random: random, configured: work.Set{}, held: map[string]work.Set{}, last: -1,
		now: time.Unix(1e9, 0)}, map[api.TaskID]int64{}}
	for i := range 2 + random.IntN(4) {
		g.held["w"+strconv.Itoa(i)] = work.Set{}
	}
	for i := range 3 + random.IntN(30) {
		id := api.TaskID{Connector: "c" + strconv.Itoa(i%7), Task: i / 7}
		g.configured[id] = true
		g.configured[api.TaskID{Connector: id.Connector, Task: work.Connector}] = true
		g.loads[id] = 100 + random.Int64N(1000)
		if random.IntN(5) == 0 {
			g.loads[id] *= 20
		}
	}
	return g
}

func TestLoadsAreDividedAndTasksStayThen(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	for i := range uint64(50) {
		g := newLoaded(t, rand.New(rand.NewPCG(seed, i)))
		g.settle()
		for range 10 { // loads change now and then
			ids := slices.DeleteFunc(g.configured.Sorted(), func(id api.TaskID) bool { return id.Task == work.Connector })
			g.loads[ids[g.random.IntN(len(ids))]] = 100 + g.random.Int64N(20000)
			g.now = g.now.Add(loadPause)
			before := g.heaviest()
			if revoked := g.step(); revoked > 0 {
				g.step()
				if g.heaviest() >= before {
					t.Errorf("%d tasks moved, and the busiest worker has %d after %d", revoked, g.heaviest(), before)
				}
			}
			g.divided()
		}
		if t.Failed() {
			t.Fatalf("seed %d, group %d", seed, i)
		}
	}
}

// divided checks that the busiest worker has no more than its share, the largest task and
// what is not worth a move, and that nothing moves while nothing changes.
func (g *loaded) divided() {
	g.t.Helper()
	g.now = g.now.Add(loadPause)
	g.settle()
	var sum, largest int64
	for _, load := range g.loads {
		sum, largest = sum+load, max(largest, load)
	}
	share := sum / int64(len(g.held))
	if got, most := g.heaviest(), share+largest+share/4; got > most {
		g.t.Errorf("the busiest worker has %d, want %d at most", got, most)
	}
	for range 3 {
		g.now = g.now.Add(loadPause)
		if n := g.step(); n > 0 {
			g.t.Errorf("%d tasks move though nothing has changed", n)
		}
	}
}

func TestTasksMoveForTheirLoadsOnceInAWhile(t *testing.T) {
	id := func(n int) api.TaskID { return api.TaskID{Connector: "c", Task: n} }
	g := &loaded{group{t: t, configured: work.Set{}, last: -1, now: time.Unix(1e9, 0),
		held: map[string]work.Set{"a": {}, "b": {}}}, map[api.TaskID]int64{}}
	for n := range 4 {
		g.configured[id(n)], g.loads[id(n)] = true, 100
	}
	g.settle()
	busy := func(worker string) { // what a worker has gets ten times as busy
		for n := range 4 {
			g.loads[id(n)] = 100
			if g.held[worker][id(n)] {
				g.loads[id(n)] = 1000
			}
		}
	}
	g.now = g.now.Add(loadPause)
	busy("a")
	if g.step() == 0 {
		t.Error("nothing moves from the busy worker")
	}
	g.step()
	busy("b")
	g.now = g.now.Add(loadPause - time.Second)
	if n := g.step(); n > 0 {
		t.Errorf("%d tasks move soon after others have moved, want none", n)
	}
	g.held["new"] = work.Set{}
	if n := g.step(); n == 0 {
		t.Error("nothing moves to a worker that has come")
	}
}
