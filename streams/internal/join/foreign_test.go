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

	"github.com/suiro/suiro/stores/format"
	"github.com/suiro/suiro/stores/mem"
	"github.com/suiro/suiro/streams/internal/node"
	"github.com/suiro/suiro/streams/topology"
)

// foreign is a join of two tables by a foreign key, the first letter of the left value,
// with topics that are delivered when the test says so.
type foreign struct {
	left, right         map[string]Row[string]
	cached              bool                   // changes of the left table are sent at the end of an epoch
	sent                map[string]Row[string] // the left values that have been
	unsent              []string               // keys whose values have not
	subscribe           *Subscriber[string, string, string]
	publish             *Publisher[string, string]
	resolve             *Resolver[string, string, string, string]
	tasks               [2]*task // of the left and the right half
	subscriptions, back []topology.Record
	out                 []string
	at                  int64   // of the latest change
	partitions          []int32 // of the answers
}

func newForeign(t *testing.T, left bool) *foreign {
	t.Helper()
	f := &foreign{left: map[string]Row[string]{}, right: map[string]Row[string]{}, sent: map[string]Row[string]{}}
	f.tasks = [2]*task{newTask(t, mem.Open()), newTask(t, mem.Open(), SubscriptionSpec("subscriptions"))}
	topic := func(to *[]topology.Record, partitions *[]int32) Emit {
		return func(key, value []byte, partition int32, at int64, headers []topology.Header) error {
			*to = append(*to, topology.Record{Key: key, Value: value, Timestamp: millis(at), Headers: headers})
			*partitions = append(*partitions, partition)
			return nil
		}
	}
	f.subscribe = &Subscriber[string, string, string]{Context: f.tasks[0], Left: left, Key: text{}, Value: text{},
		ForeignKey: text{}, Emit: topic(&f.subscriptions, new([]int32)),
		Foreign: func(_, v string) (*string, error) {
			if v[0] == '-' {
				return nil, nil
			}
			key := v[:1]
			return &key, nil
		}}
	f.publish = &Publisher[string, string]{Context: f.tasks[1], Store: "subscriptions", Key: text{}, Value: text{},
		Get: func(k string) (Row[string], error) { return f.right[k], nil }, Emit: topic(&f.back, &f.partitions)}
	f.resolve = &Resolver[string, string, string, string]{Context: f.tasks[0], Left: left, Key: text{}, Value: text{},
		Right: text{}, Join: Outer(both), Get: func(k string) (Row[string], error) { return f.left[k], nil },
		Next: func(r *node.Record[string, string]) error {
			value := r.Value
			if r.ValueIsNull() {
				value = "null"
			}
			f.out = append(f.out, fmt.Sprintf("%s=%s@%d", r.Key, value, r.Timestamp.UnixMilli()))
			return nil
		}}
	f.subscribe.Get, f.resolve.Owe = f.resolve.Get, f.subscribe.Owe
	return f
}

// put changes a row of the left or right table; the value "" deletes it.
func (f *foreign) put(t *testing.T, table map[string]Row[string], key, value string, at int64) {
	t.Helper()
	f.at = at
	r := node.Record[string, node.Change[string]]{Key: key, Timestamp: millis(at), Value: change(table[key].Value, value)}
	if table[key] = row(value, at); value == "" {
		delete(table, key)
	}
	if fmt.Sprintf("%p", table) == fmt.Sprintf("%p", f.left) {
		f.unsent = append(f.unsent, key)
		if !f.cached {
			f.send(t)
		}
		return
	}
	if err := f.publish.Process(&r); err != nil {
		t.Fatal(err)
	}
}

// send sends the changes of left rows that have not been.
func (f *foreign) send(t *testing.T) {
	t.Helper()
	for _, key := range f.unsent {
		now := f.left[key]
		r := node.Record[string, node.Change[string]]{Key: key, Timestamp: millis(f.at),
			Value: change(f.sent[key].Value, now.Value)}
		if err := f.subscribe.Process(&r); err != nil {
			t.Fatal(err)
		}
		f.sent[key] = now
	}
	f.unsent = nil
}

// flush ends an epoch of the left half.
func (f *foreign) flush(t *testing.T) {
	t.Helper()
	f.send(t)
	if err := f.subscribe.Commit(); err != nil {
		t.Fatal(err)
	}
}

// subscribed checks that each row which refers to something is subscribed to that, and to nothing
// else.
func (f *foreign) subscribed(t *testing.T) {
	t.Helper()
	var got, want []string
	it, err := f.publish.Context.Stores().KeyValue("subscriptions").Prefix(nil, false)
	if err != nil {
		t.Fatal(err)
	}
	defer it.Close()
	for it.Next() {
		key, err := format.ParseCombinedKey(it.Key())
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, fmt.Sprintf("%s to %s", key.Primary, key.Foreign))
	}
	for key, row := range f.left {
		if row.Value[0] != '-' {
			want = append(want, fmt.Sprintf("%s to %s", key, row.Value[:1]))
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("subscribed are %q, want %q", got, want)
	}
}

// deliver hands over what the topics have.
func (f *foreign) deliver(t *testing.T) {
	t.Helper()
	f.flush(t)
	for ; len(f.subscriptions)+len(f.back) > 0; f.flush(t) {
		for _, r := range take(&f.subscriptions) {
			if err := f.publish.Subscribe(&r); err != nil {
				t.Fatal(err)
			}
		}
		for _, r := range take(&f.back) {
			if err := f.resolve.Process(&r); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// some delivers a few messages, and may end the epoch of the left half.
func (f *foreign) some(t *testing.T, random *rand.Rand) {
	t.Helper()
	if random.IntN(2) == 0 {
		f.flush(t)
	}
	for range random.IntN(4) {
		switch from := &f.subscriptions; {
		case len(*from) > 0 && random.IntN(2) == 0:
			if err := f.publish.Subscribe(&(*from)[0]); err != nil {
				t.Fatal(err)
			}
			*from = (*from)[1:]
		case len(f.back) > 0:
			if err := f.resolve.Process(&f.back[0]); err != nil {
				t.Fatal(err)
			}
			f.back = f.back[1:]
		}
	}
}

func take(records *[]topology.Record) []topology.Record {
	taken := *records
	*records = nil
	return taken
}

func (f *foreign) check(t *testing.T, want ...string) {
	t.Helper()
	f.deliver(t)
	if !slices.Equal(f.out, want) {
		t.Errorf("emitted %q, want %q", f.out, want)
	}
	f.out = nil
}

func TestRowsFollowTheirForeignKey(t *testing.T) {
	f := newForeign(t, false)
	f.put(t, f.left, "1", "a1", 10)
	f.check(t)
	f.put(t, f.right, "a", "A", 20)
	f.check(t, "1=a1+A@20")
	f.put(t, f.left, "2", "a2", 5)
	f.check(t, "2=a2+A@20")
	f.put(t, f.right, "a", "B", 30)
	f.check(t, "1=a1+B@30", "2=a2+B@30")
	f.put(t, f.left, "1", "b1", 40)
	f.check(t, "1=null@40")
	f.put(t, f.left, "2", "-2", 41)
	f.check(t, "2=null@41")
	f.put(t, f.right, "a", "C", 50)
	f.check(t)
	f.put(t, f.right, "b", "D", 60)
	f.check(t, "1=b1+D@60")
	f.put(t, f.right, "b", "", 61)
	f.check(t, "1=null@61")
	f.put(t, f.left, "1", "", 70)
	f.check(t, "1=null@70")
	if f.tasks[0].dropped != 1 {
		t.Errorf("%d dropped, want the row that refers to nothing", f.tasks[0].dropped)
	}
	if slices.ContainsFunc(f.partitions, func(p int32) bool { return p != 3 }) {
		t.Errorf("answers went to partitions %v, want that of the left row, 3", f.partitions)
	}
}

func TestLeftRowsStayWithoutARightOne(t *testing.T) {
	f := newForeign(t, true)
	f.put(t, f.left, "1", "a1", 10)
	f.put(t, f.left, "2", "-2", 11)
	f.check(t, "1=a1+-@10", "2=-2+-@11")
	f.put(t, f.right, "a", "A", 20)
	f.check(t, "1=a1+A@20")
	f.put(t, f.right, "a", "", 30)
	f.check(t, "1=a1+-@30")
	f.put(t, f.left, "1", "", 40)
	f.put(t, f.left, "9", "", 41)
	f.check(t, "1=null@40")
}

func TestAnswersToAnEarlierRowAreDropped(t *testing.T) {
	f := newForeign(t, false)
	f.put(t, f.right, "a", "A", 1)
	f.put(t, f.right, "b", "B", 2)
	f.put(t, f.left, "1", "a1", 10)
	f.put(t, f.left, "1", "b1", 11)
	f.check(t, "1=b1+B@11")
	if f.tasks[0].dropped != 1 {
		t.Errorf("%d dropped, want the answer for a", f.tasks[0].dropped)
	}
}

func TestSubscriptionsOfTheFirstVersionAreAnsweredByKey(t *testing.T) {
	f := newForeign(t, true)
	old := format.Subscription{Instruction: format.PropagateNullIfNoFKValAvailable, PrimaryKey: []byte("1")}
	if err := f.publish.Subscribe(&topology.Record{Key: []byte("a"), Value: old.Append(nil)}); err != nil {
		t.Fatal(err)
	}
	if want := []int32{unknown}; !slices.Equal(f.partitions, want) {
		t.Errorf("answered to partitions %v, want %v", f.partitions, want)
	}
}

func TestDamagedMessagesOfAForeignKeyJoinAreRejected(t *testing.T) {
	f := newForeign(t, false)
	for name, err := range map[string]error{
		"subscription": f.publish.Subscribe(&topology.Record{Key: []byte("a"), Value: []byte{9}}),
		"answer":       f.resolve.Process(&topology.Record{Key: []byte("a"), Value: []byte{9}}),
	} {
		if _, ok := err.(*topology.Rejection); !ok {
			t.Errorf("%s: %v, want a rejection", name, err)
		}
	}
}

// A result goes when its row no longer refers to a right row, however often the row changes before
// it is known that there is none. Kafka Streams would leave it.
func TestResultsGoAlthoughTheirRowChangesAgain(t *testing.T) {
	for name, later := range map[string]string{
		"another value": "b2", "a foreign key that nothing has": "c1", "no foreign key": "-1", "deleted": "", "found": "a2",
	} {
		t.Run(name, func(t *testing.T) {
			for _, first := range []string{"b1", "-0", ""} {
				f := newForeign(t, false)
				f.put(t, f.right, "a", "A", 1)
				f.put(t, f.left, "1", "a1", 10)
				f.check(t, "1=a1+A@10")
				f.put(t, f.left, "1", first, 11)
				f.put(t, f.left, "1", later, 12)
				f.deliver(t)
				want := "1=null"
				if later == "a2" {
					want = "1=a2+A"
				}
				if n := len(f.out); n == 0 || !strings.HasPrefix(f.out[n-1], want+"@") {
					t.Errorf("after %q and %q: emitted %q, want %q at last", first, later, f.out, want)
				}
			}
		})
	}
}

// TestForeignKeyJoinsEndAsAModel changes both tables at random, while messages are on their way,
// and compares the last results with those of a plain loop. Set SEED to repeat a run.
func TestForeignKeyJoinsEndAsAModel(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	if s := os.Getenv("SEED"); s != "" {
		seed, _ = strconv.ParseUint(s, 10, 64)
	}
	t.Logf("SEED=%d", seed)
	for round := range uint64(100) {
		endAsModel(t, rand.New(rand.NewPCG(seed, round)))
	}
}

func endAsModel(t *testing.T, random *rand.Rand) {
	t.Helper()
	left := random.IntN(2) == 0
	f := newForeign(t, left)
	f.cached = random.IntN(2) == 0
	for i := range int64(60) {
		value := ""
		switch n := random.IntN(10); {
		case n < 5:
			if random.IntN(4) > 0 {
				value = string("ab-"[random.IntN(3)]) + strconv.Itoa(random.IntN(3))
			}
			f.put(t, f.left, strconv.Itoa(random.IntN(3)), value, i)
		case n < 8:
			if random.IntN(3) > 0 {
				value = strconv.Itoa(random.IntN(5))
			}
			f.put(t, f.right, string("ab"[random.IntN(2)]), value, i)
		case n < 9:
			f.some(t, random)
		default:
			f.deliver(t)
		}
	}
	f.deliver(t)
	f.subscribed(t)
	got, want := map[string]string{}, map[string]string{}
	for _, line := range f.out {
		key, rest, _ := strings.Cut(line, "=")
		if got[key], _, _ = strings.Cut(rest, "@"); got[key] == "null" {
			delete(got, key)
		}
	}
	for key, l := range f.left {
		if r, ok := f.right[l.Value[:1]]; ok {
			want[key] = l.Value + "+" + r.Value
		} else if left {
			want[key] = l.Value + "+-"
		}
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("left join %v: %v, want %v", left, got, want)
	}
}
