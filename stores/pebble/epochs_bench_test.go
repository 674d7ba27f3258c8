package pebble_test

import (
	"encoding/binary"
	"testing"
	"time"

	"github.com/suiro/suiro/stores"
	"github.com/suiro/suiro/stores/format"
	"github.com/suiro/suiro/stores/kinds"
	"github.com/suiro/suiro/stores/pebble"
)

// The epochs of a task that is one of several: records of all tasks, and of an epoch.
const (
	epochRecords = 2_000_000
	epochTasks   = 4
	epochLength  = 10_000
)

// benchTask is a task over a DB that it shares with others.
type benchTask struct {
	overlay *stores.Overlay
	stores  *kinds.Stores
}

func openTasks(b *testing.B, db stores.DB, specs ...kinds.Spec) (tasks []benchTask) {
	b.Helper()
	for i := range epochTasks {
		o := stores.NewOverlay(db, stores.TaskPrefix(string(rune('0'+i))))
		s, err := kinds.Open(o, specs...)
		if err != nil {
			b.Fatal(err)
		}
		tasks = append(tasks, benchTask{o, s})
	}
	return tasks
}

// commit ends an epoch: its changes are walked for the changelog, and written.
func (t benchTask) commit(b *testing.B, db stores.DB) {
	b.Helper()
	if err := t.stores.Changelog(func(string, kinds.Record) bool { return true }); err != nil {
		b.Fatal(err)
	}
	var batch stores.Batch
	t.overlay.CommitTo(&batch)
	if err := db.Apply(&batch); err != nil {
		b.Fatal(err)
	}
	t.overlay.Clear()
}

// BenchmarkEpochs runs the state of stream apps whose keys come in no order: a count with a
// key for each record, a join of two streams in which each key has a record on either side,
// and sessions, for which each record reads a range of the DB.
func BenchmarkEpochs(b *testing.B) {
	window := func(name string) kinds.Spec {
		return kinds.Spec{Name: name, Kind: kinds.Window, Retention: 62 * time.Minute, RetainDuplicates: true}
	}
	for _, c := range []struct {
		name  string
		specs []kinds.Spec
		run   func(b *testing.B, t benchTask, i uint64)
	}{
		{"Distinct", []kinds.Spec{{Name: "counts", Kind: kinds.Timestamped}}, countOnce},
		{"Join", []kinds.Spec{window("left"), window("right")}, joinOne},
		{"Sessions", []kinds.Spec{{Name: "sessions", Kind: kinds.Session, Retention: 62 * time.Minute}}, oneSession},
	} {
		b.Run(c.name, func(b *testing.B) {
			before := cpuTime(b)
			for b.Loop() {
				db, err := pebble.Open(b.TempDir(), nil)
				if err != nil {
					b.Fatal(err)
				}
				tasks := openTasks(b, db, c.specs...)
				for i := range uint64(epochRecords) {
					t := tasks[i/epochLength%epochTasks]
					c.run(b, t, i)
					if i%epochLength == epochLength-1 {
						t.commit(b, db)
					}
				}
				if err := db.Close(); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(cpuTime(b)-before)/float64(b.N*epochRecords), "cpu-ns/record")
		})
	}
}

// scattered is a key for each number, in no order.
func scattered(i uint64) []byte { return binary.BigEndian.AppendUint64(nil, i*0x9E3779B97F4A7C15) }

const epochBegin = 1_700_000_000_000

func countOnce(b *testing.B, t benchTask, i uint64) {
	s, key := t.stores.KeyValue("counts"), scattered(i)
	if v, err := s.Get(key); v != nil || err != nil {
		b.Fatal(v, err)
	}
	s.Put(key, format.AppendTimestamped(make([]byte, 0, 16), epochBegin+int64(i), key))
}

// joinOne is a record of either side in turn. The right one of a key comes 1000 records after
// the left one.
func joinOne(b *testing.B, t benchTask, i uint64) {
	own, other := t.stores.Window("left"), t.stores.Window("right")
	n := i / 2
	if i%2 == 1 {
		own, other = other, own
		n -= min(n, 500)
	}
	key, at := scattered(n), epochBegin+int64(i)*10
	it, err := other.Range(key, at-60_000, at+60_000, false)
	if err != nil {
		b.Fatal(err)
	}
	for it.Next() {
		_ = it.Value()
	}
	if err := it.Close(); err != nil {
		b.Fatal(err)
	}
	value := make([]byte, 50)
	copy(value, key)
	own.Put(key, at, value)
}

// oneSession is a record of one of 100,000 keys, which begins a session or makes one longer.
func oneSession(b *testing.B, t benchTask, i uint64) {
	s, key, at := t.stores.Session("sessions"), scattered(i*i%100_000), epochBegin+int64(i)*10
	it, err := s.Find(key, at-600_000, at+600_000, false)
	if err != nil {
		b.Fatal(err)
	}
	from := at
	for it.Next() {
		from = min(from, it.Key().Start)
		s.Remove(it.Key())
	}
	if err := it.Close(); err != nil {
		b.Fatal(err)
	}
	s.Put(format.SessionKey{Key: key, Start: from, End: at}, key)
}
