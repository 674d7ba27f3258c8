package pebble

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"syscall"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/suiro/suiro/stores"
	"github.com/suiro/suiro/stores/format"
	"github.com/suiro/suiro/stores/kinds"
)

var faultSpecs = []kinds.Spec{
	{Name: "k"},
	{Name: "t", Kind: kinds.Timestamped, TTL: time.Hour},
	{Name: "v", Kind: kinds.Versioned, Retention: time.Minute},
	{Name: "w", Kind: kinds.Window, Retention: time.Minute},
	{Name: "s", Kind: kinds.Session, Retention: time.Minute},
}

// putEverywhere puts the number of an epoch into a store of each kind, at a time of its
// own, so that earlier ones expire. A versioned store reads what is there for it, so that
// it may meet the error of a DB that has stopped.
func putEverywhere(s *kinds.Stores, n int64) error {
	key, at := []byte("k"), n*1000
	value := binary.BigEndian.AppendUint64(make([]byte, 0, 4<<10), uint64(n))[:4<<10]
	s.KeyValue("k").Put(key, value)
	s.KeyValue("t").Put(key, format.AppendTimestamped(nil, at, value))
	s.Window("w").Put(key, at, value)
	s.Session("s").Put(format.SessionKey{Key: key, Start: at, End: at}, value)
	_, ok, err := s.Versioned("v").Put(key, value, at)
	if err == nil && !ok {
		err = fmt.Errorf("the versioned store leaves out a version of time %d", at)
	}
	return err
}

// putEpochs puts epochs everywhere, one after another from a number on and as many as are
// wanted, until the DB returns an error, and returns how many it has taken.
func putEpochs(db stores.DB, prefix []byte, from, epochs int64) (applied int64, err error) {
	o := stores.NewOverlay(db, prefix)
	s, err := kinds.Open(o, faultSpecs...)
	for ; err == nil && applied < epochs; applied++ {
		if err = putEverywhere(s, from+applied); err != nil {
			break
		}
		var b stores.Batch
		o.CommitTo(&b)
		if err = db.Apply(&b); err != nil {
			break
		}
		o.Clear()
	}
	return applied, err
}

// lastEverywhere returns the latest epoch in each store, 0 for none.
func lastEverywhere(t *testing.T, db stores.DB, prefix []byte) (last [5]uint64) {
	t.Helper()
	key := []byte("k")
	number := func(value []byte, skip int, err error) uint64 {
		if err != nil {
			t.Fatal(err)
		}
		if value == nil {
			return 0
		}
		return binary.BigEndian.Uint64(value[skip:])
	}
	var views [5]kinds.View
	for i, spec := range faultSpecs {
		views[i] = kinds.Read(db, prefix, spec)
	}
	value, err := views[0].KeyValue.Get(key)
	last[0] = number(value, 0, err)
	value, err = views[1].KeyValue.Get(key)
	last[1] = number(value, 8, err)
	version, err := views[2].Versioned.Get(key)
	if version == nil {
		version = &kinds.Version{}
	}
	last[2] = number(version.Value, 0, err)
	windows, err := views[3].Window.Range(key, 0, 1<<60, true)
	if err != nil {
		t.Fatal(err)
	}
	if windows.Next() {
		last[3] = number(windows.Value(), 0, nil)
	}
	sessions, err := views[4].Session.Find(key, 0, 1<<60, true)
	if err != nil {
		t.Fatal(err)
	}
	if sessions.Next() {
		last[4] = number(sessions.Value(), 0, nil)
	}
	if err := errors.Join(windows.Err(), windows.Close(), sessions.Err(), sessions.Close()); err != nil {
		t.Fatal(err)
	}
	return last
}

// TestFullDiskLeavesStoresOfAllKindsAtOneEpoch fills the disk up at many places of a run.
func TestFullDiskLeavesStoresOfAllKindsAtOneEpoch(t *testing.T) {
	prefix := stores.TaskPrefix("0_0")
	for n := int64(20); n < 400; n += 1 + n/4 {
		dir := t.TempDir()
		db, err := open(dir, small, failFrom(n, syscall.ENOSPC))
		if err != nil {
			continue // TestFullDiskStopsTheDBAndLosesNothing has this
		}
		applied, err := putEpochs(db, prefix, 1, 1000)
		if closed := db.Close(); !errors.Is(err, syscall.ENOSPC) || !errors.Is(closed, syscall.ENOSPC) {
			t.Fatalf("change %d: %v and %v, want that the disk is full", n, err, closed)
		}
		again, err := Open(dir, small)
		if err != nil {
			t.Fatal(err)
		}
		last := lastEverywhere(t, again, prefix)
		for i, got := range last {
			if got != last[0] || int64(got) != applied && int64(got) != applied+1 {
				t.Errorf("change %d: store %s is at %d of %v, want all at the %d that were applied, or one on",
					n, faultSpecs[i].Name, got, last, applied)
			}
		}
		if err := again.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestPowerLossLeavesStoresOfAllKindsAtOneEpoch removes a random choice of the blocks that
// were not forced to the disk. The stores go on from what is left.
func TestPowerLossLeavesStoresOfAllKindsAtOneEpoch(t *testing.T) {
	prefix := stores.TaskPrefix("0_0")
	for seed := range uint64(40) {
		fs := vfs.NewCrashableMem()
		root, err := fs.OpenDir("")
		if err := errors.Join(err, fs.MkdirAll("state", 0o755), root.Sync(), root.Close()); err != nil {
			t.Fatal(err)
		}
		db, err := open("state", small, fs)
		if err != nil {
			t.Fatal(err)
		}
		applied, err := putEpochs(db, prefix, 1, 5+int64(seed)*2)
		if err != nil {
			t.Fatal(err)
		}
		rng := rand.New(rand.NewPCG(seed, 0))
		left := fs.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: int(seed * 10 % 101), RNG: rng})
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		again, err := open("state", small, left)
		if err != nil {
			t.Fatalf("seed %d: open after the power loss: %v", seed, err)
		}
		last := lastEverywhere(t, again, prefix)
		if last != [5]uint64{last[0], last[0], last[0], last[0], last[0]} || int64(last[0]) > applied {
			t.Errorf("seed %d: stores are at %v, want all at one of the %d epochs", seed, last, applied)
		}
		next := int64(last[0]) + 1
		if _, err := putEpochs(again, prefix, next, 3); err != nil {
			t.Errorf("seed %d: go on at %d: %v", seed, next, err)
		}
		if got, want := lastEverywhere(t, again, prefix), uint64(next+2); got != [5]uint64{want, want, want, want, want} {
			t.Errorf("seed %d: stores went on to %v, want %d", seed, got, want)
		}
		if err := again.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
