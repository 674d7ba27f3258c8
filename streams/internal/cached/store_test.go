package cached_test

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"testing"
	"time"

	"github.com/suiro/suiro/stores"
	"github.com/suiro/suiro/streams/internal/cached"
	"github.com/suiro/suiro/streams/topology"
)

// task is a task with one store of windows, and its DB.
type task struct {
	topology.Context
	open, db      map[string][]byte // what the epoch has written, and what is committed
	latest, moved int64             // the time of the store, committed and in the epoch
	loads         int
	shared        *stores.Memory // nil: with nobody
	commit        func() error
	abort         func()
}

func newTask() *task {
	return &task{open: map[string][]byte{}, db: map[string][]byte{}, latest: math.MinInt64, moved: math.MinInt64}
}

func (t *task) OnCommit(commit func() error, abort func())     { t.commit, t.abort = commit, abort }
func (t *task) Position() topology.Position                    { return topology.Position{} }
func (t *task) Fits(string, []byte, []byte) error              { return nil }
func (t *task) Grow(int64)                                     {}
func (t *task) Hold() int                                      { return 0 }
func (t *task) Release(int)                                    {}
func (t *task) Refuse(_ int, _ topology.Update, e error) error { return e }

func name(key []byte, start int64) string { return fmt.Sprintf("%d %s", start, key) }

// store opens the store over what is committed.
func (t *task) store(direct bool) *cached.Store[string, int64] {
	o := stores.NewOverlay(nil, nil)
	if t.shared != nil {
		o.Share(t.shared)
	}
	s := cached.New(cached.Options[string, int64]{Context: t, Name: "s", Direct: direct, Memory: o.Part(cached.MostBytes),
		Load: func(key []byte, start int64) ([]byte, error) {
			t.loads++
			if value, ok := t.open[name(key, start)]; ok {
				return value, nil
			}
			return t.db[name(key, start)], nil
		},
		Save: func(key []byte, start int64, value []byte) {
			t.open[name(key, start)] = value
			t.moved = max(t.moved, start)
		},
		Latest:      func() int64 { return t.moved },
		Serialize:   func(v int64) ([]byte, error) { return binary.BigEndian.AppendUint64(nil, uint64(v)), nil },
		Deserialize: func(data []byte) (int64, error) { return int64(binary.BigEndian.Uint64(data)), nil },
	})
	s.Own(nil, false, nil)
	return s
}

func (t *task) count(tb testing.TB, s *cached.Store[string, int64], key string, start int64) int64 {
	tb.Helper()
	e, err := s.Find([]byte(key), start)
	if err != nil {
		tb.Fatal(err)
	}
	n := e.Value + 1
	at := time.UnixMilli(start)
	if err := s.Set(e, func() string { return key }, n, true, start, at, nil); err != nil {
		tb.Fatal(err)
	}
	return n
}

func (t *task) end(tb testing.TB, commit bool) {
	tb.Helper()
	if !commit {
		clear(t.open)
		t.moved = t.latest
		t.abort()
		return
	}
	if err := t.commit(); err != nil {
		tb.Fatal(err)
	}
	for key, value := range t.open {
		t.db[key] = value
	}
	clear(t.open)
	t.latest = t.moved
}

// A store that forgets windows, or an epoch, knows what it has to look for.
func TestCountsOfWindowsAreThoseOfAMap(t *testing.T) {
	for _, c := range []struct {
		direct bool
		memory int64
	}{{false, cached.MostBytes}, {false, 200_000}, {false, 0}, {true, cached.MostBytes}} {
		direct := c.direct
		seed := rand.Uint64()
		r := rand.New(rand.NewPCG(seed, 1))
		k, s := newTask(), (*cached.Store[string, int64])(nil)
		k.shared = stores.NewMemory(c.memory)
		s = k.store(direct)
		committed, counts := map[string]int64{}, map[string]int64{}
		now := int64(0)
		for range 40 {
			for range r.IntN(3000) {
				now += r.Int64N(3)
				key, start := fmt.Sprint(r.IntN(400)), (now-r.Int64N(60))/20
				if r.IntN(2000) == 0 {
					start -= r.Int64N(500) // late
				}
				id := name([]byte(key), start)
				if counts[id]++; k.count(t, s, key, start) != counts[id] {
					t.Fatalf("seed %d, direct %v, memory %d: the count of %s is not %d", seed, direct, c.memory, id, counts[id])
				}
			}
			commit := r.IntN(4) > 0
			k.end(t, commit)
			if !commit {
				clear(counts)
				for id, n := range committed {
					counts[id] = n
				}
				continue
			}
			for id, n := range counts {
				committed[id] = n
			}
			if r.IntN(20) == 0 {
				s = k.store(direct) // after a restart
			}
		}
	}
}

func TestNewWindowsAreNotLookedFor(t *testing.T) {
	k := newTask()
	s := k.store(false)
	for start := range int64(100) {
		for key := range 1000 {
			k.count(t, s, fmt.Sprint(key), start)
			if start > 0 {
				k.count(t, s, fmt.Sprint(key), start-1)
			}
		}
		k.end(t, true)
	}
	if k.loads != 0 {
		t.Errorf("%d keys were looked for, want none: their windows are later than all that there was", k.loads)
	}
	if got := k.count(t, s, "7", 3); got != 3 || k.loads != 1 {
		t.Errorf("count %d of a window that was forgotten, with %d looks, want 3 with 1", got, k.loads)
	}
	k.end(t, false)
	s = k.store(false)
	if got := k.count(t, s, "7", 99); got != 2 || k.loads != 2 {
		t.Errorf("count %d after a restart, with %d looks, want 2 with 2", got, k.loads)
	}
}

// Values that are kept between epochs stay within what all tasks may keep, in windows and
// without.
func TestManyStoresShareOneMemory(t *testing.T) {
	const limit, many = 4 << 20, 20
	shared := stores.NewMemory(limit)
	inUse := func() int64 {
		runtime.GC()
		var s runtime.MemStats
		runtime.ReadMemStats(&s)
		return int64(s.HeapAlloc)
	}
	var all []*cached.Store[string, int64]
	before := inUse()
	for n := range many {
		k := newTask()
		k.shared = shared
		s := k.store(false)
		for key := range 9000 {
			k.count(t, s, fmt.Sprint(key), int64(n%2*key/1000))
		}
		k.end(t, true)
		k.open, k.db = nil, nil // they stand for the disk
		all = append(all, s)
		if held := shared.Held(); held > limit {
			t.Fatalf("%d stores hold %d bytes of %d", n+1, held, limit)
		}
	}
	if held, used := shared.Held(), inUse()-before; held < limit/4 || used > limit*3/2 {
		t.Errorf("%d stores say that they hold %d bytes, and take %d, want about %d", many, held, used, limit)
	}
	runtime.KeepAlive(all)
}
