package pebble_test

import (
	"encoding/binary"
	"fmt"
	"syscall"
	"testing"

	"github.com/suiro/suiro/stores"
	"github.com/suiro/suiro/stores/kinds"
	"github.com/suiro/suiro/stores/pebble"
)

// restoreRecords is how many records of a changelog a restore reads; each has a key of
// its own, in an order that is not that of keys.
const restoreRecords = 1_000_000

func restoreKey(i int) []byte { return fmt.Appendf(nil, "key-%012d", i*7919%restoreRecords) }

// BenchmarkRestore compares a restore through an overlay, as tasks were restored before there
// was a loader, with one by the loader.
func BenchmarkRestore(b *testing.B) {
	prefix := stores.TaskPrefix("0_0")
	value := binary.BigEndian.AppendUint64(nil, 12345)
	keys := make([][]byte, restoreRecords)
	for i := range keys {
		keys[i] = restoreKey(i)
	}
	for _, c := range []struct {
		name string
		run  func(db stores.DB) error
	}{
		{"Overlay", func(db stores.DB) error { return restoreByOverlay(db, prefix, keys, value) }},
		{"Loader", func(db stores.DB) error { return restoreByLoader(db, prefix, keys, value, 4<<20) }},
	} {
		b.Run(c.name, func(b *testing.B) {
			before := cpuTime(b)
			for b.Loop() {
				b.StopTimer()
				db, err := pebble.Open(b.TempDir(), nil)
				if err != nil {
					b.Fatal(err)
				}
				b.StartTimer()
				if err := c.run(db); err != nil {
					b.Fatal(err)
				}
				if err := db.Close(); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(cpuTime(b)-before)/float64(b.N*restoreRecords), "cpu-ns/record")
			b.ReportMetric(float64(b.N)*restoreRecords/b.Elapsed().Seconds(), "records/s")
		})
	}
}

// cpuTime is what the process has used, in nanoseconds, in the background too.
func cpuTime(b testing.TB) int64 {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return u.Utime.Nano() + u.Stime.Nano()
}

func restoreByOverlay(db stores.DB, prefix []byte, keys [][]byte, value []byte) error {
	o := stores.NewOverlay(db, prefix)
	flush := func() error {
		var b stores.Batch
		o.CommitTo(&b)
		defer o.Clear()
		return db.Apply(&b)
	}
	for _, k := range keys {
		o.Put(stores.Key(nil, "counts", k), value)
		if o.Bytes() >= 4<<20 {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	return flush()
}

func restoreByLoader(db stores.DB, prefix []byte, keys [][]byte, value []byte, bytes int64) error {
	l, err := kinds.NewLoader(db, prefix, kinds.Spec{Name: "counts", Kind: kinds.Timestamped})
	if err != nil {
		return err
	}
	for _, k := range keys {
		if err := l.Add("counts", kinds.Record{Key: k, Value: value, Timestamp: 1_700_000_000_000}); err != nil {
			return err
		}
		if l.Bytes() >= bytes {
			if err := l.Flush(nil); err != nil {
				return err
			}
		}
	}
	return l.Flush(nil)
}
