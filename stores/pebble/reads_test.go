package pebble

import (
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"os"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"

	"github.com/suiro/suiro/stores"
	"github.com/suiro/suiro/stores/kinds"
)

// badReads is a filesystem of which some reads of files fail: from the next one on when left is
// 1, and so many of them.
type badReads struct {
	left, bad atomic.Int64
	failed    atomic.Int64
}

func (b *badReads) fs() vfs.FS {
	return errorfs.Wrap(vfs.Default, errorfs.InjectorFunc(func(op errorfs.Op) error {
		if op.Kind != errorfs.OpFileRead && op.Kind != errorfs.OpFileReadAt {
			return nil
		}
		if n := b.left.Add(-1); n >= 0 || n < -b.bad.Load() {
			return nil
		}
		b.failed.Add(1)
		return &os.PathError{Op: "read", Path: op.Path, Err: syscall.EIO}
	}))
}

// storedKey is a key for each number, in no order.
func storedKey(i int) []byte {
	return binary.BigEndian.AppendUint64(nil, uint64(i)*0x9E3779B97F4A7C15)
}

// TestReadsThatFailMakeNoKeyAbsent lets reads of the disk fail while a store is opened, while
// its keys are read behind commits, and while it is used. A key that is there is found, or the
// call returns an error: it is never absent, as a count would begin again.
func TestReadsThatFailMakeNoKeyAbsent(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 0))
	prefix, dir, bad := stores.TaskPrefix("0_0"), t.TempDir(), &badReads{}
	bad.left.Store(1 << 40)
	keys := 20_000 // which there are
	load(t, dir, prefix, keys)
	failed := 0
	for round := range 40 {
		db, err := open(dir, small, bad.fs())
		if err != nil {
			t.Fatal(err)
		}
		before := bad.failed.Load()
		bad.bad.Store(1 + rng.Int64N(5))
		bad.left.Store(rng.Int64N(1 << (2 + round/4)))
		keys = countSome(t, db, prefix, rng, keys)
		bad.left.Store(1 << 40)
		if bad.failed.Load() > before {
			failed++
		}
		_ = db.Close() // it may have met a bad read
	}
	if failed < 10 {
		t.Errorf("reads failed in %d of 40 rounds, want more", failed)
	}
}

// load puts so many keys into a new store.
func load(t *testing.T, dir string, prefix []byte, keys int) {
	t.Helper()
	db, err := Open(dir, small)
	if err != nil {
		t.Fatal(err)
	}
	l, err := kinds.NewLoader(db, prefix, kinds.Spec{Name: "s"})
	if err != nil {
		t.Fatal(err)
	}
	for i := range keys {
		if err := l.Add("s", kinds.Record{Key: storedKey(i), Value: make([]byte, 40)}); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(l.Flush(nil), db.Close()); err != nil {
		t.Fatal(err)
	}
}

// countSome looks for keys that are there and adds some, in a few epochs. It returns how many
// there are then for sure.
func countSome(t *testing.T, db stores.DB, prefix []byte, rng *rand.Rand, keys int) int {
	t.Helper()
	o := stores.NewOverlay(db, prefix)
	s, err := kinds.Open(o, kinds.Spec{Name: "s"})
	if err != nil {
		return keys
	}
	kv := s.KeyValue("s")
	for range 15 {
		for range 300 {
			i := rng.IntN(keys)
			if value, err := kv.Get(storedKey(i)); value == nil && err == nil {
				t.Fatalf("key %d of %d is absent", i, keys)
			}
		}
		const more = 20
		for i := keys; i < keys+more; i++ {
			kv.Put(storedKey(i), []byte("v"))
		}
		var b stores.Batch
		o.CommitTo(&b)
		if err := db.Apply(&b); err != nil {
			return keys
		}
		o.Clear()
		keys += more
	}
	return keys
}
