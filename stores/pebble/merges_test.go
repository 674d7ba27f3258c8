package pebble

import (
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2"

	"github.com/suiro/suiro/stores"
)

// A merge may take as long as there are keys. A database that is opened does not wait for those
// that are due, and begins them once it is open.
func TestMergesBeginWhenTheDBIsOpen(t *testing.T) {
	dir := t.TempDir()
	leaveMergesDue(t, dir)

	db, err := Open(dir, small)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if m := db.db.Metrics(); m.Compact.Count > 0 {
		t.Errorf("%d merges were done before the database was open, want none", m.Compact.Count)
	}
	late := time.After(time.Minute)
	for db.db.Metrics().Compact.Count == 0 {
		select {
		case <-time.After(10 * time.Millisecond):
		case <-late:
			t.Fatalf("no merge within a minute:\n%v", db.db.Metrics())
		}
	}
}

// leaveMergesDue leaves a folder as a process does that was killed before it merged its tables,
// with recent writes in the log, which become one more table when the database is opened.
func leaveMergesDue(t *testing.T, dir string) {
	t.Helper()
	db, err := Open(dir, small)
	if err != nil {
		t.Fatal(err)
	}
	db.merges.Unregister() // none begins from here on
	write := func(value string) {
		t.Helper()
		var b stores.Batch
		for key := range 100 {
			b.Put([]byte{byte(key)}, []byte(value))
		}
		if err := db.Apply(&b); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 * l0Tables {
		write("old")
		if err := db.db.Flush(); err != nil {
			t.Fatal(err)
		}
	}
	write("new")
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

// A merge that was refused while the database was asked for the next one begins all the same.
func TestARefusedMergeIsAskedForAgain(t *testing.T) {
	db := &waitingDB{}
	m := &merges{}
	m.Register(1, db)
	db.schedule = func() bool {
		switch db.asked {
		case 1:
			if ok, _ := m.TrySchedule(); ok {
				t.Error("two merges may run at a time")
			}
			return false // the database was asked before it remembered that merge
		case 2:
			return true
		}
		t.Errorf("the database is asked for merge %d while one runs", db.asked)
		return false
	}
	m.Begin()
	if db.asked != 2 {
		t.Errorf("the database was asked %d times for a merge, want 2", db.asked)
	}
	m.Unregister()
	m.Done()
	if db.asked != 2 {
		t.Error("the database is asked for a merge after it was closed")
	}
}

// waitingDB counts how often it is asked for a merge.
type waitingDB struct {
	pebble.DBForCompaction
	asked    int
	schedule func() bool
}

func (d *waitingDB) Schedule(pebble.CompactionGrantHandle) bool {
	d.asked++
	return d.schedule()
}
