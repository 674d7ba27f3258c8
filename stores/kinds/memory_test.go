package kinds_test

import (
	"errors"
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/suiro/suiro/stores"
	"github.com/suiro/suiro/stores/kinds"
	"github.com/suiro/suiro/stores/mem"
)

// inUse returns the bytes of the heap that are in use.
func inUse() int64 {
	runtime.GC()
	var s runtime.MemStats
	runtime.ReadMemStats(&s)
	return int64(s.HeapAlloc)
}

// closedBook is a forgetful DB that cannot be walked: it would say that it is empty.
type closedBook struct {
	forgetful
	closed bool
}

func (c *closedBook) Iterate(from, to []byte, descending bool) (stores.Iterator, error) {
	if c.closed {
		return nil, errors.New("it has forgotten its keys")
	}
	return c.forgetful.Iterate(from, to, descending)
}

// TestManyStoresShareOneMemory opens the stores of many tasks and puts far more into each than
// all of them may keep in memory. Half of the tasks go then, and the others get theirs.
func TestManyStoresShareOneMemory(t *testing.T) {
	const (
		limit = 8 << 20
		tasks = 100
	)
	db := &closedBook{forgetful: forgetful{mem.Open()}}
	t.Cleanup(func() { db.Close() })
	shared := stores.NewMemory(limit)
	before := inUse()
	var all [tasks]*stores.Overlay
	var opened [tasks]*kinds.Stores
	for n := range tasks {
		var err error
		all[n] = stores.NewOverlay(db, stores.TaskPrefix(fmt.Sprint(n)))
		all[n].Share(shared)
		if opened[n], err = kinds.Open(all[n], kinds.Spec{Name: "k"},
			kinds.Spec{Name: "w", Kind: kinds.Window, Retention: time.Hour, RetainDuplicates: true}); err != nil {
			t.Fatal(err)
		}
	}
	db.closed = true
	value := make([]byte, 50)
	const round = 2000
	for from := 0; from < 3*round; from += round {
		for n, s := range opened {
			for i := from; i < from+round; i++ {
				s.KeyValue("k").Put(key(i), value)
				s.Window("w").Put(key(i), int64(i), value)
			}
			end(t, all[n], db)
			if held := shared.Held(); held > limit {
				t.Fatalf("task %d: %d bytes are held of %d", n, held, limit)
			}
			if value, err := s.KeyValue("k").Get(key(1)); value == nil || err != nil {
				t.Fatalf("task %d: a key that is there is %q, %v", n, value, err)
			}
		}
	}
	held, used := shared.Held(), inUse()-before
	if held < limit/2 || used > limit*3/2 {
		t.Errorf("%d tasks say that they hold %d bytes, and take %d, want about %d", tasks, held, used, limit)
	}
	for _, o := range all[tasks/2:] {
		o.Close()
	}
	if left := shared.Held(); left > held*7/8 {
		t.Errorf("%d of %d bytes are held when half of the tasks have gone", left, held)
	}
	for _, o := range all {
		o.Close()
	}
	if held := shared.Held(); held != 0 {
		t.Errorf("%d bytes are held when all tasks have gone", held)
	}
}
