package assign_test

import (
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/suiro/suiro/connect/group/internal/assign"
	"github.com/suiro/suiro/connect/group/internal/work"
	"github.com/suiro/suiro/connect/herder/api"
)

// set reads connectors and tasks: "a a0 a1" is connector a and its tasks 0 and 1.
func set(text string) work.Set {
	s := work.Set{}
	for _, f := range strings.Fields(text) {
		id := api.TaskID{Connector: f[:1], Task: work.Connector}
		if len(f) > 1 {
			id.Task, _ = strconv.Atoi(f[1:])
		}
		s[id] = true
	}
	return s
}

func text(s work.Set) string {
	var out []string
	for _, id := range s.Sorted() {
		f := id.Connector
		if id.Task != work.Connector {
			f += id.Number()
		}
		out = append(out, f)
	}
	return strings.Join(out, " ")
}

// by is what each worker has, without those that have nothing.
type by map[string]string

func texts(m map[string]work.Set) by {
	out := by{}
	for w, s := range m {
		if len(s) > 0 {
			out[w] = text(s)
		}
	}
	return out
}

// leader is a leader over several rounds, with a clock that stands still.
type leader struct {
	t        *testing.T
	maxDelay time.Duration
	now      time.Time
	history  assign.History
	round    int32
	last     int32
}

func newLeader(t *testing.T, maxDelay time.Duration) *leader {
	return &leader{t: t, maxDelay: maxDelay, now: time.Unix(1e9, 0), last: -1}
}

// assign leads a round that all members hear of, and returns what they have then.
func (l *leader) assign(configured string, held by) (r assign.Result) {
	r, l.history = l.unheard(configured, held)
	l.last = l.round
	return r
}

// unheard is a round of which nobody hears.
func (l *leader) unheard(configured string, held by) (assign.Result, assign.History) {
	l.round++
	r := assign.Round{Now: l.now, MaxDelay: l.maxDelay, Generation: l.round, Last: l.last, Configured: set(configured),
		Held: map[string]work.Set{}}
	for w, s := range held {
		r.Held[w] = set(s)
	}
	return l.history.Next(r)
}

// want compares the assigned and revoked work, and the delay.
func (l *leader) want(r assign.Result, assigned, revoked by, delay time.Duration) {
	l.t.Helper()
	if got := texts(r.Assigned); !maps.Equal(got, assigned) {
		l.t.Errorf("assigned %v, want %v", got, assigned)
	}
	if got := texts(r.Revoked); !maps.Equal(got, revoked) {
		l.t.Errorf("revoked %v, want %v", got, revoked)
	}
	if r.Delay != delay {
		l.t.Errorf("delay %v, want %v", r.Delay, delay)
	}
}

const five = 5 * time.Minute

func TestNewWorkGoesToWhoHasTheFewestOfItsKind(t *testing.T) {
	l := newLeader(t, five)
	l.want(l.assign("a a0 a1 a2 b b0", by{"1": "", "2": ""}), by{"1": "a a0 a2", "2": "a1 b b0"}, by{}, 0)
	l.want(l.assign("a a0 a1 a2 b b0 c c0 c1", by{"1": "a a0 a2", "2": "b a1 b0"}),
		by{"1": "c c0", "2": "c1"}, by{}, 0)
}

func TestANewWorkerGetsWhatOthersHaveTooMuchOf(t *testing.T) {
	l := newLeader(t, five)
	l.want(l.assign("a a0 a1 a2 a3", by{"1": ""}), by{"1": "a a0 a1 a2 a3"}, by{}, 0)
	r := l.assign("a a0 a1 a2 a3", by{"1": "a a0 a1 a2 a3", "2": ""})
	l.want(r, by{}, by{"1": "a2 a3"}, 0)
	if got, want := texts(r.Owned), (by{"1": "a a0 a1"}); !maps.Equal(got, want) {
		t.Errorf("owned %v, want %v", got, want)
	}
	l.want(l.assign("a a0 a1 a2 a3", by{"1": "a a0 a1", "2": ""}), by{"2": "a2 a3"}, by{}, 0)
	l.want(l.assign("a a0 a1 a2 a3", by{"1": "a a0 a1", "2": "a2 a3"}), by{}, by{}, 0)
}

func TestLostWorkWaitsAndGoesToTheWorkerThatComesBack(t *testing.T) {
	l := newLeader(t, five)
	const all = "a a0 a1 a2 a3 a4"
	l.assign(all, by{"1": "", "2": "", "3": ""})
	l.want(l.assign(all, by{"1": "a a0 a3", "2": "a1 a4"}), by{}, by{}, five)
	l.now = l.now.Add(4 * time.Minute)
	l.want(l.assign(all, by{"1": "a a0 a3", "2": "a1 a4", "4": ""}), by{}, by{}, time.Minute)
	l.now = l.now.Add(time.Minute)
	l.want(l.assign(all, by{"1": "a a0 a3", "2": "a1 a4", "4": ""}), by{"4": "a2"}, by{}, 0)
}

func TestLostWorkGoesToAllWhenNobodyComesBack(t *testing.T) {
	l := newLeader(t, five)
	const all = "a a0 a1 a2 a3 a4"
	l.assign(all, by{"1": "", "2": "", "3": ""})
	l.want(l.assign(all, by{"1": "a a0 a3", "3": "a2"}), by{}, by{}, five)
	l.now = l.now.Add(five)
	l.want(l.assign(all, by{"1": "a a0 a3", "3": "a2"}), by{"1": "a4", "3": "a1"}, by{}, 0)
}

// All workers lost their work, as when no broker answers, and one comes back when the
// time to wait is over. What the others were given beyond their share in that round
// nobody runs yet: it is given to that one at once, as nobody would join again for it.
func TestWhatNobodyRunsIsNotRevoked(t *testing.T) {
	l := newLeader(t, five)
	const all = "a a0 b b0 c c0"
	l.assign(all, by{"1": "", "2": "", "3": ""})
	l.want(l.assign(all, by{"1": "", "2": ""}), by{}, by{}, five)
	l.now = l.now.Add(five)
	r := l.assign(all, by{"1": "", "2": "", "3": ""})
	l.want(r, by{"1": "a a0", "2": "b b0", "3": "c c0"}, by{}, 0)
}

func TestAWorkerThatIsBackWithItsWorkEndsTheWait(t *testing.T) {
	l := newLeader(t, five)
	l.assign("a a0 a1", by{"1": "", "2": ""})
	l.want(l.assign("a a0 a1", by{"1": "a a0"}), by{}, by{}, five)
	l.want(l.assign("a a0 a1", by{"1": "a a0", "2'": "a1"}), by{}, by{}, 0)
}

func TestNewWorkIsAssignedWhileLostWorkWaitsAndNothingIsRevoked(t *testing.T) {
	l := newLeader(t, five)
	l.assign("a a0 a1 a2 a3 b", by{"1": "", "2": "", "3": ""})
	l.want(l.assign("a a0 a1 a2 a3 b c c0", by{"1": "a a0 a3", "2": "b a1", "4": ""}), by{"4": "c c0"}, by{}, five)
}

func TestLostWorkDoesNotWaitWithoutADelay(t *testing.T) {
	l := newLeader(t, 0)
	l.assign("a a0 a1", by{"1": "", "2": ""})
	l.want(l.assign("a a0 a1", by{"1": "a a0"}), by{"1": "a1"}, by{}, 0)
}

func TestWorkThatAWorkerOfTheLastRoundNeverGotIsAssignedAtOnce(t *testing.T) {
	l := newLeader(t, five)
	l.assign("a a0 a1", by{"1": "", "2": ""})
	l.want(l.assign("a a0 a1", by{"1": "a a0", "2": ""}), by{"2": "a1"}, by{}, 0)
}

func TestARoundThatNobodyHeardOfChangesNothing(t *testing.T) {
	l := newLeader(t, five)
	l.assign("a a0 a1", by{"1": "", "2": ""})
	l.unheard("a a0 a1", by{"1": "a a0"})
	l.now = l.now.Add(time.Minute)
	l.want(l.assign("a a0 a1", by{"1": "a a0"}), by{}, by{}, five)
}

func TestANewLeaderTakesNothingForLost(t *testing.T) {
	l := newLeader(t, five)
	l.assign("a a0 a1", by{"1": "", "2": ""})
	l.round += 3
	l.last = l.round // another led, this worker followed
	l.want(l.assign("a a0 a1", by{"1": "a a0"}), by{"1": "a1"}, by{}, 0)
}

func TestWhatIsDeletedIsRevokedByANewLeaderToo(t *testing.T) {
	l := newLeader(t, five)
	l.want(l.assign("a a0", by{"1": "a a0 b", "2": "b0 b1"}), by{}, by{"1": "b", "2": "b0 b1"}, 0)
}

func TestADuplicateStaysWithWhoWasGivenIt(t *testing.T) {
	l := newLeader(t, five)
	l.assign("a a0 a1", by{"1": "", "2": ""})
	l.want(l.assign("a a0 a1", by{"1": "a a0", "2": "a a1", "3": "a0"}), by{}, by{"2": "a", "3": "a0"}, 0)
}

func TestADuplicateOfUnknownOriginIsRevokedAndThenAssigned(t *testing.T) {
	l := newLeader(t, five)
	l.want(l.assign("a a0 a1", by{"1": "a a0", "2": "a0 a1"}), by{}, by{"1": "a0", "2": "a0"}, 0)
	l.want(l.assign("a a0 a1", by{"1": "a", "2": "a1"}), by{"1": "a0"}, by{}, 0)
}

func TestRevocationsOneAfterTheOtherKeepTheirDistance(t *testing.T) {
	l := newLeader(t, five)
	const all = "a a0 a1 a2 a3 a4 a5"
	l.assign(all, by{"1": ""})
	l.want(l.assign(all, by{"1": all, "2": ""}), by{}, by{"1": "a3 a4 a5"}, 0)
	r := l.assign(all, by{"1": "a a0 a1 a2", "2": "", "3": ""})
	l.want(r, by{"2": "a3 a5", "3": "a4"}, by{}, 40*time.Millisecond)
	l.now = l.now.Add(40 * time.Millisecond)
	r = l.assign(all, by{"1": "a a0 a1 a2", "2": "a3 a5", "3": "a4"})
	l.want(r, by{}, by{"1": "a2"}, 0)
	l.want(l.assign(all, by{"1": "a a0 a1", "2": "a3 a5", "3": "a4"}), by{"3": "a2"}, by{}, 0)
}

func TestTheDistanceOfRevocationsGrowsToTheDelay(t *testing.T) {
	l := newLeader(t, five)
	const all = "a a0 a1 a2 a3 a4 a5 a6 a7"
	held := by{"1": all}
	l.assign(all, by{"1": ""})
	var got []time.Duration
	for i := range 4 { // workers come, and the first never gives anything up
		held[strconv.Itoa(i+2)] = ""
		l.assign(all, held)
		held["again"+strconv.Itoa(i)] = ""
		r := l.assign(all, held)
		got = append(got, r.Delay)
		l.now = l.now.Add(r.Delay)
	}
	want := []time.Duration{40 * time.Millisecond, 1600 * time.Millisecond, 64 * time.Second, five}
	if !slices.Equal(got, want) {
		t.Errorf("delays %v, want %v", got, want)
	}
}

func TestEagerDealsConnectorsThenTasks(t *testing.T) {
	got := assign.Eager(set("a a0 a1 b b0 c c0"), []string{"2", "1"})
	if want := (by{"1": "a a1 c c0", "2": "a0 b b0"}); !reflect.DeepEqual(texts(got), want) {
		t.Errorf("eager = %v, want %v", texts(got), want)
	}
	if got := assign.Eager(set(""), []string{"1"}); len(got) != 1 || len(got["1"]) != 0 {
		t.Errorf("eager without work = %v, want nothing for one member", got)
	}
}
