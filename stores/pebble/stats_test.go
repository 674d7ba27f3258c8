package pebble

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/suiro/suiro/stores"
	"github.com/suiro/suiro/stores/kinds"
)

func TestStallsAreCountedWithTheirTime(t *testing.T) {
	var s stalls
	at := func(seconds int64) time.Time { return time.Unix(seconds, 0) }
	s.begin(at(10))
	s.end(at(12))
	s.end(at(20)) // of nothing
	s.begin(at(30))
	if n, total := s.sum(at(35)); n != 2 || total != 7*time.Second {
		t.Errorf("%d stalls of %v, want 2 of 7s, one of them at hand", n, total)
	}
}

func TestStatsOfAClosedDBAreZero(t *testing.T) {
	db, err := Open(t.TempDir(), small)
	if err != nil {
		t.Fatal(err)
	}
	if got := db.Stats(); got.MemoryLimit != small.CacheBytes {
		t.Errorf("MemoryLimit is %d, want %d", got.MemoryLimit, small.CacheBytes)
	}
	it, err := db.Iterate(nil, nil, false)
	if err != nil {
		t.Fatal(err)
	}
	if got := db.Stats().Iterators; got != 1 {
		t.Errorf("%d iterators are open, want 1", got)
	}
	if err := errors.Join(it.Close(), it.Close()); err != nil {
		t.Fatal(err)
	}
	if got := db.Stats().Iterators; got != 0 {
		t.Errorf("%d iterators are open, want none", got)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if got := db.Stats(); got != (Stats{}) {
		t.Errorf("Stats of a closed DB are %+v, want zeros", got)
	}
}

func TestApproximateCountIsNearTheCount(t *testing.T) {
	db, err := Open(t.TempDir(), small)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	prefix, spec := stores.TaskPrefix("0_0"), kinds.Spec{Name: "table"}
	l, err := kinds.NewLoader(db, prefix, spec, kinds.Spec{Name: "other"})
	if err != nil {
		t.Fatal(err)
	}
	written := 0
	for _, want := range []int{0, 500, 100_000} {
		for ; written < want; written++ {
			r := kinds.Record{Key: fmt.Appendf(nil, "%08d", written*7919%100_000), Value: make([]byte, 20)}
			if err := errors.Join(l.Add("table", r), l.Add("other", r)); err != nil {
				t.Fatal(err)
			}
			if written%5000 == 0 {
				if err := l.Flush(nil); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := l.Flush(nil); err != nil {
			t.Fatal(err)
		}
		got, err := kinds.ApproximateCount(db, prefix, spec)
		if err != nil || got < int64(want)*2/3 || got > int64(want)*3/2 || want < 10_000 && got != int64(want) {
			t.Errorf("ApproximateCount = %d, %v, want about %d", got, err, want)
		}
	}
}
