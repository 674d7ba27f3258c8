package kinds_test

import (
	"encoding/binary"
	"testing"

	"github.com/suiro/suiro/stores"
	"github.com/suiro/suiro/stores/kinds"
	"github.com/suiro/suiro/stores/mem"
)

// looks is a DB that counts how many keys it is asked for.
type looks struct {
	stores.DB
	n int
}

func (l *looks) Get(key []byte) ([]byte, error) {
	l.n++
	return l.DB.Get(key)
}

// A store without keys, and one whose keys were read after commits, ask for new keys hardly
// ever, and find all that there are.
func TestNewKeysAreHardlyEverLookedFor(t *testing.T) {
	db := &looks{DB: mem.Open()}
	t.Cleanup(func() { db.Close() })
	const epochs, length = 20, 3000
	all := 0
	for start := range 2 {
		o := stores.NewOverlay(db, stores.TaskPrefix("0_0"))
		s, err := kinds.Open(o, kinds.Spec{Name: "other"}, kinds.Spec{Name: "s"})
		if err != nil {
			t.Fatal(err)
		}
		kv := s.KeyValue("s")
		get := func(i int) bool {
			value, err := kv.Get(key(i))
			if err != nil {
				t.Fatal(err)
			}
			return value != nil
		}
		for epoch := range epochs {
			before := db.n
			for range length {
				if get(all) {
					t.Fatalf("start %d, epoch %d: there is a key %d", start, epoch, all)
				}
				kv.Put(key(all), []byte("v"))
				all++
			}
			// After a start all is known when the keys that there were are read.
			late := start == 0 || epoch > epochs/2+1
			if n := db.n - before; late && n > length/20 {
				t.Errorf("start %d, epoch %d: %d of %d new keys were looked for", start, epoch, n, length)
			}
			end(t, o, db)
		}
		for i := range all {
			if !get(i) {
				t.Fatalf("start %d: key %d is not found", start, i)
			}
		}
	}
}

// What was written in an epoch that is aborted, and what is deleted, is not there.
func TestKeysThatWentAreNotFound(t *testing.T) {
	db := mem.Open()
	t.Cleanup(func() { db.Close() })
	o := stores.NewOverlay(db, stores.TaskPrefix("0_0"))
	s, err := kinds.Open(o, kinds.Spec{Name: "s"})
	if err != nil {
		t.Fatal(err)
	}
	kv := s.KeyValue("s")
	has := func(i int) bool {
		value, err := kv.Get(key(i))
		return value != nil && err == nil
	}
	kv.Put(key(1), []byte("v"))
	o.Clear() // an abort
	kv.Put(key(2), []byte("v"))
	kv.Put(key(3), []byte("v"))
	end(t, o, db)
	kv.Delete(key(2))
	for i, want := range []bool{false, false, false, true} {
		if has(i) != want {
			t.Errorf("key %d is there: %v, want %v", i, !want, want)
		}
	}
	end(t, o, db)
	if has(2) {
		t.Error("a deleted key is there after the commit")
	}
}

// forgetful is a DB that keeps nothing, and says that it has every key.
type forgetful struct{ stores.DB }

func (forgetful) Apply(*stores.Batch) error  { return nil }
func (forgetful) Get([]byte) ([]byte, error) { return []byte("v"), nil }

// A store with more keys than it remembers asks for all of them.
func TestAStoreMayHaveAnyNumberOfKeys(t *testing.T) {
	db := forgetful{mem.Open()}
	t.Cleanup(func() { db.Close() })
	o := stores.NewOverlay(db, stores.TaskPrefix("0_0"))
	o.Share(stores.NewMemory(512 << 10))
	s, err := kinds.Open(o, kinds.Spec{Name: "s"})
	if err != nil {
		t.Fatal(err)
	}
	kv := s.KeyValue("s")
	const most = 500_000
	for i := range most {
		kv.Put(key(i), []byte("v"))
		if i%10_000 == 0 {
			end(t, o, db)
		}
	}
	end(t, o, db)
	for i := 0; i < most; i += 101 {
		if value, err := kv.Get(key(i)); value == nil || err != nil {
			t.Fatalf("key %d is %q, %v", i, value, err)
		}
	}
}

// key is a key for each number, in no order.
func key(i int) []byte { return binary.BigEndian.AppendUint64(nil, uint64(i)*0x9E3779B97F4A7C15) }

// end commits an epoch.
func end(t testing.TB, o *stores.Overlay, db stores.DB) {
	t.Helper()
	var b stores.Batch
	o.CommitTo(&b)
	if err := db.Apply(&b); err != nil {
		t.Fatal(err)
	}
	o.Clear()
}
