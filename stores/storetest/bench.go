package storetest

import (
	"fmt"
	"testing"

	"github.com/suiro/suiro/stores"
)

const benchKeys = 100_000

// Bench measures an engine. The function opens a new, empty DB for each call;
// the benchmark closes it.
func Bench(b *testing.B, open func(b *testing.B) stores.DB) {
	for _, c := range []struct {
		name  string
		bench func(b *testing.B, db stores.DB)
	}{
		{"Get", benchGet},
		{"GetAbsent", benchGetAbsent},
		{"Iterate100", benchIterate},
		{"Apply1", func(b *testing.B, db stores.DB) { benchApply(b, db, 1) }},
		{"Apply400", func(b *testing.B, db stores.DB) { benchApply(b, db, 400) }},
	} {
		b.Run(c.name, func(b *testing.B) {
			db := open(b)
			fillForBench(b, db)
			b.ReportAllocs()
			c.bench(b, db)
			if err := db.Close(); err != nil {
				b.Fatal(err)
			}
		})
	}
}

func benchKey(i int) []byte { return fmt.Appendf(nil, "\x030_0\x06counts%08d", i) }

func fillForBench(b *testing.B, db stores.DB) {
	value := make([]byte, 100)
	for i := 0; i < benchKeys; i += 1000 {
		var batch stores.Batch
		for j := range 1000 {
			batch.Put(benchKey(i+j), value)
		}
		apply(b, db, &batch)
	}
}

// shuffled returns the keys in an order that no cache line can foresee.
func shuffled() [][]byte {
	keys := make([][]byte, benchKeys)
	for i := range keys {
		keys[i] = benchKey(i * 7919 % benchKeys)
	}
	return keys
}

func benchGet(b *testing.B, db stores.DB) {
	keys, i := shuffled(), 0
	for b.Loop() {
		if value, err := db.Get(keys[i%benchKeys]); err != nil || value == nil {
			b.Fatal(value, err)
		}
		i++
	}
}

func benchGetAbsent(b *testing.B, db stores.DB) {
	keys, i := shuffled(), 0
	for n := range keys {
		keys[n] = append(keys[n], 'x')
	}
	for b.Loop() {
		if value, err := db.Get(keys[i%benchKeys]); err != nil || value != nil {
			b.Fatal(value, err)
		}
		i++
	}
}

func benchIterate(b *testing.B, db stores.DB) {
	keys, i := shuffled(), 0
	for b.Loop() {
		it, err := db.Iterate(keys[i%benchKeys], nil, false)
		if err != nil {
			b.Fatal(err)
		}
		for n := 0; n < 100 && it.Next(); n++ {
		}
		if err := it.Close(); err != nil {
			b.Fatal(err)
		}
		i++
	}
}

func benchApply(b *testing.B, db stores.DB, writes int) {
	keys, i := shuffled(), 0
	value := make([]byte, 100)
	var batch stores.Batch
	for b.Loop() {
		batch.Reset()
		for range writes {
			batch.Put(keys[i%benchKeys], value)
			i++
		}
		apply(b, db, &batch)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*writes), "ns/write")
}
