package streams_test

import (
	"fmt"
	"maps"
	"testing"
	"time"

	"github.com/suiro/suiro/streams"
	"github.com/suiro/suiro/streams/streamstest"
)

// countWindows counts by key and window into "counts", updates to "out".
func countWindows(w streams.TimeWindows) func(in *words) {
	return func(in *words) {
		t := streams.CountWindows(streams.GroupByKey(in, streams.String()).WindowedBy(w), "counts")
		text := streams.Map(t.ToStream(), func(k streams.Windowed[string], n int64) (string, string, error) {
			return fmt.Sprintf("%s@%d-%d", k.Key, k.Start.Unix(), k.End.Unix()), fmt.Sprint(n), nil
		})
		toOut(text)
	}
}

func TestWindows(t *testing.T) {
	const minute = time.Minute
	tests := []struct {
		name    string
		windows streams.TimeWindows
		in, out []string
		store   map[string]int64
		dropped int
	}{
		{"tumbling", streams.TimeWindows{Size: minute},
			[]string{"a=@0", "a=@59", "b=@60", "a=@60", "a=@119"},
			[]string{"a@0-60=2", "b@60-120=1", "a@60-120=2"},
			map[string]int64{"a@0": 2, "b@60": 1, "a@60": 2}, 0},
		{"hopping", streams.TimeWindows{Size: minute, Advance: 20 * time.Second, Grace: time.Hour},
			[]string{"a=@60", "a=@79"},
			[]string{"a@20-80=2", "a@40-100=2", "a@60-120=2"},
			map[string]int64{"a@20": 2, "a@40": 2, "a@60": 2}, 0},
		{"hopping by a part that does not divide the size", streams.TimeWindows{Size: minute, Advance: 25 * time.Second},
			[]string{"a=@61"}, // windows start at 0, 25, 50: [0,60) ended before
			[]string{"a@25-85=1", "a@50-110=1"},
			map[string]int64{"a@25": 1, "a@50": 1}, 0},
		{"late within grace counts, after it is dropped", streams.TimeWindows{Size: minute, Grace: 30 * time.Second},
			[]string{"a=@10", "a=@89", "a=@20", "a=@90", "a=@30"}, // [0,60) closes at stream time 90
			[]string{"a@0-60=2", "a@60-120=2"},
			map[string]int64{"a@0": 2, "a@60": 2}, 1},
		{"without grace a window closes at its end", streams.TimeWindows{Size: minute},
			[]string{"a=@59", "a=@60", "a=@59"},
			[]string{"a@0-60=1", "a@60-120=1"},
			map[string]int64{"a@0": 1, "a@60": 1}, 1},
		{"a late record counts in the hopping windows that are open, and as dropped for the other",
			streams.TimeWindows{Size: minute, Advance: 30 * time.Second},
			[]string{"a=@70", "a=@59"}, // [0,60) is closed, [30,90) is open
			[]string{"a@60-120=1", "a@30-90=2"},
			map[string]int64{"a@30": 2, "a@60": 1}, 1},
		{"times before 1970", streams.TimeWindows{Size: minute, Grace: minute},
			[]string{"a=@-61", "a=@-60", "a=@-1", "a=@0", "a=@-90"},
			[]string{"a@-120--60=1", "a@-60-0=2", "a@0-60=1"},
			map[string]int64{"a@-120": 1, "a@-60": 2, "a@0": 1}, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := drive(t, build(t, countWindows(tt.windows)), nil)
			d.send(tt.in...)
			same(t, "updates", d.read("out"), tt.out)
			if got := d.windows("counts"); !maps.Equal(got, tt.store) {
				t.Errorf("store has %v, want %v", got, tt.store)
			}
			if got := d.Dropped(); got != tt.dropped {
				t.Errorf("%d dropped, want %d", got, tt.dropped)
			}
		})
	}
}

func TestAggregateWindowsKeepsAnAggregateAWindow(t *testing.T) {
	d := drive(t, build(t, func(in *words) {
		w := streams.GroupByKey(in, streams.String()).WindowedBy(streams.TimeWindows{Size: time.Minute})
		table := streams.AggregateWindows(w, "joined", func() string { return "" },
			func(_ string, v, a string) (string, error) { return a + v, nil }, streams.String())
		streams.To(table.ToStream(), "out", show[streams.Windowed[string]]("%v"), streams.String())
	}), nil)
	d.send("a=x@1", "a=y@2", "a=z@61")
	got := []string{}
	d.commit()
	for _, r := range d.Read("out") {
		got = append(got, string(r.Value))
	}
	same(t, "aggregates", got, []string{"xy", "z"})
}

// A window that is past its retention cannot be seen any more, also when the store was
// rebuilt. As in Kafka Streams the retention counts from the start of the latest window,
// and nothing is written to the changelog, which brokers delete by its age.
func TestWindowsExpire(t *testing.T) {
	windows := streams.TimeWindows{Size: time.Minute, Retention: 5 * time.Minute}
	d := drive(t, build(t, countWindows(windows)), nil)
	d.send("a=@0", "b=@0", "a=@60")
	d.commit()
	d.send("a=@299")
	d.commit()
	if got, want := d.windows("counts"), map[string]int64{"a@0": 1, "b@0": 1, "a@60": 1, "a@240": 1}; !maps.Equal(got,
		want) {
		t.Errorf("before: %v, want %v", got, want)
	}
	d.send("a=@300")
	d.commit()
	want := map[string]int64{"a@60": 1, "a@240": 1, "a@300": 1}
	if got := d.windows("counts"); !maps.Equal(got, want) {
		t.Errorf("after: %v, want %v", got, want)
	}
	if got := tombstones(d); got != 0 {
		t.Errorf("%d tombstones, want none", got)
	}
	if err := d.Restart(true); err != nil {
		t.Fatal(err)
	}
	if got := d.windows("counts"); !maps.Equal(got, want) {
		t.Errorf("rebuilt: %v, want %v", got, want)
	}
}

func tombstones(d driver) (n int) {
	for _, r := range d.Changelog("counts", 0) {
		if r.Value == nil {
			n++
		}
	}
	return n
}

// A window that is counted and passes its retention within one epoch is
// forwarded all the same: readers of the updates see every count.
func TestWindowsThatExpireWithinAnEpochAreForwarded(t *testing.T) {
	windows := streams.TimeWindows{Size: time.Minute, Retention: 5 * time.Minute}
	d := drive(t, build(t, countWindows(windows)), nil)
	d.send("a=@0", "a=@1", "a=@3600")
	same(t, "updates", d.read("out"), []string{"a@0-60=2", "a@3600-3660=1"})
	if got, want := d.windows("counts"), map[string]int64{"a@3600": 1}; !maps.Equal(got, want) {
		t.Errorf("store has %v, want %v", got, want)
	}
}

// Windows from before 1970 expire too.
func TestWindowsExpireBefore1970(t *testing.T) {
	d := drive(t, build(t, countWindows(streams.TimeWindows{Size: time.Minute, Retention: 5 * time.Minute})), nil)
	d.send("a=@-7200")
	d.commit()
	d.send("a=@-3600")
	d.commit()
	if got, want := d.windows("counts"), map[string]int64{"a@-3600": 1}; !maps.Equal(got, want) {
		t.Errorf("store has %v, want %v", got, want)
	}
}

// What an aborted epoch expired is back, and the next epoch expires it again.
func TestAbortRestoresExpiredWindows(t *testing.T) {
	d := drive(t, build(t, countWindows(streams.TimeWindows{Size: time.Minute, Retention: 5 * time.Minute})), nil)
	d.send("a=@0")
	d.commit()
	d.send("a=@3600")
	d.Abort()
	if got, want := d.windows("counts"), map[string]int64{"a@0": 1}; !maps.Equal(got, want) {
		t.Errorf("after the abort: %v, want %v", got, want)
	}
	d.commit()
	if got, want := d.windows("counts"), map[string]int64{"a@3600": 1}; !maps.Equal(got, want) {
		t.Errorf("after the commit: %v, want %v", got, want)
	}
}

// An abort undoes stream time: the record that advanced it may come later than others
// the next time.
func TestAbortRestoresStreamTime(t *testing.T) {
	var times []int64
	own := streams.NewKeyValueStore("s", streams.String(), streams.String())
	topo := build(t, func(in *words) {
		toOut(streams.Process(in, func(ctx *streams.Context[string, string]) streams.Processor[string, string] {
			s := own.Open(ctx)
			return streams.ProcessorFunc[string, string](func(r *streams.Record[string, string]) error {
				times = append(times, ctx.StreamTime().Unix())
				if err := s.Put(r.Key, r.Value); err != nil {
					return err
				}
				return ctx.Forward(r)
			})
		}, streams.WithStores(own)))
	})
	d := drive(t, topo, nil)
	d.send("a=@100", "a=@50")
	d.commit()
	d.send("a=@900")
	d.Abort()
	d.commit() // the record comes again
	if got, want := fmt.Sprint(times), "[100 100 900 900]"; got != want {
		t.Errorf("stream times %s, want %s", got, want)
	}
	for _, wipe := range []bool{false, true} {
		if err := d.Restart(wipe); err != nil {
			t.Fatal(err)
		}
		times = nil
		d.send("a=@10")
		d.commit()
		if got, want := fmt.Sprint(times), "[900]"; got != want {
			t.Errorf("stream time after a restart (wipe %v) %s, want %s", wipe, got, want)
		}
	}
}

// Each partition has a stream time of its own: a partition that is behind drops
// nothing.
func TestStreamTimeIsAPartitionsOwn(t *testing.T) {
	d := drive(t, build(t, countWindows(streams.TimeWindows{Size: time.Minute})), &streamstest.Options{Partitions: 2})
	for partition, texts := range map[int32][]string{0: {"a=@3600"}, 1: {"b=@0", "b=@1"}} {
		for _, text := range texts {
			if err := d.SendTo("in", partition, record(t, text)); err != nil {
				t.Fatal(err)
			}
		}
	}
	d.commit()
	if got, want := d.windows("counts"), map[string]int64{"a@3600": 1, "b@0": 2}; !maps.Equal(got, want) {
		t.Errorf("store has %v, want %v", got, want)
	}
	if n := d.Dropped(); n != 0 {
		t.Errorf("%d dropped, want none", n)
	}
}
