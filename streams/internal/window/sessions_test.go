package window_test

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/suiro/suiro/stores/kinds"
	"github.com/suiro/suiro/stores/mem"
	"github.com/suiro/suiro/streams/internal/node"
	"github.com/suiro/suiro/streams/internal/window"
	"github.com/suiro/suiro/streams/topology"
)

// sessions starts a node that joins texts in sessions.
func sessions(t *testing.T, db *mem.DB, g window.Gap, change func(*options)) *machine[textual] {
	t.Helper()
	m := &machine[textual]{task: newTask(t, db, spec(kinds.Session, 1_000_000))}
	o := &options{Output: window.Output[string, textual]{Store: "kept", Key: text{}, Aggregate: nullable{}, Next: m.next,
		Slack: 1 << 40}}
	o.Name, o.Aggregator, o.Now, o.Interval = "node", joined(true), time.Now, time.Second
	if change != nil {
		change(o)
	}
	o.Updates = window.NewUpdates(m.task, o.Output)
	n, err := window.NewSessions(m.task, &o.Options, g)
	if err != nil {
		t.Fatal(err)
	}
	m.process = n.Process
	return m
}

func TestSessionsGrowAndMerge(t *testing.T) {
	m := sessions(t, mem.Open(), window.Gap{Inactivity: 10, Grace: 100},
		func(o *options) { o.SendOld = true })
	m.send(t, event{"a", "1", 100}, event{"a", "2", 100})
	m.check(t, "a[100,100] +1@100", "a[100,100] +1+2@100")
	m.send(t, event{"a", "3", 111}, event{"a", "4", 120})
	m.check(t, "a[111,111] +3@111", "a[111,111] +3>-@111", "a[111,120] +3+4@120")
	m.send(t, event{"a", "5", 105}) // joins both
	m.check(t, "a[100,100] +1+2>-@100", "a[111,120] +3+4>-@120", "a[100,120] +1+2+3+4+5@120")
	m.send(t, event{"a", "6", 110}) // within
	m.check(t, "a[100,120] +1+2+3+4+5>-@120", "a[100,120] +1+2+3+4+5+6@120")
}

func TestCachedSessionsAreForwardedAsTheyAreInTheEnd(t *testing.T) {
	m := sessions(t, mem.Open(), window.Gap{Inactivity: 10, Grace: 100},
		func(o *options) { o.Cached = true })
	m.send(t, event{"a", "1", 100}, event{"b", "2", 105}, event{"a", "3", 110})
	m.commit(t)
	m.check(t, "b[105,105] +2@105", "a[100,110] +1+3@110")
	m.send(t, event{"a", "4", 115}, event{"b", "5", 107})
	m.commit(t)
	m.check(t, "a[100,110] -@110", "a[100,115] +1+3+4@115", "b[105,105] -@105", "b[105,107] +2+5@107")
}

func TestSessionsLeaveOutLateRecordsAndNullKeys(t *testing.T) {
	g := window.Gap{Inactivity: 10, Grace: 5}
	m := sessions(t, mem.Open(), g, nil)
	m.send(t, event{"b", "1", 100}, event{"a", "2", 85}, event{"a", "3", 84})
	m.check(t, "b[100,100] +1@100", "a[85,85] +2@85", "a[85,85] -@85", "a[84,85] +2+3@85") // 84 alone would be late
	m.send(t, event{"c", "4", 84})
	if err := m.process(&node.Record[string, string]{NullKey: true, Timestamp: time.UnixMilli(1 << 40)}); err != nil {
		t.Fatal(err)
	}
	m.check(t)
	if m.late != 1 || m.dropped != 1 {
		t.Errorf("%d late and %d dropped, want one of each", m.late, m.dropped)
	}
	m = sessions(t, mem.Open(), g, func(o *options) { o.RejectLate = true })
	m.send(t, event{"b", "1", 100})
	var rejection *topology.Rejection
	if err := m.process(event{"a", "2", 84}.record()); !errors.As(err, &rejection) {
		t.Errorf("error %v, want a rejection", err)
	}
}

func TestClosedSessionsAreForwardedOnce(t *testing.T) {
	c := &clock{time.UnixMilli(0)}
	m := sessions(t, mem.Open(), window.Gap{Inactivity: 10, Grace: 5},
		func(o *options) { o.OnClose, o.Now = true, c.Now })
	m.send(t, event{"b", "1", 100}, event{"a", "2", 90}, event{"a", "3", 95})
	c.now = c.now.Add(time.Second)
	m.send(t, event{"a", "4", 115}) // 100 may still grow
	m.commit(t)
	m.check(t, "a[90,95] +2+3@95")
	c.now = c.now.Add(time.Second)
	m.send(t, event{"a", "5", 116})
	m.commit(t)
	m.check(t, "b[100,100] +1@100")
	m.send(t, event{"a", "6", 200})
	m.commit(t)
	m.check(t) // the clock stands still
	c.now = c.now.Add(time.Second)
	m.send(t, event{"a", "7", 200})
	m.commit(t)
	m.check(t, "a[115,116] +4+5@116")
}

// sessionsModel counts the records of each session that there is after all of them.
func sessionsModel(all []event, gap int64) map[string]int64 {
	want := map[string]int64{}
	sorted := slices.Clone(all)
	slices.SortFunc(sorted, func(a, b event) int { return cmp.Or(cmp.Compare(a.key, b.key), cmp.Compare(a.at, b.at)) })
	for len(sorted) > 0 {
		n := 1
		for n < len(sorted) && sorted[n].key == sorted[0].key && sorted[n].at-sorted[n-1].at <= gap {
			n++
		}
		want[fmt.Sprintf("%s[%d,%d]", sorted[0].key, sorted[0].at, sorted[n-1].at)] = int64(n)
		sorted = sorted[n:]
	}
	return want
}

func TestSessionsAreThoseOfTheModelThroughAbortsAndRestarts(t *testing.T) {
	for seed := range uint64(150) {
		rand := rand.New(rand.NewPCG(seed, 3))
		all := events(rand, 60)
		gap := 1 + rand.Int64N(200)
		_, out := drive(t, rand, all, func(db *mem.DB) *machine[int64] {
			m := &machine[int64]{task: newTask(t, db, spec(kinds.Session, 1_000_000))}
			n, err := window.NewSessions(m.task, &window.Options[string, string, int64]{Name: "node",
				Aggregator: window.Count[string, string](), Updates: window.NewUpdates(m.task, window.Output[string, int64]{
					Store: "kept", Key: text{}, Aggregate: long{}, Next: m.next, Cached: seed%2 == 0})},
				window.Gap{Inactivity: gap, Grace: 1_000_000})
			if err != nil {
				t.Fatal(err)
			}
			m.process = n.Process
			return m
		})
		// What a reader of the output has in the end.
		got := map[string]int64{}
		for _, line := range out {
			update, _, _ := strings.Cut(line, "@")
			session, value, _ := strings.Cut(update, " ")
			if value == "-" {
				delete(got, session)
				continue
			}
			var n int64
			if _, err := fmt.Sscan(value, &n); err != nil {
				t.Fatal(err)
			}
			got[session] = n
		}
		if want := sessionsModel(all, gap); !maps.Equal(got, want) {
			t.Fatalf("seed %d, gap %d, records %v:\n%v, want\n%v", seed, gap, all, got, want)
		}
	}
}
