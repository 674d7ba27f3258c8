package streams_test

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/suiro/suiro/streams"
	"github.com/suiro/suiro/streams/streamstest"
)

func both(l, r string) (string, error) { return l + "+" + r, nil }

func left(l string, r *string) (string, error) { return either(&l, r) }

func either(l, r *string) (string, error) {
	none := "-"
	return *cmp.Or(l, &none) + "+" + *cmp.Or(r, &none), nil
}

// latest is a table of the last value of each key.
func latest(b *streams.Builder, topic string) *streams.KTable[string, string] {
	return streams.Reduce(streams.GroupByKey(readText(b, topic), streams.String()), topic+"-rows",
		func(_, next string) (string, error) { return next, nil }, streams.String())
}

// joins are topologies that read left and right, and write out.
var joins = map[string]func(b *streams.Builder){
	"streams": func(b *streams.Builder) {
		l, r, s := readText(b, "left"), readText(b, "right"), streams.String()
		toText(streams.OuterJoin(l, r, streams.TimeDifference(5*time.Second, 2*time.Second), either, s, s, s), "out")
	},
	"stream with itself": func(b *streams.Builder) {
		l, s := readText(b, "left"), streams.String()
		toText(readText(b, "right"), "copy")
		toText(streams.Join(l, l, streams.TimeDifference(5*time.Second, time.Second), both, s, s, s), "out")
	},
	"stream by another key": func(b *streams.Builder) {
		l, s := streams.SelectKey(readText(b, "left"), valueOf), streams.String()
		toText(streams.LeftJoin(l, readText(b, "right"), streams.TimeDifference(time.Minute, 0), left, s, s, s), "out")
	},
	"stream with table": func(b *streams.Builder) {
		toText(streams.LeftJoinTable(readText(b, "left"), latest(b, "right"), left), "out")
	},
	"tables": func(b *streams.Builder) {
		t := streams.OuterJoinTables(latest(b, "left"), latest(b, "right"), either,
			streams.StoreName("joined"), streams.ValueSerde(streams.String()))
		toText(t.ToStream(), "out")
	},
	"tables that are read below": func(b *streams.Builder) {
		l, r := latest(b, "left"), latest(b, "right")
		t := streams.LeftJoinTables(streams.JoinTables(l, r, both), r, left)
		toText(t.ToStream(), "out")
	},
	"foreign key": func(b *streams.Builder) {
		t := streams.LeftJoinForeignKey(latest(b, "left"), latest(b, "right"),
			func(_, v string) (*string, error) { return &v, nil }, left, streams.ValueSerde(streams.String()))
		toText(t.ToStream(), "out")
	},
}

// joinInput are records of both topics, some of which are out of order.
func joinInput() (topics []string, records []streamstest.Record) {
	for i := range 60 {
		topics = append(topics, []string{"left", "right"}[i%2])
		key, value := string("abc"[i%3]), string("abcd"[(i*7)%4])
		at := time.Unix(1000, 0).Add(time.Duration(i)*time.Second - time.Duration(i%4)*time.Second)
		records = append(records, streamstest.Record{Key: []byte(key), Value: []byte(value), Timestamp: at})
	}
	return topics, records
}

// runJoin sends the records, disturbed in a way, and returns what is written for each key.
func runJoin(t *testing.T, build func(*streams.Builder), partitions int,
	disturb func(*streamstest.Driver, int) error) []string {
	t.Helper()
	b := streams.NewBuilder()
	build(b)
	topology, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	d, err := streamstest.New(topology, &streamstest.Options{Partitions: partitions})
	if err != nil {
		t.Fatal(err)
	}
	topics, records := joinInput()
	for i, topic := range topics {
		if err := errors.Join(d.Send(topic, records[i]), disturb(d, i), d.Commit()); err != nil {
			t.Fatal(err)
		}
	}
	var out []string
	for _, r := range d.Read("out") {
		out = append(out, fmt.Sprintf("%s %s@%d", r.Key, r.Value, r.Timestamp.Unix()))
	}
	slices.SortStableFunc(out, func(a, b string) int { return cmp.Compare(a[:1], b[:1]) })
	return out
}

func TestJoinsAreTheSameHoweverTheyAreDisturbed(t *testing.T) {
	for name, build := range joins {
		want := runJoin(t, build, 1, func(*streamstest.Driver, int) error { return nil })
		if len(want) < 10 {
			t.Errorf("%s: only %d results", name, len(want))
		}
		for how, disturb := range map[string]func(*streamstest.Driver, int) error{
			"aborts": func(d *streamstest.Driver, i int) error {
				if i%3 == 0 {
					d.Abort()
				}
				return nil
			},
			"restarts": func(d *streamstest.Driver, i int) error { return restart(d, i%5 == 0, false) },
			"restores": func(d *streamstest.Driver, i int) error { return restart(d, i%7 == 0, true) },
		} {
			if got := runJoin(t, build, 1, disturb); !slices.Equal(got, want) {
				t.Errorf("%s with %s:\n%s\nwant\n%s", name, how, strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
		}
	}
}

func restart(d *streamstest.Driver, now, wipe bool) error {
	if !now {
		return nil
	}
	return d.Restart(wipe)
}

// TestTableJoinsDoNotDependOnPartitions compares the last result of each key.
func TestTableJoinsDoNotDependOnPartitions(t *testing.T) {
	last := func(lines []string) map[string]string {
		out := map[string]string{}
		for _, l := range lines {
			out[l[:1]] = l
		}
		return out
	}
	undisturbed := func(*streamstest.Driver, int) error { return nil }
	for _, name := range []string{"tables", "tables that are read below", "foreign key"} {
		want, got := last(runJoin(t, joins[name], 1, undisturbed)), last(runJoin(t, joins[name], 3, undisturbed))
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s: in 3 partitions %v, want %v", name, got, want)
		}
	}
}

func TestMistakesInJoinsAreReported(t *testing.T) {
	s := streams.String()
	for want, build := range map[string]func(b *streams.Builder, l, r *words){
		"the grace of a join is -1s": func(_ *streams.Builder, l, r *words) {
			streams.Join(l, r, streams.JoinWindows{After: time.Second, Grace: -time.Second}, both, s, s, s)
		},
		"it ends before it begins": func(_ *streams.Builder, l, r *words) {
			streams.Join(l, r, streams.JoinWindows{Before: time.Second, After: -2 * time.Second}, both, s, s, s)
		},
		"give it a grace": func(_ *streams.Builder, l, r *words) {
			streams.Join(l, r, streams.JoinWindows{}, both, s, s, s)
		},
		"whole milliseconds only": func(_ *streams.Builder, l, r *words) {
			streams.Join(l, r, streams.JoinWindows{After: 1500 * time.Microsecond}, both, s, s, s)
		},
		"Join does not take the option WithoutCaching": func(_ *streams.Builder, l, r *words) {
			streams.Join(l, r, streams.TimeDifference(time.Second, 0), both, s, s, s, streams.WithoutCaching())
		},
		"JoinForeignKey: the Serdes of the tables are not known": func(b *streams.Builder, _, _ *words) {
			made := streams.JoinTables(latest(b, "a"), latest(b, "b"), both)
			streams.JoinForeignKey(made, latest(b, "c"), func(_, v string) (*string, error) { return &v, nil }, both)
		},
	} {
		b := streams.NewBuilder()
		build(b, readText(b, "left"), readText(b, "right"))
		if _, err := b.Build(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
}

func TestRecordsWithoutAKeyReachLeftJoinsOnly(t *testing.T) {
	for name, want := range map[string]int{"inner": 0, "left": 1} {
		b := streams.NewBuilder()
		s := streams.Bytes()
		l := streams.SelectKey(streams.Stream(b, "left", s, s), func(_, v []byte) ([]byte, error) { return nil, nil })
		r, w := streams.Stream(b, "right", s, s), streams.TimeDifference(time.Second, time.Second)
		var out *streams.KStream[[]byte, []byte]
		if name == "inner" {
			out = streams.Join(l, r, w, func(l, _ []byte) ([]byte, error) { return l, nil }, s, s, s)
		} else {
			out = streams.LeftJoin(l, r, w, func(l []byte, _ *[]byte) ([]byte, error) { return l, nil }, s, s, s)
		}
		streams.To(out, "out", s, s)
		topology, err := b.Build()
		if err != nil {
			t.Fatal(err)
		}
		d, err := streamstest.New(topology, nil)
		if err != nil {
			t.Fatal(err)
		}
		record := streamstest.Record{Value: []byte("v"), Timestamp: time.Unix(1, 0)}
		if err := errors.Join(d.Send("left", record), d.Commit()); err != nil {
			t.Fatal(err)
		}
		if got := len(d.Read("out")); got != want {
			t.Errorf("%s join: %d results, want %d", name, got, want)
		}
	}
}

// In Kafka Streams the row of an inner join stays for ever when both of its sides are
// deleted between two commits: each side finds that the other one has no row.
func TestARowGoesWhenBothItsSidesGoInOneEpoch(t *testing.T) {
	b := streams.NewBuilder()
	text := streams.String()
	joined := streams.JoinTables(streams.Table(b, "left", text, text), streams.Table(b, "right", text, text), both,
		streams.StoreName("joined"), streams.ValueSerde(text))
	toText(joined.ToStream(), "out")
	topo, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	d := drive(t, topo, nil)
	for _, value := range [][]byte{[]byte("v"), nil, nil} {
		for _, topic := range []string{"left", "right"} {
			if err := d.Send(topic, streamstest.Record{Key: []byte("a"), Value: value}); err != nil {
				t.Fatal(err)
			}
		}
		d.commit()
	}
	if got := d.texts("joined"); len(got) != 0 {
		t.Errorf("the store has %v, want nothing", got)
	}
	out := d.Read("out")
	if len(out) != 2 || out[0].Value == nil || out[1].Value != nil {
		t.Errorf("updates %v, want one and its deletion", out)
	}
}
