package assign_test

import (
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/suiro/suiro/connect/group/internal/assign"
	"github.com/suiro/suiro/connect/group/internal/work"
	"github.com/suiro/suiro/connect/herder/api"
)

// group is a cluster whose workers do what they are told, led by its first worker.
type group struct {
	t          *testing.T
	random     *rand.Rand
	maxDelay   time.Duration
	configured work.Set
	held       map[string]work.Set
	leader     string
	late       string // a worker that comes once the others have waited; "" for none
	history    assign.History
	last       int32
	round      int32
	now        time.Time
	moved      int // how many connectors and tasks a worker that stayed had to stop
	named      int
}

// rebalance does rounds until nothing is left to do, over all delays.
func (g *group) rebalance() {
	g.t.Helper()
	for range 50 {
		if g.elect() {
			g.history, g.last = assign.History{}, g.round
		}
		g.round++
		before := map[string]work.Set{}
		for w, s := range g.held {
			before[w] = maps.Clone(s)
		}
		r, next := g.history.Next(assign.Round{Now: g.now, MaxDelay: g.maxDelay, Generation: g.round, Last: g.last,
			Configured: g.configured, Held: before})
		g.history, g.last = next, g.round
		stopped := g.apply(r)
		if !stopped && r.Delay == 0 && g.late == "" {
			return
		}
		g.now = g.now.Add(r.Delay)
		if g.late != "" {
			g.held[g.late], g.late = work.Set{}, ""
		}
	}
	g.t.Fatalf("not quiet after 50 rounds: %v", texts(g.held))
}

// elect makes the first worker the leader when the old one has gone.
func (g *group) elect() bool {
	if _, there := g.held[g.leader]; there {
		return false
	}
	g.leader = slices.Min(slices.Collect(maps.Keys(g.held)))
	return true
}

// apply has the workers do what the leader says, and reports whether one stopped
// something.
func (g *group) apply(r assign.Result) (stopped bool) {
	for w, s := range g.held {
		for id := range r.Revoked[w] {
			if !s[id] {
				g.t.Errorf("%v is revoked from %s, which does not have it", id, w)
			}
			if g.configured[id] {
				g.moved++
			}
			delete(s, id)
			stopped = true
		}
		for id := range r.Assigned[w] {
			if s[id] {
				g.t.Errorf("%v is assigned to %s, which has it", id, w)
			}
			s[id] = true
		}
	}
	g.alone()
	return stopped
}

// alone checks that no two workers that obey ever work on the same.
func (g *group) alone() {
	seen := map[api.TaskID]string{}
	for w, s := range g.held {
		for id := range s {
			if seen[id] != "" {
				g.t.Errorf("%v is with %s and with %s", id, w, seen[id])
			}
			seen[id] = w
		}
	}
}

// quiet checks what holds once a rebalance is over.
func (g *group) quiet(what string) {
	g.t.Helper()
	all := work.Set{}
	least, most := [2]int{1 << 30, 1 << 30}, [2]int{}
	for _, s := range g.held {
		all.Add(s)
		w := s.Work()
		for i, n := range []int{len(w.Connectors), len(w.Tasks)} {
			least[i], most[i] = min(least[i], n), max(most[i], n)
		}
	}
	if !maps.Equal(all, g.configured) {
		g.t.Errorf("%s: the workers have %q, want %q", what, text(all), text(g.configured))
	}
	for i := range least {
		if most[i]-least[i] > 1 {
			g.t.Errorf("%s: not balanced: %v", what, texts(g.held))
		}
	}
}

// change is something that happens to a cluster; it says what, and how many
// connectors and tasks may move at most for it.
func (g *group) change() (what string, may int) {
	n := len(g.held)
	switch g.random.IntN(6) {
	case 0:
		g.named++
		g.held["w"+strconv.Itoa(g.named)] = work.Set{}
		return "a worker comes", len(g.configured)/n + 2
	case 1:
		if n == 1 {
			return "nothing", 0
		}
		w := slices.Sorted(maps.Keys(g.held))[g.random.IntN(n)]
		delete(g.held, w)
		return "a worker goes", 0
	case 2:
		if n == 1 {
			return "nothing", 0
		}
		g.late = slices.Sorted(maps.Keys(g.held))[g.random.IntN(n)]
		delete(g.held, g.late)
		for w := range g.held {
			g.held[w] = work.Set{}
		}
		return "all lose their work, and one is late", len(g.configured)/n + 2
	case 3, 4:
		name := string(rune('a' + g.random.IntN(26)))
		g.configured[api.TaskID{Connector: name, Task: work.Connector}] = true
		for i := range g.random.IntN(8) {
			g.configured[api.TaskID{Connector: name, Task: i}] = true
		}
		return "a connector comes, or grows", 0
	}
	name := string(rune('a' + g.random.IntN(26)))
	gone := len(g.configured)
	maps.DeleteFunc(g.configured, func(id api.TaskID, _ bool) bool { return id.Connector == name })
	return "a connector goes", gone - len(g.configured)
}

func TestAQuietGroupHasAllWorkOnceInBalanceAndHasMovedLittle(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	for i := range uint64(100) {
		random := rand.New(rand.NewPCG(seed, i))
		g := &group{t: t, random: random, maxDelay: time.Duration(random.IntN(3)) * time.Minute, configured: work.Set{},
			held: map[string]work.Set{"w0": {}}, leader: "w0", last: -1, now: time.Unix(1e9, 0)}
		for range 40 {
			what, may := g.change()
			g.moved = 0
			g.rebalance()
			g.quiet(what)
			if g.moved > may {
				t.Errorf("%s: %d moved, want %d at most: %v", what, g.moved, may, texts(g.held))
			}
			if t.Failed() {
				t.Fatalf("seed %d, group %d", seed, i)
			}
		}
	}
}
