package streams_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/suiro/suiro/stores/mem"
	"github.com/suiro/suiro/streams"
	"github.com/suiro/suiro/streams/streamstest"
	"github.com/suiro/suiro/streams/topology"
)

func value(_, v string) (string, error) { return v, nil }

// countTo counts by key into store "counts" and writes the updates to "out".
func countTo(in *words) {
	t := streams.Count(streams.GroupByKey(in, streams.String()), "counts")
	streams.To(t.ToStream(), "out", streams.String(), show[int64]("%d"))
}

// Keys come in the order in which they were counted last, as in Kafka Streams.
func TestCountForwardsEachKeyOnceAnEpoch(t *testing.T) {
	d := drive(t, build(t, countTo), nil)
	d.send("b=", "a=", "b=", "b=")
	same(t, "first epoch", d.read("out"), []string{"a=1", "b=3"})
	d.send("a=")
	same(t, "second epoch", d.read("out"), []string{"a=2"})
	same(t, "an epoch without records", d.read("out"), []string{})
	if got, want := d.counts("counts"), map[string]int64{"a": 2, "b": 3}; !maps.Equal(got, want) {
		t.Errorf("store has %v, want %v", got, want)
	}
}

// The update of an aggregate has the timestamp of its latest record.
func TestUpdatesHaveTheLatestTimestamp(t *testing.T) {
	d := drive(t, build(t, countTo), nil)
	d.send("a=@20", "a=@30", "a=@10")
	d.commit()
	if got := d.Read("out")[0].Timestamp; !got.Equal(second(30)) {
		t.Errorf("timestamp %v, want %v", got, second(30))
	}
}

func TestGroupByCountsByTheNewKey(t *testing.T) {
	for _, partitions := range []int{1, 4} {
		d := drive(t, build(t, func(in *words) {
			g := streams.GroupBy(in, "by-value", value, streams.String(), streams.String())
			streams.To(streams.Count(g, "counts").ToStream(), "out", streams.String(), show[int64]("%d"))
		}), &streamstest.Options{Partitions: partitions})
		d.send("k1=x", "k2=y", "k3=x", "k4=x")
		got := d.read("out")
		slices.Sort(got)
		same(t, "output", got, []string{"x=3", "y=1"})
	}
}

func TestAggregateAddsInOrder(t *testing.T) {
	d := drive(t, build(t, func(in *words) {
		t := streams.Aggregate(streams.GroupByKey(in, streams.String()), "joined",
			func() string { return "^" },
			func(_ string, v, a string) (string, error) {
				v, err := good(v)
				return a + v, err
			}, streams.String())
		toOut(t.ToStream())
	}), nil)
	d.send("a=x", "b=y", "a=bad", "a=z")
	same(t, "output", d.read("out"), []string{"b=^Y", "a=^XZ"})
	same(t, "rejected", d.rejected(), []string{"processing: bad value"})
	d.send("a=w")
	same(t, "the aggregate goes on", d.read("out"), []string{"a=^XZW"})
}

// Small aggregates stay decoded from epoch to epoch, large ones do not: what
// they hold is bounded.
func TestLargeAggregatesAreNotKeptDecoded(t *testing.T) {
	for size, want := range map[int]int{10: 0, 1 << 20: 20} {
		decoded := 0
		text := streams.String()
		d := drive(t, build(t, func(in *words) {
			streams.Aggregate(streams.GroupByKey(in, text), "texts", func() string { return "" },
				func(_, v, _ string) (string, error) { return strings.Repeat(v, size), nil },
				streams.NewSerde(text.Serialize, func(b []byte) (string, error) {
					decoded++
					return text.Deserialize(b)
				}))
		}), &streamstest.Options{Properties: map[string]string{"max.request.size": "2097152"}})
		for range 2 {
			for i := range 20 {
				d.send(fmt.Sprintf("k%d=x", i))
			}
			d.commit()
		}
		if decoded != want {
			t.Errorf("aggregates of %d bytes were decoded %d times in the second epoch, want %d", size, decoded, want)
		}
	}
}

// add may change the aggregate that it is given; an abort must still undo that.
func TestAbortRestoresAggregatesChangedInPlace(t *testing.T) {
	d := drive(t, build(t, func(in *words) {
		table := streams.Aggregate(streams.GroupByKey(in, streams.String()), "sets",
			func() map[string]int { return map[string]int{} },
			func(_ string, v string, m map[string]int) (map[string]int, error) {
				m[v]++
				return m, nil
			}, streams.JSON[map[string]int]())
		streams.To(table.ToStream(), "out", streams.String(), streams.JSON[map[string]int]())
	}), nil)
	d.send("k=a")
	d.commit()
	d.send("k=a", "k=b")
	d.Abort()
	d.send("k=c")
	d.Abort()
	same(t, "output", d.read("out"), []string{`k={"a":1}`, `k={"a":2,"b":1,"c":1}`})
}

// A stored aggregate that cannot be read stops the app: the store is damaged
// or the code has changed, and no record is to blame.
func TestUnreadableAggregatesStop(t *testing.T) {
	topo := func(serde streams.Serde[string]) *topology.Topology {
		return build(t, func(in *words) {
			streams.Aggregate(streams.GroupByKey(in, streams.String()), "s", func() string { return "" },
				func(_ string, _, a string) (string, error) { return a, nil }, serde)
		})
	}
	db := mem.Open()
	first := drive(t, topo(streams.String()), &streamstest.Options{DB: db})
	first.send("k=v")
	first.commit()
	broken := streams.NewSerde(func(string) ([]byte, error) { return nil, nil },
		func([]byte) (string, error) { return "", errors.New("unknown version") })
	second := drive(t, topo(broken), &streamstest.Options{DB: db})
	err := second.Send("in", record(t, "k=v"))
	if want := `decode the aggregate of key "k" in store s: unknown version`; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("error %v, want one with %q", err, want)
	}
}

// An aggregate that cannot be encoded is the fault of the record that made it so.
func TestUnwritableAggregatesAreRejected(t *testing.T) {
	d := drive(t, build(t, func(in *words) {
		streams.Aggregate(streams.GroupByKey(in, streams.String()), "s", func() string { return "" },
			func(_ string, _, a string) (string, error) { return a, nil },
			streams.NewSerde(func(string) ([]byte, error) { return nil, errBad }, nil))
	}), nil)
	d.send("k=v")
	same(t, "rejected", d.rejected(), []string{`processing: encode the aggregate of key "k" for store s: bad value`})
}

// An aggregate of aggregates: updates of one table feed another, across a
// repartition.
func TestTablesFeedTables(t *testing.T) {
	d := drive(t, build(t, func(in *words) {
		counts := streams.Count(streams.GroupByKey(in, streams.String()), "counts").ToStream()
		text := streams.MapValues(counts, func(n int64) (string, error) { return fmt.Sprint(n), nil })
		updates := streams.GroupBy(text, "all", func(string, string) (string, error) { return "all", nil },
			streams.String(), streams.String())
		streams.To(streams.Count(updates, "updates").ToStream(), "out", streams.String(), show[int64]("%d"))
	}), &streamstest.Options{Partitions: 4})
	d.send("a=", "b=", "a=", "c=")
	same(t, "three keys changed", d.read("out"), []string{"all=3"})
	d.send("a=")
	same(t, "one more", d.read("out"), []string{"all=4"})
}

// More keys than the cache keeps: what it forgets comes back from the store.
func TestCacheEvictionLosesNothing(t *testing.T) {
	d := drive(t, build(t, countTo), nil)
	const keys = 12_000
	for round := range 3 {
		for i := range keys {
			d.send(fmt.Sprintf("k%d=", i))
		}
		if got := len(d.read("out")); got != keys {
			t.Fatalf("round %d: %d updates, want %d", round, got, keys)
		}
	}
	for k, n := range d.counts("counts") {
		if n != 3 {
			t.Fatalf("%s counts %d, want 3", k, n)
		}
	}
}

// The changelog has the latest value of a key once an epoch, and no more.
func TestChangelogHasEachKeyOnceAnEpoch(t *testing.T) {
	d := drive(t, build(t, countTo), nil)
	for epoch := range 3 {
		for range 10 {
			d.send("a=", "b=")
		}
		d.commit()
		if got, want := len(d.Changelog("counts", 0)), 2*(epoch+1); got != want {
			t.Errorf("after epoch %d the changelog has %d records, want %d", epoch, got, want)
		}
	}
}

func TestTwoStoresInOneTaskStayApart(t *testing.T) {
	d := drive(t, build(t, func(in *words) {
		g := streams.GroupByKey(in, streams.String())
		streams.Count(g, "counts")
		streams.Count(g, "counts2")
		streams.Count(streams.GroupByKey(in.Filter(func(_, v string) bool { return v == "x" }), streams.String()), "xs")
	}), nil)
	d.send("a=x", "a=y", "b=y")
	d.commit()
	for store, want := range map[string]map[string]int64{
		"counts": {"a": 2, "b": 1}, "counts2": {"a": 2, "b": 1}, "xs": {"a": 1},
	} {
		if got := d.counts(store); !maps.Equal(got, want) {
			t.Errorf("%s has %v, want %v", store, got, want)
		}
	}
}

// Records without a key or a value belong to no aggregate, and are counted as dropped.
func TestAggregatesLeaveOutNull(t *testing.T) {
	d := drive(t, build(t, countTo), nil)
	for _, r := range []streamstest.Record{
		{Value: []byte("v")}, {Key: []byte("k")}, {Key: []byte("k"), Value: []byte{}},
	} {
		if err := d.Send("in", r); err != nil {
			t.Fatal(err)
		}
	}
	same(t, "output", d.read("out"), []string{"k=1"})
	if got := d.Dropped(); got != 2 {
		t.Errorf("%d records dropped, want 2", got)
	}
}

// An aggregate that becomes nil deletes its key: in the store, and below with a tombstone.
func TestAnAggregateThatBecomesNilDeletesItsKey(t *testing.T) {
	for _, opts := range [][]streams.Option{nil, {streams.WithoutCaching()}} {
		d := drive(t, build(t, func(in *words) {
			last := func(_, v string, _ []byte) ([]byte, error) {
				if v == "none" {
					return nil, nil
				}
				return []byte(v), nil
			}
			table := streams.Aggregate(streams.GroupByKey(in, streams.String()), "last",
				func() []byte { return []byte{} }, last, streams.Bytes(), opts...)
			streams.To(table.ToStream(), "out", streams.String(), streams.Bytes())
		}), nil)
		d.send("a=1")
		same(t, "first", d.read("out"), []string{"a=1"})
		d.send("a=none")
		d.commit()
		out := d.Read("out")
		if len(out) != 1 || out[0].Value != nil {
			t.Errorf("output %v, want a tombstone", out)
		}
		if got := d.texts("last"); len(got) != 0 {
			t.Errorf("the store has %v, want nothing", got)
		}
	}
}

// Null stays null on its way, for types without a nil too.
func TestNullStaysNull(t *testing.T) {
	d := drive(t, build(t, func(in *words) {
		streams.To(in.Filter(func(string, string) bool { return true }), "out", streams.String(), streams.String())
	}), nil)
	if err := d.Send("in", streamstest.Record{}, streamstest.Record{Key: []byte{}, Value: []byte{}}); err != nil {
		t.Fatal(err)
	}
	d.commit()
	out := d.Read("out")
	if len(out) != 2 || out[0].Key != nil || out[0].Value != nil || out[1].Key == nil || out[1].Value == nil {
		t.Errorf("output %v, want null and then empty", out)
	}
}

// A cache of size 0 forwards every update.
func TestWithoutACacheEveryUpdateIsForwarded(t *testing.T) {
	d := drive(t, build(t, countTo), &streamstest.Options{Properties: map[string]string{"statestore.cache.max.bytes": "0"}})
	d.send("b=", "a=", "b=")
	same(t, "output", d.read("out"), []string{"b=1", "a=1", "b=2"})
}

// Nodes next to each other do not see what the others change.
func TestSiblingsHaveRecordsOfTheirOwn(t *testing.T) {
	d := drive(t, build(t, func(in *words) {
		toOut(streams.Process(in, func(ctx *streams.Context[string, string]) streams.Processor[string, string] {
			return streams.ProcessorFunc[string, string](func(r *streams.Record[string, string]) error {
				r.Value += "!"
				return ctx.Forward(r)
			})
		}))
		toOut(in)
	}), nil)
	d.send("k=v")
	same(t, "output", d.read("out"), []string{"k=v!", "k=v"})
}

// Equal keys meet in one task after a node that has changed them.
func TestGroupByKeyRepartitionsByItself(t *testing.T) {
	d := drive(t, build(t, func(in *words) {
		t := streams.Count(streams.GroupByKey(streams.SelectKey(in, value), streams.String()), "counts")
		streams.To(t.ToStream(), "out", streams.String(), show[int64]("%d"))
	}), &streamstest.Options{Partitions: 4})
	d.send("a=x", "b=x", "c=x", "d=x", "e=x")
	same(t, "output", d.read("out"), []string{"x=5"})
}
