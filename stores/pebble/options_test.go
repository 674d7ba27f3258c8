package pebble

import (
	"testing"

	"github.com/suiro/suiro/stores"
)

// Pebble counts each table of recent writes twice. With half as many that wait, each key is
// rewritten nearly twice as often.
func TestTablesOfRecentWritesWaitForAMerge(t *testing.T) {
	db, err := Open(t.TempDir(), small)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	write := func() {
		t.Helper()
		var b stores.Batch
		b.Put([]byte("a"), []byte("x"))
		b.Put([]byte("z"), []byte("x"))
		if err := db.Apply(&b); err != nil {
			t.Fatal(err)
		}
		if err := db.db.Flush(); err != nil {
			t.Fatal(err)
		}
	}
	for n := 1; n <= l0Tables; n++ {
		write()
		m := db.db.Metrics()
		if merges := m.Compact.Count + m.Compact.NumInProgress; merges > 0 != (n == l0Tables) {
			t.Fatalf("%d merges, done or at hand, after %d writes, want the first after %d", merges, n, l0Tables)
		}
	}
}
