package absent

import (
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/suiro/suiro/stores"
	"github.com/suiro/suiro/stores/mem"
)

var errRead = errors.New("a block cannot be read")

// failing is a DB whose iterators fail after so many keys.
type failing struct {
	stores.DB
	after int // -1: never; 0: they cannot be opened
}

func (f *failing) Iterate(from, to []byte, descending bool) (stores.Iterator, error) {
	if f.after == 0 {
		return nil, errRead
	}
	it, err := f.DB.Iterate(from, to, descending)
	if err != nil || f.after < 0 {
		return it, err
	}
	return &failingIterator{Iterator: it, left: f.after}, nil
}

type failingIterator struct {
	stores.Iterator
	left int
}

func (i *failingIterator) Next() bool {
	i.left--
	return i.left >= 0 && i.Iterator.Next()
}

func (i *failingIterator) Err() error {
	if i.left < 0 {
		return errRead
	}
	return i.Iterator.Err()
}

func key(i int) []byte {
	return binary.BigEndian.AppendUint64([]byte("s"), uint64(i)*0x9E3779B97F4A7C15)
}

// task is a filter over the overlay of a task.
type task struct {
	db      *failing
	overlay *stores.Overlay
	filter  *Filter
}

func (t *task) open(m *stores.Memory) {
	if t.overlay != nil {
		t.overlay.Close()
	}
	t.overlay = stores.NewOverlay(t.db, stores.TaskPrefix("0_0"))
	t.overlay.Share(m)
	t.filter = New(t.overlay, []byte("s"))
}

func (t *task) put(key []byte) {
	t.overlay.Put(key, nil)
	t.filter.Add(key)
}

func (t *task) commit(tb testing.TB) {
	tb.Helper()
	var b stores.Batch
	t.overlay.CommitTo(&b)
	if err := t.db.Apply(&b); err != nil {
		tb.Fatal(err)
	}
	t.overlay.Clear()
}

// lacking counts the keys below n that are said to be absent.
func (t *task) lacking(n int) (absent int) {
	for i := range n {
		if t.filter.Lacks(key(i)) {
			absent++
		}
	}
	return absent
}

// knows reports whether keys from n on, of which there are none, are known to be absent: most
// are, as a filter takes some for keys that are there.
func (t *task) knows(n int) bool {
	absent := 0
	for i := range 100 {
		if t.filter.Lacks(key(n + i)) {
			absent++
		}
	}
	return absent > 80
}

// A DB that cannot be read to its end may have any key.
func TestADBThatCannotBeReadLacksNothing(t *testing.T) {
	const keys = 10_000
	for _, c := range []struct {
		name    string
		at      int // the commit before which it fails
		after   int // so many keys
		recover bool
	}{
		{"at the start", 0, 0, true}, {"at the start after some keys", 0, 700, true},
		{"later", 2, 0, true}, {"later after some keys", 2, 700, true},
		{"at the start, for good", 0, 0, false}, {"later, for good", 2, 700, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			db := &failing{mem.Open(), -1}
			t.Cleanup(func() { db.Close() })
			var b stores.Batch
			for i := range keys {
				b.Put(append(stores.TaskPrefix("0_0"), key(i)...), nil)
			}
			if err := db.Apply(&b); err != nil {
				t.Fatal(err)
			}
			k := &task{db: db}
			for commit := range 10 {
				switch {
				case commit == c.at:
					db.after = c.after
				case c.recover:
					db.after = -1
				}
				if commit == 0 {
					k.open(stores.NewMemory(1 << 20))
				}
				k.put(key(keys + commit))
				k.commit(t)
				if n := k.lacking(keys + commit + 1); n > 0 {
					t.Fatalf("commit %d: %d keys that are there are said to be absent", commit, n)
				}
			}
		})
	}
	// Without a failure it knows after as many commits.
	db := &failing{mem.Open(), -1}
	defer db.Close()
	k := &task{db: db}
	k.open(stores.NewMemory(1 << 20))
	if !k.filter.Lacks(key(1)) {
		t.Error("nothing is known of an empty store")
	}
}

// TestNoKeyIsSaidToBeAbsentThatIsThere writes, deletes, commits, aborts and opens again, while
// the DB fails at times and others take the memory and give it back.
func TestNoKeyIsSaidToBeAbsentThatIsThere(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 0))
	const limit = 96 << 10
	shared := stores.NewMemory(limit)
	other := stores.NewOverlay(nil, nil)
	other.Share(shared)
	others := []*stores.Part{other.Part(limit), other.Part(limit), other.Part(limit)}
	k := &task{db: &failing{mem.Open(), -1}}
	t.Cleanup(func() { k.db.Close() })
	k.open(shared)
	committed, now := map[int]bool{}, map[int]bool{}
	keys, known := 1, 0
	for step := range 2000 {
		switch what := rng.IntN(100); {
		case what < 60:
			for range rng.IntN(40) {
				i := rng.IntN(keys)
				k.put(key(i))
				now[i] = true
			}
			if keys < 20_000 {
				keys += 30
			}
		case what < 65:
			i := rng.IntN(keys)
			k.overlay.Delete(key(i))
			delete(now, i)
		case what < 85:
			k.commit(t)
			for i := range committed {
				if !now[i] {
					delete(committed, i)
				}
			}
			for i := range now {
				committed[i] = true
			}
		case what < 88:
			k.overlay.Clear()
			clear(now)
			for i := range committed {
				now[i] = true
			}
		case what < 90:
			k.overlay.Clear()
			k.open(shared)
			clear(now)
			for i := range committed {
				now[i] = true
			}
		case what < 92:
			k.db.after = rng.IntN(1000) - 1
		case what < 96:
			k.db.after = -1
		default:
			others[rng.IntN(len(others))].Take(rng.Int64N(limit))
		}
		if step%20 > 0 {
			continue
		}
		for i := range now {
			if k.filter.Lacks(key(i)) {
				t.Fatalf("step %d: key %d is said to be absent", step, i)
			}
		}
		if k.knows(keys + 1) {
			known++
		}
		if held := shared.Held(); held > limit {
			t.Fatalf("step %d: %d bytes are held of %d", step, held, limit)
		}
	}
	if known < 5 || known > 95 {
		t.Errorf("absent keys were known at %d of 100 looks, want some and not all", known)
	}
}

// A filter that had to give its memory away reads the keys again when there is some.
func TestAFilterComesBack(t *testing.T) {
	const limit, keys = 1 << 20, 100_000 // of 150 KB
	shared := stores.NewMemory(limit)
	k := &task{db: &failing{mem.Open(), -1}}
	t.Cleanup(func() { k.db.Close() })
	k.open(shared)
	for i := range keys {
		k.put(key(i))
	}
	k.commit(t)
	if !k.knows(keys) {
		t.Fatal("absent keys are not known although there is memory")
	}
	var overlays []*stores.Overlay
	var others []*stores.Part
	for range 10 { // each may hold less than the filter needs
		o := stores.NewOverlay(nil, nil)
		o.Share(shared)
		overlays, others = append(overlays, o), append(others, o.Part(limit))
	}
	for range 3 {
		for _, p := range others {
			p.Take(limit)
		}
		k.put(key(0))
		k.commit(t)
	}
	if k.knows(keys) {
		t.Error("absent keys are known without memory for all others")
	}
	for _, o := range overlays {
		o.Close()
	}
	for range keys/step + 2 {
		k.put(key(0))
		k.commit(t)
	}
	if !k.knows(keys) {
		t.Error("absent keys are not known when there is memory again")
	}
	if n := k.lacking(keys); n > 0 {
		t.Errorf("%d keys that are there are said to be absent", n)
	}
}
