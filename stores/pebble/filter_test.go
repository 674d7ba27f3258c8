package pebble

import (
	"encoding/binary"
	"math/rand/v2"
	"testing"

	"github.com/suiro/suiro/stores"
)

// TestAbsentKeysReadNoBlocks looks for keys that are not there in a DB that has all of its
// keys in the last level, and a cache that has room for filters and few blocks.
func TestAbsentKeysReadNoBlocks(t *testing.T) {
	d, err := Open(t.TempDir(), &Options{CacheBytes: 4 << 20})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	rng := rand.New(rand.NewPCG(1, 2))
	key := func(n uint64) []byte { return binary.BigEndian.AppendUint64([]byte("k"), n) }
	for range 40 {
		var b stores.Batch
		for range 1000 {
			value := make([]byte, 500)
			for i := range value { // so that it is not compressed
				value[i] = byte(rng.Uint32())
			}
			b.Put(key(rng.Uint64()), value)
		}
		if err := d.Apply(&b); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.db.Compact(t.Context(), []byte("k"), []byte("l"), false); err != nil {
		t.Fatal(err)
	}
	const lookups = 2000
	look := func() (misses int64) {
		before := d.Stats().CacheMisses
		for range lookups {
			if v, err := d.Get(key(rng.Uint64())); v != nil || err != nil {
				t.Fatal(v, err)
			}
		}
		return d.Stats().CacheMisses - before
	}
	look() // what every look-up needs is in the cache then
	if misses := look(); misses > lookups/5 {
		t.Errorf("%d look-ups of absent keys have read %d blocks from files, want next to none", lookups, misses)
	}
}
