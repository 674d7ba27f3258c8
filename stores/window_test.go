package stores_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/suiro/suiro/stores"
	"github.com/suiro/suiro/stores/mem"
)

const minute = int64(60_000)

func TestStoresOfATaskDoNotMix(t *testing.T) {
	o, db := newOverlay(t)
	names := []string{"", "a", "ab", "b"}
	for _, name := range names {
		o.Store(name).Put([]byte("k"), []byte("of "+name))
		o.Store(name).Put([]byte("bk"), []byte("of "+name))
	}
	check := func(when string) {
		for _, name := range names {
			s := o.Store(name)
			it, err := s.All()
			if got, want := walk(t, it, err), []string{"bk=of " + name, "k=of " + name}; !slices.Equal(got, want) {
				t.Errorf("%s: store %q has %q, want %q", when, name, got, want)
			}
			it, err = s.ReverseRange([]byte("c"), []byte("z"))
			if got, want := walk(t, it, err), []string{"k=of " + name}; !slices.Equal(got, want) {
				t.Errorf("%s: range of store %q has %q, want %q", when, name, got, want)
			}
		}
	}
	check("pending")
	commit(t, o, db)
	check("committed")
	o.Store("a").Delete([]byte("k"))
	if got, err := o.Store("a").Get([]byte("k")); got != nil || err != nil {
		t.Errorf("Get after Delete = %q, %v", got, err)
	}
}

func TestReaderSeesCommittedOnly(t *testing.T) {
	o, db := newOverlay(t)
	o.Store("s").Put([]byte("a"), []byte("1"))
	o.Window("w").Put([]byte("a"), minute, []byte("1"))
	reader := stores.Committed(db, stores.TaskPrefix("0_0"), "s")
	windows := stores.Committed(db, stores.TaskPrefix("0_0"), "w")
	if got, err := reader.Get([]byte("a")); got != nil || err != nil {
		t.Errorf("Get of a pending write = %q, %v, want nil", got, err)
	}
	commit(t, o, db)
	o.Store("s").Put([]byte("b"), []byte("pending"))
	o.Window("w").Put([]byte("b"), minute, []byte("pending"))
	it, err := reader.All()
	if got, want := walk(t, it, err), []string{"a=1"}; !slices.Equal(got, want) {
		t.Errorf("All = %q, want %q", got, want)
	}
	it, err = reader.Range([]byte("b"), nil)
	if got := walk(t, it, err); got != nil {
		t.Errorf("Range from b = %q, want none", got)
	}
	it, err = reader.ReverseRange(nil, []byte("b"))
	if got, want := walk(t, it, err), []string{"a=1"}; !slices.Equal(got, want) {
		t.Errorf("ReverseRange = %q, want %q", got, want)
	}
	if got, err := windows.Fetch([]byte("a"), minute); string(got) != "1" || err != nil {
		t.Errorf("Fetch = %q, %v, want 1", got, err)
	}
	all, err := windows.FetchAll(0, 10*minute)
	if got, want := walkWindows(t, all, err), []string{"60000 a=1"}; !slices.Equal(got, want) {
		t.Errorf("FetchAll = %q, want %q", got, want)
	}
	var starts []int64
	err = windows.FetchRange([]byte("a"), 0, 10*minute, minute, func(start int64, _ []byte) bool {
		starts = append(starts, start)
		return true
	})
	if want := []int64{minute}; !slices.Equal(starts, want) || err != nil {
		t.Errorf("FetchRange yields %v, %v, want %v", starts, err, want)
	}
}

// walkWindows returns the entries as "start key=value" and closes the iterator.
func walkWindows(t testing.TB, it *stores.WindowIterator, err error) []string {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	defer it.Close()
	var got []string
	for it.Next() {
		got = append(got, fmt.Sprintf("%d %s=%s", it.Start(), it.Key(), it.Value()))
	}
	return got
}

func TestWindowsAreInOrderOfTime(t *testing.T) {
	o, db := newOverlay(t)
	w := o.Window("w")
	for i, start := range []int64{0, math.MaxInt64, -minute, minute, math.MinInt64} {
		w.Put([]byte("b"), start, fmt.Append(nil, i))
		w.Put([]byte("a"), start, fmt.Append(nil, i))
		if i == 2 {
			commit(t, o, db)
		}
	}
	it, err := w.FetchAll(math.MinInt64, math.MaxInt64)
	want := []string{
		"-9223372036854775808 a=4", "-9223372036854775808 b=4", "-60000 a=2", "-60000 b=2",
		"0 a=0", "0 b=0", "60000 a=3", "60000 b=3",
	}
	if got := walkWindows(t, it, err); !slices.Equal(got, want) {
		t.Errorf("FetchAll = %q, want %q", got, want)
	}
	it, err = w.FetchAll(0, minute)
	if got, want := walkWindows(t, it, err), []string{"0 a=0", "0 b=0"}; !slices.Equal(got, want) {
		t.Errorf("FetchAll of a minute = %q, want %q", got, want)
	}
	it, err = w.FetchAll(minute, 0)
	if got := walkWindows(t, it, err); got != nil {
		t.Errorf("FetchAll backwards = %q, want none", got)
	}
}

func TestFetchRangeLooksAtMultiplesOfStep(t *testing.T) {
	o, _ := newOverlay(t)
	w := o.Window("w")
	for start := -2 * minute; start <= 3*minute; start += minute {
		w.Put([]byte("k"), start, fmt.Append(nil, start))
	}
	w.Put([]byte("other"), 0, nil)
	for _, c := range []struct {
		from, to int64
		want     []int64
	}{
		{0, 2 * minute, []int64{0, minute}},
		{1, 2*minute + 1, []int64{minute, 2 * minute}},
		{-minute - 1, 1, []int64{-minute, 0}},
		{-minute + 1, 0, nil},
		{minute, minute, nil},
		{math.MaxInt64 - 1, math.MaxInt64, nil},
		{math.MinInt64, math.MinInt64 + 2*minute, nil},
	} {
		var got []int64
		err := w.FetchRange([]byte("k"), c.from, c.to, minute, func(start int64, value []byte) bool {
			if string(value) != fmt.Sprint(start) {
				t.Errorf("value of %d is %q", start, value)
			}
			got = append(got, start)
			return true
		})
		if !slices.Equal(got, c.want) || err != nil {
			t.Errorf("FetchRange(%d, %d) = %v, %v, want %v", c.from, c.to, got, err, c.want)
		}
	}
}

func TestExpireDeletesWhatIsOlder(t *testing.T) {
	o, db := newOverlay(t)
	w := o.Window("w")
	o.Store("v").Put([]byte("x"), nil) // neighbours that stay
	o.Store("x").Put([]byte("x"), nil)
	for start := int64(0); start < 10; start++ {
		w.Put([]byte("a"), start*minute, nil)
		w.Put([]byte("b"), start*minute, nil)
		if start == 4 {
			commit(t, o, db)
		}
	}
	expire := func(before int64, want int) {
		t.Helper()
		if got, err := w.Expire(before); got != want || err != nil {
			t.Errorf("Expire(%d) = %d, %v, want %d", before, got, err, want)
		}
	}
	expire(2*minute, 4)
	expire(2*minute, 0)
	expire(6*minute, 8)
	o.Clear() // the abort brings back what was in the DB, and drops what was not
	expire(2*minute, 4)
	expire(20*minute, 6)
	commit(t, o, db)
	w.Put([]byte("late"), minute, nil)
	expire(20*minute, 1)
	commit(t, o, db)
	it, err := o.Iterate(nil, nil, false)
	if got, want := walk(t, it, err), []string{"\x01vx=", "\x01xx="}; !slices.Equal(got, want) {
		t.Errorf("left %q, want %q", got, want)
	}
}

// A damaged changelog may bring entries that are no windows. They are left out.
func TestEntriesThatAreNoWindowsAreLeftOut(t *testing.T) {
	o := stores.NewOverlay(mem.Open(), nil)
	w := o.Window("w")
	w.Put([]byte("k"), -5, []byte("v"))
	for _, key := range []string{"", "short", "\x7f\xff\xff\xff\xff\xff\xff"} {
		o.Put(stores.Key(nil, "w", []byte(key)), []byte("damaged"))
	}
	it, err := w.FetchAll(-1<<63, 1<<63-1)
	if err != nil {
		t.Fatal(err)
	}
	defer it.Close()
	n := 0
	for ; it.Next(); n++ {
		if it.Start() != -5 || string(it.Key()) != "k" {
			t.Errorf("window of %q at %d, want k at -5", it.Key(), it.Start())
		}
	}
	if n != 1 || it.Err() != nil {
		t.Errorf("%d windows and %v, want one", n, it.Err())
	}
	if _, err := w.Expire(100); err != nil {
		t.Error(err)
	}
}
