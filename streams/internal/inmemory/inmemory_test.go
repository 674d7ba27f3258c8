package inmemory

import (
	"log/slog"
	"strings"
	"testing"

	"github.com/suiro/suiro/stores"
	"github.com/suiro/suiro/stores/kinds"
	"github.com/suiro/suiro/stores/mem"
	"github.com/suiro/suiro/streams/internal/restore"
	"github.com/suiro/suiro/streams/topology"
)

// The app says when stores in memory outgrow what is expected of them, and says it again
// when they have doubled.
func TestStoresInMemoryThatGrowAreToldOf(t *testing.T) {
	var log strings.Builder
	m := Stores{limit: 10_000, log: slog.New(slog.NewTextHandler(&log, nil))}
	db, err := m.Over(mem.Open(), []topology.Store{
		{Spec: kinds.Spec{Name: "light"}, Place: topology.InMemory}, {Spec: kinds.Spec{Name: "heavy"}, Place: topology.OnDisk}})
	if err != nil {
		t.Fatal(err)
	}
	put := func(store string, bytes int) {
		var b stores.Batch
		b.Put(stores.Key(restore.StatePrefix(0), store, []byte("k")), make([]byte, bytes))
		if err := db.Apply(&b); err != nil {
			t.Fatal(err)
		}
		m.Check()
	}
	for i, step := range []struct {
		store       string
		bytes, told int
	}{{"heavy", 50_000, 0}, {"light", 9_000, 0}, {"light", 11_000, 1}, {"light", 15_000, 1}, {"light", 30_000, 2},
		{"light", 0, 2}, {"light", 11_000, 3}} {
		put(step.store, step.bytes)
		if got := strings.Count(log.String(), Key); got != step.told {
			t.Errorf("step %d: told %d times, want %d", i, got, step.told)
		}
	}
}

// What the disk has of a store that is in memory now is dropped, in all partitions.
func TestStoresThatMoveToMemoryLeaveTheDisk(t *testing.T) {
	disk := mem.Open()
	var b stores.Batch
	for partition := range int32(3) {
		for _, store := range []string{"light", "heavy"} {
			b.Put(stores.Key(restore.StatePrefix(partition), store, []byte("k")), []byte("v"))
			b.Put(restore.OffsetKey(store, partition), make([]byte, 8))
		}
	}
	if err := disk.Apply(&b); err != nil {
		t.Fatal(err)
	}
	m := Stores{}
	db, err := m.Over(disk, []topology.Store{{Spec: kinds.Spec{Name: "light"}, Place: topology.InMemory}})
	if err != nil {
		t.Fatal(err)
	}
	for partition := range int32(3) {
		for store, want := range map[string]bool{"light": false, "heavy": true} {
			_, has, err := restore.StoredOffset(db, store, partition)
			if err != nil || has != want {
				t.Errorf("%s in partition %d has state: %v, %v, want %v", store, partition, has, err, want)
			}
			got, err := disk.Get(stores.Key(restore.StatePrefix(partition), store, []byte("k")))
			if err != nil || (got != nil) != want {
				t.Errorf("the disk has %q, %v of %s in partition %d", got, err, store, partition)
			}
		}
	}
}
