package pebble_test

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"runtime/debug"
	"testing"
	"time"

	"github.com/suiro/suiro/internal/confine"
	"github.com/suiro/suiro/stores"
	"github.com/suiro/suiro/stores/format"
	"github.com/suiro/suiro/stores/kinds"
	"github.com/suiro/suiro/stores/pebble"
)

const (
	memoryLimit = 8 << 20   // of the DB
	dataLimit   = 192 << 20 // of the process, with the runtime, the test and what is read
)

// TestManyStoresStayWithinTheirMemory restores and changes far more than the DB may keep
// in memory, in stores of many tasks, in a process that ends when it takes much more.
func TestManyStoresStayWithinTheirMemory(t *testing.T) {
	if !confine.Test(t, dataLimit) {
		return
	}
	debug.SetMemoryLimit(dataLimit / 2)
	db, err := pebble.Open(t.TempDir(), &pebble.Options{CacheBytes: memoryLimit})
	if err != nil {
		t.Fatal(err)
	}
	specs := []kinds.Spec{
		{Name: "table", Kind: kinds.Timestamped, TTL: time.Hour},
		{Name: "windows", Kind: kinds.Window, Retention: time.Hour},
		{Name: "versions", Kind: kinds.Versioned, Retention: time.Hour},
		{Name: "sessions", Kind: kinds.Session, Retention: time.Hour},
	}
	most := int64(0)
	for task := range 20 {
		prefix := stores.TaskPrefix(fmt.Sprintf("0_%d", task))
		restoreMany(t, db, prefix, specs)
		changeMany(t, db, prefix, specs)
		s := db.Stats()
		most = max(most, s.RecentWrites+s.BlockCache)
	}
	// A table of recent writes may be replaced while the last one is still being freed.
	if s := db.Stats(); most == 0 || most > memoryLimit*5/4 || s.Disk < 3*memoryLimit || s.MemoryLimit != memoryLimit {
		t.Errorf("at most %d bytes of %d in memory, %+v", most, memoryLimit, s)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

// restoreMany loads changelogs of a few MiB.
func restoreMany(t *testing.T, db stores.DB, prefix []byte, specs []kinds.Spec) {
	t.Helper()
	l, err := kinds.NewLoader(db, prefix, specs...)
	if err != nil {
		t.Fatal(err)
	}
	value := make([]byte, 100)
	rng := rand.New(rand.NewPCG(1, 2))
	for i := range int64(4000) {
		for n := range value { // so that it is not compressed
			value[n] = byte(rng.Uint32())
		}
		at := 1_700_000_000_000 + i*100
		key := binary.BigEndian.AppendUint64(nil, rng.Uint64())
		for store, r := range []kinds.Record{
			{Key: key, Value: value, Timestamp: at},
			{Key: format.WindowKey{Key: key, Start: at}.Append(nil), Value: value},
			{Key: key, Value: value, Timestamp: at},
			{Key: format.SessionKey{Key: key, Start: at, End: at}.Append(nil), Value: value},
		} {
			r.Value = append([]byte(nil), r.Value...)
			if err := l.Add(specs[store].Name, r); err != nil {
				t.Fatal(err)
			}
		}
		if l.Bytes() > 1<<20 {
			if err := l.Flush(nil); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := l.Flush(nil); err != nil {
		t.Fatal(err)
	}
}

// changeMany reads and writes keys in an epoch.
func changeMany(t *testing.T, db stores.DB, prefix []byte, specs []kinds.Spec) {
	t.Helper()
	o := stores.NewOverlay(db, prefix)
	s, err := kinds.Open(o, specs...)
	if err != nil {
		t.Fatal(err)
	}
	for i := range int64(300) {
		key, at := binary.BigEndian.AppendUint64(nil, rand.Uint64()), 1_700_000_500_000+i
		s.KeyValue("table").Put(key, format.AppendTimestamped(nil, at, key))
		s.Window("windows").Put(key, at, key)
		if _, _, err := s.Versioned("versions").Put(key, key, at); err != nil {
			t.Fatal(err)
		}
		if _, err := s.KeyValue("table").Get(key[1:]); err != nil {
			t.Fatal(err)
		}
	}
	var b stores.Batch
	o.CommitTo(&b)
	if err := db.Apply(&b); err != nil {
		t.Fatal(err)
	}
	o.Clear()
}
