package window_test

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/suiro/suiro/stores/format"
	"github.com/suiro/suiro/stores/kinds"
	"github.com/suiro/suiro/stores/mem"
	"github.com/suiro/suiro/streams/internal/node"
	"github.com/suiro/suiro/streams/internal/window"
	"github.com/suiro/suiro/streams/topology"
)

func spec(kind kinds.Kind, retention int64) kinds.Spec {
	return kinds.Spec{Name: "kept", Kind: kind, Retention: time.Duration(retention) * time.Millisecond}
}

// times starts a node that joins texts in windows.
func times(t *testing.T, db *mem.DB, f window.Fixed, change func(*options)) *machine[textual] {
	t.Helper()
	m := &machine[textual]{task: newTask(t, db, spec(kinds.TimestampedWindow, 1_000_000))}
	o := &options{Output: window.Output[string, textual]{Store: "kept", Key: text{}, Aggregate: nullable{}, Next: m.next,
		Slack: 1 << 40}}
	o.Name, o.Aggregator, o.Now, o.Interval = "node", joined(false), time.Now, time.Second
	if change != nil {
		change(o)
	}
	o.Updates = window.NewUpdates(m.task, o.Output)
	n, err := window.NewTimes(m.task, &o.Options, f, nil)
	if err != nil {
		t.Fatal(err)
	}
	m.process = n.Process
	return m
}

func (m *machine[A]) send(t *testing.T, all ...event) {
	t.Helper()
	for _, e := range all {
		if err := m.process(e.record()); err != nil {
			t.Fatalf("%v: %v", e, err)
		}
	}
}

func TestWindowTakesRecordsUntilItsGraceIsOver(t *testing.T) {
	m := times(t, mem.Open(), window.Fixed{Size: 100, Advance: 100, Grace: 50}, nil)
	m.send(t, event{"a", "1", 0}, event{"a", "2", 99}, event{"a", "3", 100}, event{"a", "4", 149}, event{"a", "5", 1})
	m.check(t, "a[0,100] +1@0", "a[0,100] +1+2@99", "a[100,200] +3@100", "a[100,200] +3+4@149", "a[0,100] +1+2+5@99")
	m.send(t, event{"b", "6", 150}, event{"a", "7", 99})
	m.check(t, "b[100,200] +6@150")
	if m.late != 1 {
		t.Errorf("%d late records, want 1", m.late)
	}
}

func TestWindowsHopAndNoneBeginsBefore1970(t *testing.T) {
	m := times(t, mem.Open(), window.Fixed{Size: 100, Advance: 40, Grace: 0}, nil)
	m.send(t, event{"a", "1", 10}, event{"a", "2", 90})
	m.check(t, "a[0,100] +1@10", "a[0,100] +1+2@90", "a[40,140] +2@90", "a[80,180] +2@90")
	m.send(t, event{"a", "3", 120}, event{"a", "4", 119})
	m.check(t, "a[40,140] +2+3@120", "a[80,180] +2+3@120", "a[120,220] +3@120",
		"a[40,140] +2+3+4@120", "a[80,180] +2+3+4@120")
	m.send(t, event{"a", "5", 90}) // the first of its three windows has closed
	if m.late != 1 {
		t.Errorf("%d late windows, want 1", m.late)
	}
}

func TestWindowsOfTimesBefore1970(t *testing.T) {
	m := times(t, mem.Open(), window.Fixed{Size: 100, Advance: 50, Grace: 1000}, nil)
	m.send(t, event{"a", "1", -10}, event{"a", "2", -100})
	m.check(t, "a[-100,0] +1@-10", "a[-50,50] +1@-10", "a[-150,-50] +2@-100", "a[-100,0] +1+2@-10")
}

func TestWindowWithoutAnEnd(t *testing.T) {
	m := times(t, mem.Open(), window.Fixed{Start: 100}, nil)
	m.send(t, event{"a", "1", 99}, event{"a", "2", 100}, event{"a", "3", 1 << 50}, event{"a", "4", 101})
	m.check(t, "a[100,9223372036854775807] +2@100", "a[100,9223372036854775807] +2+3@1125899906842624",
		"a[100,9223372036854775807] +2+3+4@1125899906842624")
	if m.late+m.dropped != 0 {
		t.Errorf("%d late and %d dropped, want none", m.late, m.dropped)
	}
}

func TestNullKeysAreDroppedAndMoveNoTime(t *testing.T) {
	m := times(t, mem.Open(), window.Fixed{Size: 100, Advance: 100}, nil)
	if err := m.process(&node.Record[string, string]{NullKey: true, Timestamp: time.UnixMilli(5000)}); err != nil {
		t.Fatal(err)
	}
	m.send(t, event{"a", "1", 0})
	m.check(t, "a[0,100] +1@0")
	if m.dropped != 1 || m.late != 0 {
		t.Errorf("%d dropped and %d late, want 1 and 0", m.dropped, m.late)
	}
}

func TestNullAggregateDeletesItsWindow(t *testing.T) {
	m := times(t, mem.Open(), window.Fixed{Size: 100, Advance: 100},
		func(o *options) { o.SendOld = true })
	m.send(t, event{"a", "1", 0}, event{"a", "x", 5}, event{"a", "2", 3})
	m.check(t, "a[0,100] >+1@0", "a[0,100] +1>-@5", "a[0,100] >+2@3")
}

func TestCachedWindowsAreForwardedOnceInTheOrderOfTheirLastChange(t *testing.T) {
	m := times(t, mem.Open(), window.Fixed{Size: 100, Advance: 100, Grace: 1000},
		func(o *options) { o.Cached, o.SendOld = true, true })
	m.send(t, event{"a", "1", 0}, event{"b", "2", 5}, event{"a", "3", 3}, event{"c", "4", 7}, event{"c", "x", 8})
	m.check(t)
	m.commit(t)
	m.check(t, "b[0,100] +2@5", "a[0,100] +1+3@3")
	m.send(t, event{"a", "5", 9}, event{"a", "x", 20}, event{"b", "6", 30}, event{"b", "7", 10})
	m.commit(t)
	m.check(t, "a[0,100] +1+3>-@20", "b[0,100] +2>+2+6+7@30")
	m.send(t, event{"a", "8", 1})
	m.abort()
	m.commit(t)
	m.check(t)
}

func TestLateRecordsAreRejectedOnlyIfThatIsWanted(t *testing.T) {
	m := times(t, mem.Open(), window.Fixed{Size: 100, Advance: 50},
		func(o *options) { o.RejectLate = true })
	m.send(t, event{"a", "1", 200}, event{"a", "2", 199}) // one of its two windows has closed
	var rejection *topology.Rejection
	if err := m.process(event{"a", "3", 99}.record()); !errors.As(err, &rejection) {
		t.Errorf("error %v, want a rejection", err)
	}
	if m.late != 3 {
		t.Errorf("%d late windows, want 3", m.late)
	}
}

func TestTimeIsKeptAndGoesBackWithAnAbort(t *testing.T) {
	db := mem.Open()
	f := window.Fixed{Size: 100, Advance: 100}
	m := times(t, db, f, nil)
	m.send(t, event{"a", "1", 150})
	m.commit(t)
	m.send(t, event{"a", "2", 1000})
	m.abort()
	m.send(t, event{"a", "3", 120})
	m = times(t, db, f, nil)
	m.send(t, event{"a", "4", 110}, event{"a", "5", 99})
	m.check(t, "a[100,200] +1+4@150")
	if m.late != 1 {
		t.Errorf("%d late records, want the one before the window", m.late)
	}
}

// clock is a clock that a test moves.
type clock struct{ now time.Time }

func (c *clock) Now() time.Time { return c.now }

func TestClosedWindowsAreForwardedOnceInTheOrderOfTime(t *testing.T) {
	c := &clock{time.UnixMilli(0)}
	db := mem.Open()
	begin := func() *machine[textual] {
		return times(t, db, window.Fixed{Size: 100, Advance: 50, Grace: 10}, func(o *options) {
			o.OnClose, o.Now = true, c.Now
		})
	}
	m := begin()
	m.send(t, event{"b", "1", 60}, event{"ab", "2", 10}, event{"a", "3", 120})
	m.commit(t)
	m.check(t) // the clock has not moved since the first record, for which none had closed
	c.now = c.now.Add(time.Second)
	m.send(t, event{"a", "4", 161})
	m.commit(t)
	m.check(t, "ab[0,100] +2@10", "b[0,100] +1@60", "a[50,150] +3@120", "b[50,150] +1@60")
	c.now = c.now.Add(time.Second)
	m.send(t, event{"a", "5", 165})
	m.commit(t)
	m.check(t)
	c.now = c.now.Add(time.Second)
	m.send(t, event{"a", "6", 211})
	m.check(t)
	m.abort()
	m = begin()
	c.now = c.now.Add(time.Second)
	m.send(t, event{"a", "6", 211})
	m.commit(t)
	m.check(t, "a[100,200] +3+4+5@165")
}

// timesModel says what windows there are in the end.
func timesModel(all []event, f window.Fixed) map[string]string {
	want := map[string]string{}
	now := int64(-1)
	for _, e := range all {
		now = max(now, e.at)
		for start := int64(0); start <= e.at; start += f.Advance {
			if start+f.Size > e.at && start+f.Size > now-f.Grace {
				want[fmt.Sprintf("%s[%d]", e.key, start)] += "+" + e.value
			}
		}
	}
	return want
}

func stored(t *testing.T, m *task) map[string]string {
	t.Helper()
	got := map[string]string{}
	it, err := m.stores.Window("kept").Keys(nil, nil, -1_000_000, 1<<40, false)
	if err != nil {
		t.Fatal(err)
	}
	defer it.Close()
	for it.Next() {
		_, value, err := format.ParseTimestamped(it.Value())
		if err != nil {
			t.Fatal(err)
		}
		got[fmt.Sprintf("%s[%d]", it.Key(), it.Start())] = string(value)
	}
	return got
}

func TestWindowsAreThoseOfTheModelThroughAbortsAndRestarts(t *testing.T) {
	for seed := range uint64(150) {
		rand := rand.New(rand.NewPCG(seed, 1))
		f := window.Fixed{Size: 100 * (1 + rand.Int64N(5)), Grace: 100 * rand.Int64N(20)}
		f.Advance = f.Size / (1 + rand.Int64N(3))
		all := events(rand, 60)
		cached := seed%2 == 0
		m, out := drive(t, rand, all, func(db *mem.DB) *machine[textual] {
			return times(t, db, f, func(o *options) { o.Cached = cached })
		})
		want := timesModel(all, f)
		if got := stored(t, m.task); !maps.Equal(got, want) {
			t.Fatalf("seed %d, %+v: windows %v, want %v", seed, f, got, want)
		}
		said := map[string]bool{}
		for _, line := range out {
			update, _, _ := strings.Cut(line, "@")
			said[update] = true
		}
		for key, value := range want {
			var start int64
			name, rest, _ := strings.Cut(key, "[")
			if _, err := fmt.Sscanf(rest, "%d]", &start); err != nil {
				t.Fatal(err)
			}
			if update := fmt.Sprintf("%s[%d,%d] %s", name, start, start+f.Size, value); !said[update] {
				t.Fatalf("seed %d: %q was not forwarded", seed, update)
			}
		}
	}
}

// A task that was here, went and comes back has a time of its own in the DB that is older
// than that of the store, which others have moved on.
func TestTheTimeOfANodeIsNotBehindItsStore(t *testing.T) {
	db, f := mem.Open(), window.Fixed{Size: 10, Advance: 10}
	m := times(t, db, f, nil)
	m.send(t, event{"a", "1", 100})
	m.commit(t)
	elsewhere := newTask(t, db, spec(kinds.TimestampedWindow, 1_000_000))
	elsewhere.stores.Window("kept").Put([]byte("a"), 200, make([]byte, 8))
	elsewhere.commit(t)
	m = times(t, db, f, nil)
	m.send(t, event{"a", "2", 105})
	if m.late != 1 {
		t.Errorf("%d records are late, want the one whose window had closed", m.late)
	}
}
