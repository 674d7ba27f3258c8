package cleanup_test

import (
	"context"
	"encoding/binary"
	"log/slog"
	"maps"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/suiro/suiro/stores"
	"github.com/suiro/suiro/stores/kinds"
	"github.com/suiro/suiro/stores/mem"
	"github.com/suiro/suiro/streams/internal/cleanup"
	"github.com/suiro/suiro/streams/internal/restore"
	"github.com/suiro/suiro/streams/topology"
)

const delay = 10 * time.Minute

// counts is a subtopology with a store that has a changelog and one that has none.
var subs = []topology.Subtopology{{Stores: []topology.Store{
	{Spec: kinds.Spec{Name: "counts", Kind: kinds.KeyValue}},
	{Spec: kinds.Spec{Name: "seen", Kind: kinds.KeyValue}, NoChangelog: true},
}}}

func id(partition int32) topology.TaskID { return topology.TaskID{Partition: partition} }

// open starts a cleaner of three tasks, which runs until the test ends or stop is called.
func open(t *testing.T, db stores.DB) (c *cleanup.Cleaner, stop func()) {
	t.Helper()
	c, err := cleanup.Open(cleanup.Options{DB: db, Subtopologies: subs, Partitions: func(int) int32 { return 3 },
		Delay: delay, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- c.Run(ctx) }()
	return c, func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

// put writes state of both stores of a partition.
func put(t *testing.T, db stores.DB, partition int32) {
	t.Helper()
	var b stores.Batch
	for _, store := range []string{"counts", "seen"} {
		b.Put(stores.Key(restore.StatePrefix(partition), store, []byte("k")), []byte("v"))
	}
	b.Put(restore.OffsetKey("counts", partition), binary.BigEndian.AppendUint64(nil, 7))
	if err := db.Apply(&b); err != nil {
		t.Fatal(err)
	}
}

// has returns the partitions with state, each once for each store and for its offset.
func has(t *testing.T, db stores.DB) []int32 {
	t.Helper()
	n := map[int32]int{}
	for p := range int32(3) {
		keys := [][]byte{restore.OffsetKey("counts", p)}
		for _, store := range []string{"counts", "seen"} {
			keys = append(keys, stores.Key(restore.StatePrefix(p), store, []byte("k")))
		}
		for _, key := range keys {
			v, err := db.Get(key)
			if err != nil {
				t.Fatal(err)
			}
			if v != nil {
				n[p]++
			}
		}
		if n[p] != 0 && n[p] != len(keys) {
			t.Errorf("partition %d has a part of its state", p)
		}
	}
	maps.DeleteFunc(n, func(_ int32, n int) bool { return n == 0 })
	return slices.Sorted(maps.Keys(n))
}

func wants(t *testing.T, when string, db stores.DB, want ...int32) {
	t.Helper()
	synctest.Wait()
	if got := has(t, db); !slices.Equal(got, want) {
		t.Errorf("%s there is state of the partitions %v, want %v", when, got, want)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// enter starts a task whose state was away for so long.
func enter(t *testing.T, c *cleanup.Cleaner, partition int32, want time.Duration) {
	t.Helper()
	away, err := c.Enter(id(partition))
	must(t, err)
	if away != want {
		t.Errorf("partition %d was away for %v, want %v", partition, away, want)
	}
}

func TestStateOfTasksThatWentAwayIsDeleted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := mem.Open()
		c, stop := open(t, db)
		for p := range int32(3) {
			enter(t, c, p, 0)
			put(t, db, p)
			must(t, c.Ready(id(p)))
		}
		time.Sleep(2 * delay)
		wants(t, "while all tasks run", db, 0, 1, 2)
		must(t, c.Leave(id(0), true))
		must(t, c.Leave(id(1), true))
		time.Sleep(delay / 2)
		enter(t, c, 1, delay/2) // it is back, and restores for long
		time.Sleep(delay/2 + time.Minute)
		wants(t, "after the delay", db, 1, 2)
		must(t, c.Leave(id(1), false)) // it has never been ready
		time.Sleep(time.Minute + time.Second)
		wants(t, "after a task has come in vain", db, 2)
		stop()
		must(t, db.Close())
	})
}

// A task that comes while its predecessor ends has the same state.
func TestStateOfATaskThatIsReplacedStays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := mem.Open()
		c, stop := open(t, db)
		enter(t, c, 0, 0)
		put(t, db, 0)
		must(t, c.Ready(id(0)))
		enter(t, c, 0, 0)
		must(t, c.Leave(id(0), true))
		time.Sleep(3 * delay)
		wants(t, "while the next one runs", db, 0)
		stop()
		must(t, db.Close())
	})
}

// After a kill state is as old as the last sign of life, and the group has the whole delay
// to give tasks back.
func TestStateIsKnownToBeOldAfterAKill(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := mem.Open()
		c, kill := open(t, db)
		enter(t, c, 0, 0)
		enter(t, c, 1, 0)
		put(t, db, 0)
		put(t, db, 1)
		must(t, c.Ready(id(0)))
		must(t, c.Ready(id(1)))
		time.Sleep(30 * time.Minute)
		synctest.Wait()
		kill()
		time.Sleep(25 * time.Hour)
		c, stop := open(t, db)
		time.Sleep(delay / 2)
		enter(t, c, 0, 25*time.Hour+delay/2)
		wants(t, "before the delay", db, 0, 1)
		time.Sleep(delay/2 + time.Minute + time.Second)
		wants(t, "after the delay", db, 0)
		stop()
		must(t, db.Close())
	})
}
