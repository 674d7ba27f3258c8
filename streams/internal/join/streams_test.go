package join

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/suiro/suiro/stores/mem"
	"github.com/suiro/suiro/streams/internal/node"
)

// streamJoin is a join of two streams of text, and what it has emitted.
type streamJoin struct {
	*task
	join *Streams[string, string, string, string]
	out  []string
}

const (
	inner = iota
	leftOuter
	fullOuter
)

func newStreamJoin(t *testing.T, db *mem.DB, kind int, w Windows) *streamJoin {
	t.Helper()
	o := StreamOptions[string, string, string, string]{
		Windows: w, OuterLeft: kind != inner, OuterRight: kind == fullOuter, LeftStore: "left", RightStore: "right",
		Key: text{}, Left: text{}, Right: text{},
		Join: Outer(func(l, r *string) (string, error) { return shown(l) + "+" + shown(r), nil }),
	}
	if kind != inner {
		o.Waiting = "waiting"
	}
	j := &streamJoin{}
	left, right, waiting := o.Specs()
	j.task = newTask(t, db, append(waiting, left, right)...)
	j.join = NewStreams(j.task, o, func(r *node.Record[string, string]) error {
		line := fmt.Sprintf("%s %s@%d", r.Key, r.Value, r.Timestamp.UnixMilli())
		for _, h := range r.Headers {
			line += " " + h.Key
		}
		j.out = append(j.out, line)
		*r = node.Record[string, string]{} // a node may change what it gets
		return nil
	})
	return j
}

// send sends records such as "L a 100", with the side, the key and the timestamp: the value
// is the side and the timestamp. Without a key it is null.
func (j *streamJoin) send(t *testing.T, lines ...string) {
	t.Helper()
	for _, line := range lines {
		words := strings.Fields(line)
		at, err := strconv.ParseInt(words[len(words)-1], 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		r := node.Record[string, string]{Value: words[0] + words[len(words)-1], Timestamp: time.UnixMilli(at)}
		if r.NullKey = len(words) == 2; !r.NullKey {
			r.Key = words[1]
		}
		r.NullValue = r.Key == "null"
		if words[0] == "L" {
			err = j.join.Left(&r)
		} else {
			err = j.join.Right(&r)
		}
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
	}
}

func (j *streamJoin) check(t *testing.T, want ...string) {
	t.Helper()
	if !slices.Equal(j.out, want) {
		t.Errorf("emitted\n%s\nwant\n%s", strings.Join(j.out, "\n"), strings.Join(want, "\n"))
	}
	j.out = nil
}

func TestStreamsJoinWithinTheirWindow(t *testing.T) {
	j := newStreamJoin(t, mem.Open(), inner, Windows{Before: 10, After: 20, Grace: 100})
	j.send(t, "L a 100", "R a 90", "R a 89", "R a 120", "R a 121", "R b 100", "L b 100")
	j.check(t, "a L100+R90@100", "a L100+R120@120", "b L100+R100@100")
	j.send(t, "L a 101") // it may be 10 behind what the right side has, or 20 before
	j.check(t, "a L101+R120@120", "a L101+R121@121")
}

func TestStreamsKeepDuplicatesInTheirOrder(t *testing.T) {
	j := newStreamJoin(t, mem.Open(), inner, Windows{Before: 10, After: 10, Grace: 10})
	j.send(t, "L a 5", "L a 3", "L a 5", "R a 4")
	j.check(t, "a L3+R4@4", "a L5+R4@5", "a L5+R4@5")
}

func TestStreamsForgetWhatIsOlderThanWindowAndGrace(t *testing.T) {
	j := newStreamJoin(t, mem.Open(), inner, Windows{Before: 10, After: 10, Grace: 5})
	j.send(t, "L a 100", "L a 124", "R a 100")
	j.check(t, "a L100+R100@100")
	j.send(t, "L a 125", "R a 101")
	j.check(t)
	if j.dropped != 0 {
		t.Errorf("%d dropped, want none", j.dropped)
	}
	j.send(t, "L a 100")
	if j.dropped != 1 {
		t.Errorf("%d dropped, want the one that its store no longer keeps", j.dropped)
	}
}

func TestStreamsWithoutKeyOrValue(t *testing.T) {
	for kind, want := range map[int]struct {
		out     []string
		dropped int
	}{
		inner:     {nil, 4},
		leftOuter: {[]string{" L1+-@1"}, 3},
		fullOuter: {[]string{" L1+-@1", " -+R1@1"}, 2},
	} {
		j := newStreamJoin(t, mem.Open(), kind, Windows{Before: 10, After: 10})
		j.send(t, "L 1", "R 1", "L null 2", "R null 2")
		j.check(t, want.out...)
		if j.dropped != want.dropped {
			t.Errorf("kind %d: %d dropped, want %d", kind, j.dropped, want.dropped)
		}
	}
}

func TestRecordsThatMeetNoOtherComeWhenTheirWindowCloses(t *testing.T) {
	w := Windows{Before: 10, After: 10, Grace: 5}
	j := newStreamJoin(t, mem.Open(), leftOuter, w)
	j.send(t, "L a 100", "L b 115")
	j.check(t)
	j.send(t, "L b 116", "R c 0")
	j.check(t, "a L100+-@100")
	j.send(t, "R b 120", "L c 200")
	j.check(t, "b L115+R120@120", "b L116+R120@120")

	j = newStreamJoin(t, mem.Open(), fullOuter, w)
	j.send(t, "R b 100", "L a 100", "L c 99", "R a 98", "L d 200")
	j.check(t, "a L100+R98@100", "c L99+-@99", "b -+R100@100")
}

func TestRecordsThatAreLateMeetNoOtherAtOnce(t *testing.T) {
	j := newStreamJoin(t, mem.Open(), leftOuter, Windows{Before: 10, After: 10, Grace: 50})
	j.send(t, "R b 100", "L a 89", "L a 90")
	j.check(t, "a L89+-@89")
}

func TestRecordsOfOneTimeAndKeyWaitTogether(t *testing.T) {
	j := newStreamJoin(t, mem.Open(), leftOuter, Windows{Before: 10, After: 10, Grace: 5})
	j.send(t, "L a 100", "L a 100", "L b 200")
	j.check(t, "a L100+-@100", "a L100+-@100")
	j.send(t, "L c 201", "L c 201", "R c 205", "L d 500")
	j.check(t, "c L201+R205@205", "c L201+R205@205", "b L200+-@200")
}

func TestEmptyIsNotNull(t *testing.T) {
	var got []any
	next := func(*node.Record[string, []byte]) error { return nil }
	o := StreamOptions[string, []byte, []byte, []byte]{Windows: Windows{Before: 10, After: 10, Grace: 1},
		OuterLeft: true, LeftStore: "left", RightStore: "right", Waiting: "waiting", Key: text{}, Left: raw{}, Right: raw{},
		Join: func(l, r []byte, _, _ bool) ([]byte, error) {
			got = append(got, l == nil, r == nil)
			return l, nil
		}}
	left, right, waiting := o.Specs()
	j := NewStreams(newTask(t, mem.Open(), append(waiting, left, right)...), o, next)
	for _, r := range []node.Record[string, []byte]{
		{Key: "a", Value: []byte{}, Timestamp: millis(1)}, {Key: "b", Value: []byte{}, Timestamp: millis(2)},
	} {
		if err := j.Left(&r); err != nil {
			t.Fatal(err)
		}
	}
	for _, r := range []node.Record[string, []byte]{
		{Key: "a", Value: []byte{}, Timestamp: millis(3)}, {Key: "c", Value: []byte{}, Timestamp: millis(99)},
	} {
		if err := j.Right(&r); err != nil {
			t.Fatal(err)
		}
	}
	// a of both sides, and b without a right one.
	if want := []any{false, false, false, true}; !slices.Equal(got, want) {
		t.Errorf("null values %v, want %v", got, want)
	}
}

// raw is the Serde of bytes.
type raw struct{}

func (raw) Serialize(b []byte) ([]byte, error)   { return b, nil }
func (raw) Deserialize(b []byte) ([]byte, error) { return b, nil }

func TestAnAbortTakesBackTimesAndRecords(t *testing.T) {
	j := newStreamJoin(t, mem.Open(), leftOuter, Windows{Before: 10, After: 10, Grace: 5})
	j.send(t, "L a 100")
	j.commit(t)
	j.send(t, "L b 900")
	j.check(t, "a L100+-@100")
	j.overlay.Clear()
	j.send(t, "R a 101") // the time is 100 again, and a has met no other
	j.check(t, "a L100+R101@101")
	j.send(t, "L b 900")
	j.check(t)
}

func TestARestartKnowsWhatWaits(t *testing.T) {
	db, w := mem.Open(), Windows{Before: 10, After: 0} // no look without a record that waits
	j := newStreamJoin(t, db, leftOuter, w)
	j.send(t, "L a 100")
	j.commit(t)
	j = newStreamJoin(t, db, leftOuter, w)
	j.send(t, "L b 50", "L c 101")
	j.check(t, "b L50+-@50", "a L100+-@100")
}

// event is a record of the model.
type event struct {
	left bool
	key  string
	at   int64
}

func (e event) value() string {
	if e.left {
		return "L" + strconv.FormatInt(e.at, 10)
	}
	return "R" + strconv.FormatInt(e.at, 10)
}

// joined is what two streams without late records make: each pair within the window, and
// on the sides that emit them the records without a pair. Those that come when a pair
// could only be late are emitted before one comes.
func joined(events []event, kind int, w Windows) (out []string) {
	stream := int64(0)
	for i, e := range events {
		stream = max(stream, e.at)
		_, after := w.seenFrom(e.left)
		before, met := pairs(events[:i], e, w), false
		out = append(out, before...)
		if met = len(before) > 0; !met && e.at+after >= stream {
			met = len(pairs(events[i:], e, w)) > 0
		}
		switch {
		case !met && e.left && kind != inner:
			out = append(out, fmt.Sprintf("%s %s+-@%d", e.key, e.value(), e.at))
		case !met && !e.left && kind == fullOuter:
			out = append(out, fmt.Sprintf("%s -+%s@%d", e.key, e.value(), e.at))
		}
	}
	slices.Sort(out)
	return out
}

// pairs are those of a record with others.
func pairs(others []event, e event, w Windows) (out []string) {
	for _, o := range others {
		l, r := e, o
		if !e.left {
			l, r = o, e
		}
		if e.left != o.left && e.key == o.key && r.at >= l.at-w.Before && r.at <= l.at+w.After {
			out = append(out, fmt.Sprintf("%s %s+%s@%d", e.key, l.value(), r.value(), max(l.at, r.at)))
		}
	}
	return out
}

// TestStreamsAgreeWithAModel sends random records, some out of order but none late, with
// commits, aborts and restarts, and compares all results with those of a plain loop. Set
// SEED to repeat a run.
func TestStreamsAgreeWithAModel(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	if s := os.Getenv("SEED"); s != "" {
		seed, _ = strconv.ParseUint(s, 10, 64)
	}
	t.Logf("SEED=%d", seed)
	for round := range uint64(60) {
		agree(t, rand.New(rand.NewPCG(seed, round)))
	}
}

func agree(t *testing.T, random *rand.Rand) {
	t.Helper()
	w := Windows{Before: random.Int64N(20), After: random.Int64N(20), Grace: 30}
	kind := random.IntN(3)
	db := mem.Open()
	j := newStreamJoin(t, db, kind, w)
	var events, open []event
	var out []string
	now := int64(1000)
	commit := func() {
		j.commit(t)
		events, open = append(events, open...), nil
		out, j.out = append(out, j.out...), nil
	}
	for range 120 {
		switch action := random.IntN(20); action {
		case 0:
			commit()
		case 1:
			j.overlay.Clear()
			j.out, open = nil, nil
		case 2:
			j = newStreamJoin(t, db, kind, w)
			open = nil
		default:
			// No record is so late that its window may have closed: the other side's time
			// counts too, and what waits is looked for by the time of both.
			now += random.Int64N(4)
			e := event{random.IntN(2) == 0, string(rune('a' + random.IntN(3))), now - random.Int64N(10)}
			open = append(open, e)
			j.send(t, fmt.Sprintf("%c %s %d", e.value()[0], e.key, e.at))
		}
	}
	commit()
	last := len(events)
	j.send(t, "L end 9000", "L end 9001")
	out = append(out, j.out...)
	slices.Sort(out)
	want := joined(events[:last], kind, w)
	if !slices.Equal(out, want) {
		t.Errorf("kind %d, %+v, events %v:\n%s\nwant\n%s", kind, w, events, strings.Join(out, "\n"), strings.Join(want, "\n"))
	}
}
