package tap

import (
	"time"

	"github.com/suiro/suiro/connect/herder/api"
)

// follower takes every record.
type follower struct {
	see     func(api.TappedRecord)
	records int
}

// Follow returns a point whose records are all shown to see, each at each of its stages,
// in the goroutine of the task. Records are numbered from 1.
func Follow(mask *Mask, see func(api.TappedRecord)) *Point {
	p := NewPoint(0, mask)
	p.taps.Store(&[]watcher{&follower{see: see}})
	return p
}

func (f *follower) admit(time.Time) (n int, ok bool) {
	f.records++
	return f.records, true
}

func (f *follower) add(s api.TappedRecord) { f.see(s) }

func (f *follower) end() {}
