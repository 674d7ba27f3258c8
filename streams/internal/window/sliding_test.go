package window_test

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/suiro/suiro/stores/kinds"
	"github.com/suiro/suiro/stores/mem"
	"github.com/suiro/suiro/streams/internal/node"
	"github.com/suiro/suiro/streams/internal/window"
	"github.com/suiro/suiro/streams/topology"
)

// sliding starts a node that joins texts in sliding windows.
func sliding(t *testing.T, db *mem.DB, a window.Around, change func(*options)) *machine[textual] {
	t.Helper()
	m := &machine[textual]{task: newTask(t, db, spec(kinds.TimestampedWindow, 1_000_000))}
	o := &options{Output: window.Output[string, textual]{Store: "kept", Key: text{}, Aggregate: nullable{}, Next: m.next,
		Slack: 1 << 40}}
	o.Name, o.Aggregator, o.Now, o.Interval = "node", joined(false), time.Now, time.Second
	if change != nil {
		change(o)
	}
	o.Updates = window.NewUpdates(m.task, o.Output)
	n, err := window.NewSliding(m.task, &o.Options, a)
	if err != nil {
		t.Fatal(err)
	}
	m.process = n.Process
	return m
}

func TestSlidingWindowsEndWithARecordOrBeginAfterOne(t *testing.T) {
	m := sliding(t, mem.Open(), window.Around{Difference: 10, Grace: 100}, nil)
	m.send(t, event{"a", "1", 100})
	m.check(t, "a[90,100] +1@100")
	m.send(t, event{"a", "2", 105})
	m.check(t, "a[101,111] +2@105", "a[95,105] +1+2@105")
	m.send(t, event{"a", "3", 105}) // no window is new
	m.check(t, "a[101,111] +2+3@105", "a[95,105] +1+2+3@105")
	m.send(t, event{"a", "4", 103}) // between: with both windows of its own
	m.check(t, "a[101,111] +2+3+4@105", "a[95,105] +1+2+3+4@105", "a[93,103] +1+4@103", "a[104,114] +2+3@105")
}

// Without a cache a deletion has the largest time of the window's records; with one it has
// that of the record which has deleted, as in Kafka Streams.
func TestDeletionsOfACacheHaveTheTimeOfTheirRecord(t *testing.T) {
	for cached, want := range map[bool]string{false: "a[90,100] -@100", true: "a[90,100] -@95"} {
		m := sliding(t, mem.Open(), window.Around{Difference: 10, Grace: 100}, func(o *options) { o.Cached = cached })
		m.send(t, event{"a", "1", 100})
		m.commit(t)
		m.out = nil
		m.send(t, event{"a", "x", 95})
		m.commit(t)
		if len(m.out) == 0 || m.out[0] != want {
			t.Errorf("cached %v: %q, want first %s", cached, m.out, want)
		}
	}
}

func TestRecordsBeforeTheFirstWindowShareOne(t *testing.T) {
	m := sliding(t, mem.Open(), window.Around{Difference: 10, Grace: 100}, nil)
	m.send(t, event{"a", "1", 5}, event{"a", "2", 2}, event{"a", "3", 9})
	m.check(t, "a[0,10] +1@5", "a[3,13] +1@5", "a[0,10] +1+2@5", "a[3,13] +1+3@9", "a[6,16] +3@9", "a[0,10] +1+2+3@9")
}

func TestSlidingWindowsLeaveOutLateRecordsAndNulls(t *testing.T) {
	m := sliding(t, mem.Open(), window.Around{Difference: 10, Grace: 20}, nil)
	m.send(t, event{"a", "1", 200}, event{"a", "2", 170}, event{"a", "3", 169})
	m.check(t, "a[190,200] +1@200")
	if m.late != 2 { // the record at 170 has come for a window that ends then, and the next one for none
		t.Errorf("%d late, want 2", m.late)
	}
	for _, r := range []node.Record[string, string]{{NullKey: true}, {Key: "a", NullValue: true}} {
		r.Timestamp = time.UnixMilli(10_000)
		if err := m.process(&r); err != nil {
			t.Fatal(err)
		}
	}
	if m.dropped != 2 {
		t.Errorf("%d dropped, want 2", m.dropped)
	}
	m = sliding(t, mem.Open(), window.Around{Difference: 10},
		func(o *options) { o.RejectLate = true })
	m.send(t, event{"a", "1", 200})
	var rejection *topology.Rejection
	if err := m.process(event{"a", "3", 150}.record()); !errors.As(err, &rejection) {
		t.Errorf("error %v, want a rejection", err)
	}
}

func TestClosedSlidingWindowsAreForwardedOnce(t *testing.T) {
	c := &clock{time.UnixMilli(0)}
	m := sliding(t, mem.Open(), window.Around{Difference: 10, Grace: 5},
		func(o *options) { o.OnClose, o.Now = true, c.Now })
	m.send(t, event{"b", "1", 100}, event{"a", "2", 95}, event{"a", "3", 97})
	c.now = c.now.Add(time.Second)
	m.send(t, event{"a", "4", 104})
	m.commit(t)
	m.check(t, "a[85,95] +2@95", "a[87,97] +2+3@97")
	c.now = c.now.Add(time.Second)
	m.send(t, event{"a", "5", 111})
	m.commit(t)
	m.check(t, "b[90,100] +1@100", "a[94,104] +2+3+4@104")
}

// slidingModel counts the records of each window that there is after all of them.
func slidingModel(all []event, d int64) map[string]int64 {
	want := map[string]int64{}
	count := func(key string, from, to int64) {
		n := int64(0)
		for _, e := range all {
			if e.key == key && e.at >= from && e.at <= to {
				n++
			}
		}
		if n > 0 {
			want[fmt.Sprintf("%s[%d]", key, from)] = n
		}
	}
	for _, e := range all {
		count(e.key, max(0, e.at-d), max(d, e.at))
		count(e.key, e.at+1, e.at+1+d)
	}
	return want
}

func TestSlidingWindowsAreThoseOfTheModelThroughAbortsAndRestarts(t *testing.T) {
	for seed := range uint64(150) {
		rand := rand.New(rand.NewPCG(seed, 2))
		all := events(rand, 50)
		d := 1 + rand.Int64N(500)
		m, _ := drive(t, rand, all, func(db *mem.DB) *machine[int64] {
			m := &machine[int64]{task: newTask(t, db, spec(kinds.TimestampedWindow, 1_000_000))}
			n, err := window.NewSliding(m.task, &window.Options[string, string, int64]{Name: "node",
				Aggregator: window.Count[string, string](), Updates: window.NewUpdates(m.task, window.Output[string, int64]{
					Store: "kept", Key: text{}, Aggregate: long{}, Next: m.next, Cached: seed%2 == 0})},
				window.Around{Difference: d, Grace: 1_000_000})
			if err != nil {
				t.Fatal(err)
			}
			m.process = n.Process
			return m
		})
		got := map[string]int64{}
		for key, value := range stored(t, m.task) {
			n, err := long{}.Deserialize([]byte(value))
			if err != nil {
				t.Fatal(err)
			}
			got[key] = n
		}
		if want := slidingModel(all, d); !maps.Equal(got, want) {
			t.Fatalf("seed %d, difference %d, records %v:\n%v, want\n%v", seed, d, all, got, want)
		}
	}
}
