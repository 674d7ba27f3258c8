package pebble

import (
	"encoding/binary"
	"errors"
	"fmt"
	"syscall"
	"testing"
	"time"

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

// putUntilItStops puts an epoch after the other everywhere until the DB returns an error,
// and returns how many it has taken.
func putUntilItStops(db stores.DB, prefix []byte) (applied int64, err error) {
	o := stores.NewOverlay(db, prefix)
	s, err := kinds.Open(o, faultSpecs...)
	for ; err == nil && applied < 1000; applied++ {
		if err = putEverywhere(s, applied+1); err != nil {
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
		applied, err := putUntilItStops(db, prefix)
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
