package stores_test

import (
	"encoding/binary"
	"testing"

	"github.com/suiro/suiro/stores"
	"github.com/suiro/suiro/stores/mem"
)

// benchKeys is how many keys an epoch touches: servers times minutes.
const benchKeys = 400

// BenchmarkOverlayGetPut is what a count costs per record in the store: Get
// and Put of a key that was written before in the epoch.
func BenchmarkOverlayGetPut(b *testing.B) {
	o, _ := newOverlay(b)
	keys := makeKeys(benchKeys)
	value := make([]byte, 16)
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		key := keys[i%len(keys)]
		if _, err := o.Get(key); err != nil {
			b.Fatal(err)
		}
		o.Put(key, value)
		i++
	}
}

// BenchmarkOverlayEpoch is an epoch of 10,000 records over the same keys:
// read, write, commit, clear.
func BenchmarkOverlayEpoch(b *testing.B) {
	db := mem.Open()
	defer db.Close()
	o := stores.NewOverlay(db, stores.TaskPrefix("0_0"))
	keys := makeKeys(benchKeys)
	value := make([]byte, 16)
	var batch stores.Batch
	b.ReportAllocs()
	for b.Loop() {
		for i := range 10_000 {
			key := keys[i%len(keys)]
			if _, err := o.Get(key); err != nil {
				b.Fatal(err)
			}
			o.Put(key, value)
		}
		o.CommitTo(&batch)
		if err := db.Apply(&batch); err != nil {
			b.Fatal(err)
		}
		batch.Reset()
		o.Clear()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/10_000, "ns/record")
}

// BenchmarkOverlayPutIterate is a join: each record writes a key of its own
// and walks the few around it.
func BenchmarkOverlayPutIterate(b *testing.B) {
	o, _ := newOverlay(b)
	keys := makeKeys(10_000)
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		n := i % (len(keys) - 5)
		if n == 0 {
			o.Clear()
		}
		o.Put(keys[n], keys[n])
		it, err := o.Iterate(keys[n], keys[n+4], false)
		if err != nil {
			b.Fatal(err)
		}
		for it.Next() {
		}
		it.Close()
		i++
	}
}

func makeKeys(n int) [][]byte {
	keys := make([][]byte, n)
	for i := range keys {
		keys[i] = stores.Key(nil, "counts", binary.BigEndian.AppendUint64([]byte("web-server-"), uint64(i)))
	}
	return keys
}
