package pebble

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"

	"github.com/suiro/suiro/stores"
)

// slowFiles is a filesystem that makes no table before release is closed. It closes asked when
// the first one is to be made.
func slowFiles(asked, release chan struct{}) vfs.FS {
	var once sync.Once
	return errorfs.Wrap(vfs.Default, errorfs.InjectorFunc(func(op errorfs.Op) error {
		if op.Kind == errorfs.OpCreate && strings.HasSuffix(op.Path, ".sst") {
			once.Do(func() { close(asked) })
			<-release
		}
		return nil
	}))
}

// While the files take nothing, batches that can wait do, and the others find room.
func TestApplyDoesNotWaitForPacedBatches(t *testing.T) {
	asked, release := make(chan struct{}), make(chan struct{})
	db, err := open(t.TempDir(), small, slowFiles(asked, release))
	if err != nil {
		t.Fatal(err)
	}
	one := func(key string) *stores.Batch {
		b := &stores.Batch{}
		b.Put([]byte(key), []byte("value"))
		return b
	}
	if err := db.Apply(one("first")); err != nil {
		t.Fatal(err)
	}
	var paced sync.WaitGroup
	for i := range 8 {
		paced.Go(func() {
			b := one("paced " + string(rune('0'+i)))
			b.Put([]byte("large "+string(rune('0'+i))), make([]byte, small.MemTableBytes))
			if err := db.ApplyPaced(b); err != nil {
				t.Error(err)
			}
		})
	}
	<-asked
	done := make(chan error, 1)
	go func() {
		for range 200 {
			if err := db.Apply(one("other")); err != nil {
				done <- err
				return
			}
			<-time.After(time.Millisecond) // so that those that can wait come meanwhile
		}
		done <- nil
	}()
	select {
	case err := <-done:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(20 * time.Second):
		t.Error("Apply waits behind batches that can wait")
	}
	close(release)
	paced.Wait()
	for i := range 8 {
		key := "paced " + string(rune('0'+i))
		if v, err := db.Get([]byte(key)); err != nil || string(v) != "value" {
			t.Errorf("Get(%s) = %q, %v, want what was applied", key, v, err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if err := db.ApplyPaced(one("late")); err != stores.ErrClosed {
		t.Errorf("ApplyPaced after Close = %v, want %v", err, stores.ErrClosed)
	}
}

func TestPaceLeavesRoomWhileThereAreOthers(t *testing.T) {
	now := time.Unix(1000, 0)
	for name, tt := range map[string]struct {
		recent, coming int64
		other          time.Duration // since an Apply
		want           bool
	}{
		"there is room":                {recent: 90, other: 0, want: true},
		"too much is in no file":       {recent: 100, other: 0, want: false},
		"too much is coming":           {recent: 50, coming: 50, other: 0, want: false},
		"nobody else has come for now": {recent: 100, other: paceAge, want: true},
	} {
		p := pace{limit: 100, coming: tt.coming}
		p.other.Store(now.Add(-tt.other).UnixNano())
		if got := p.enter(7, tt.recent, now); got != tt.want {
			t.Errorf("%s: enter = %v, want %v", name, got, tt.want)
		}
		before := p.next()
		if tt.want {
			p.leave(7)
		} else {
			p.wake()
		}
		select {
		case <-before:
		default:
			t.Errorf("%s: nobody looks again", name)
		}
		if p.coming != tt.coming {
			t.Errorf("%s: %d bytes are coming afterwards, want %d", name, p.coming, tt.coming)
		}
	}
}
