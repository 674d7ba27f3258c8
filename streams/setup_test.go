package streams_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/suiro/suiro/stores"
	"github.com/suiro/suiro/stores/mem"
	"github.com/suiro/suiro/stores/pebble"
	"github.com/suiro/suiro/streams"
	"github.com/suiro/suiro/streams/streamstest"
)

// setup is one way to run the same app on the same input.
type setup struct {
	partitions int
	open       func(t *testing.T) stores.DB
	// One in so many records is followed by a commit, an abort, a restart, a
	// restart without the stores; 0 is never.
	commit, abort, restart, wipe int
}

func (s setup) String() string {
	return fmt.Sprintf("partitions=%d,commit=%d,abort=%d,restart=%d,wipe=%d",
		s.partitions, s.commit, s.abort, s.restart, s.wipe)
}

// everything is counts by key, by value through a repartition, and by window,
// with rejections on the way.
func everything(in *words) {
	clean := streams.MapValues(in, good)
	streams.Count(streams.GroupByKey(clean, streams.String()), "by-key")
	byValue := streams.GroupBy(clean, "by-value", value, streams.String(), streams.String())
	streams.Count(byValue, "by-value")
	// No record is late: what is dropped depends on the order of records of
	// different partitions, which is not promised.
	windows := streams.TimeWindows{Size: time.Minute, Advance: 20 * time.Second, Grace: 10 * time.Hour, Retention: 20 * time.Hour}
	streams.CountWindows(byValue.WindowedBy(windows), "by-window")
	toOut(clean)
}

// answer is what must not depend on the setup.
type answer struct {
	byKey, byValue, byWindow map[string]int64
	output, rejected         []string
}

func run(t *testing.T, s setup, input []string, random *rand.Rand) answer {
	t.Helper()
	d := drive(t, build(t, everything), &streamstest.Options{Partitions: s.partitions, DB: s.open(t)})
	a := answer{output: []string{}, rejected: []string{}}
	one := func(in int) bool { return in > 0 && random.IntN(in) == 0 }
	for _, text := range input {
		d.send(text)
		switch {
		case one(s.abort):
			d.Abort()
		case one(s.restart), one(s.wipe):
			if err := d.Restart(one(s.wipe)); err != nil {
				t.Fatal(err)
			}
		case one(s.commit):
			a.output = append(a.output, d.read("out")...)
		}
	}
	a.output = append(a.output, d.read("out")...)
	a.rejected = d.rejected()
	slices.Sort(a.output)
	a.byKey, a.byValue, a.byWindow = d.counts("by-key"), d.counts("by-value"), d.windows("by-window")
	return a
}

// One input gives one answer, whatever the partitions, stores, commits, aborts and
// restarts are.
func TestSameAnswerInEverySetup(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	var input []string
	values := []string{"x", "y", "z", "bad"}
	for i := range 3000 {
		at := i - random.IntN(120) // out of order by up to two minutes
		input = append(input, fmt.Sprintf("k%d=%s@%d", random.IntN(40), values[random.IntN(len(values))], at))
	}
	memory := func(*testing.T) stores.DB { return mem.Open() }
	want := run(t, setup{partitions: 1, open: memory}, input, random)
	if len(want.rejected) == 0 || len(want.output)+len(want.rejected) != len(input) {
		t.Fatalf("%d records out and %d rejected of %d", len(want.output), len(want.rejected), len(input))
	}
	for _, s := range []setup{
		{1, memory, 1, 0, 0, 0},
		{8, memory, 0, 0, 0, 0},
		{8, memory, 10, 25, 0, 0},
		{8, memory, 10, 25, 100, 100},
		{1, onDisk, 7, 20, 0, 0},
		{8, onDisk, 20, 50, 200, 200},
	} {
		t.Run(s.String(), func(t *testing.T) {
			got := run(t, s, input, random)
			for what, pair := range map[string][2]map[string]int64{
				"by-key": {got.byKey, want.byKey}, "by-value": {got.byValue, want.byValue},
				"by-window": {got.byWindow, want.byWindow},
			} {
				if !maps.Equal(pair[0], pair[1]) {
					t.Errorf("%s differs:\n got %v\nwant %v", what, pair[0], pair[1])
				}
			}
			if !slices.Equal(got.output, sorted(want.output)) {
				t.Errorf("%d records written, want the same %d", len(got.output), len(want.output))
			}
			if !slices.Equal(got.rejected, want.rejected) {
				t.Errorf("%d rejected, want %d", len(got.rejected), len(want.rejected))
			}
		})
	}
}

func sorted(s []string) []string { return slices.Sorted(slices.Values(s)) }

func onDisk(t *testing.T) stores.DB {
	db, err := pebble.Open(t.TempDir(), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}
