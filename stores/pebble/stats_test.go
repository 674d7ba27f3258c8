package pebble

import (
	"testing"
	"time"
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
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if got := db.Stats(); got != (Stats{}) {
		t.Errorf("Stats of a closed DB are %+v, want zeros", got)
	}
}
