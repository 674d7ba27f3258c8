package stores_test

import (
	"encoding/binary"
	"math/rand/v2"
	"runtime"
	"sync"
	"testing"

	"github.com/suiro/suiro/stores"
)

// holder is one of many tasks, which has one part.
func holder(m *stores.Memory, most int64) (*stores.Part, *stores.Overlay) {
	o := stores.NewOverlay(nil, nil)
	o.Share(m)
	return o.Part(most), o
}

const mebibyte = 1 << 20

func TestPartsAreEqualAndNoneIsLargerThanItsUse(t *testing.T) {
	m := stores.NewMemory(12 * mebibyte)
	a, _ := holder(m, 8*mebibyte)
	if got := a.Take(20 * mebibyte); got != 8*mebibyte {
		t.Errorf("a part alone may hold %d, want all that it has a use for", got)
	}
	b, ofB := holder(m, 8*mebibyte)
	c, ofC := holder(m, mebibyte)
	if got := b.Take(5 * mebibyte); got != 4*mebibyte {
		t.Errorf("a part beside another may hold %d, want what that one has left", got)
	}
	if got := a.Take(8 * mebibyte); got != 6*mebibyte {
		t.Errorf("the first of two parts may hold %d, want half of the memory", got)
	}
	if got := c.Take(2 * mebibyte); got != mebibyte {
		t.Errorf("a part with little use may hold %d, want that", got)
	}
	if got := a.Take(8 * mebibyte); got != 11*mebibyte/2 {
		t.Errorf("the first of three parts may hold %d, want half of what the small one has left", got)
	}
	ofB.Close()
	ofB.Close()
	ofC.Close()
	if got := b.Take(1); got != 0 {
		t.Errorf("a part that was given back may hold %d", got)
	}
	if got := a.Take(20 * mebibyte); got != 8*mebibyte || m.Held() != got {
		t.Errorf("the part that is left may hold %d of %d that are held, want all that it has a use for", got, m.Held())
	}
}

// A store with few keys leaves its part to others.
func TestPartsWithLittleInThemLeaveRoom(t *testing.T) {
	m := stores.NewMemory(16 * mebibyte)
	for range 100 {
		p, _ := holder(m, 4*mebibyte)
		p.Take(10_000)
	}
	large, _ := holder(m, 4*mebibyte)
	if got := large.Take(4 * mebibyte); got < 3*mebibyte {
		t.Errorf("a large part beside 100 small ones may hold %d, want most of 4 MiB", got)
	}
}

// TestAllPartsStayWithinTheMemory lets tasks come, ask for memory and go.
func TestAllPartsStayWithinTheMemory(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	m := stores.NewMemory(10 * mebibyte)
	var tasks sync.WaitGroup
	for n := range uint64(8) {
		tasks.Go(func() {
			rng := rand.New(rand.NewPCG(seed, n))
			for range 200 {
				o := stores.NewOverlay(nil, nil)
				o.Share(m)
				parts := []*stores.Part{o.Part(rng.Int64N(4 * mebibyte)), o.Part(4 * mebibyte)}
				for range 20 {
					n := rng.Int64N(5 * mebibyte)
					if got := parts[rng.IntN(2)].Take(n); got < 0 || got > n {
						t.Errorf("Take(%d) = %d", n, got)
					}
					if held := m.Held(); held > m.Limit() {
						t.Errorf("%d bytes are held of %d", held, m.Limit())
					}
				}
				o.Close()
			}
		})
	}
	tasks.Wait()
	if held := m.Held(); held != 0 {
		t.Errorf("%d bytes are held by nobody", held)
	}
}

// An epoch that was large does not leave its memory with each task.
func TestOverlaysKeepNoMoreMemoryThanTheyMay(t *testing.T) {
	m := stores.NewMemory(mebibyte)
	const tasks = 20
	var all []*stores.Overlay
	before := inUse()
	for range tasks {
		o := stores.NewOverlay(nil, nil)
		o.Share(m)
		for i := range 20_000 {
			o.Put(binary.BigEndian.AppendUint64(nil, uint64(i)), nil)
		}
		o.Clear()
		all = append(all, o)
	}
	if got := inUse() - before; got > 3*mebibyte {
		t.Errorf("%d tasks keep %d bytes after an epoch, want about %d", tasks, got, m.Limit())
	}
	for _, o := range all {
		o.Close()
	}
}

// inUse returns the bytes of the heap that are in use.
func inUse() int64 {
	runtime.GC()
	var s runtime.MemStats
	runtime.ReadMemStats(&s)
	return int64(s.HeapAlloc)
}
