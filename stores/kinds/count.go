package kinds

import (
	"bytes"
	"errors"

	"github.com/suiro/suiro/stores"
)

// countExactly is how many entries are counted before the rest is estimated.
const countExactly = 10_000

// ApproximateCount returns about how many entries a store of the task whose DB keys begin
// with prefix has, as Kafka Streams' approximateNumEntries does: versions, windows and
// sessions each count, and so may some that have expired. It reads a few thousand entries
// and compares the size of the files that hold them with that of the whole store; where
// the DB cannot tell sizes it counts.
func ApproximateCount(db stores.DB, prefix []byte, s Spec) (int64, error) {
	from := append(bytes.Clone(prefix), s.prefix()...)
	to := stores.PrefixEnd(from)
	it, err := db.Iterate(from, to, false)
	if err != nil {
		return 0, err
	}
	n := int64(0)
	for ; it.Next(); n++ {
		if n < countExactly || n%countExactly > 0 {
			continue
		}
		if all, ok := estimate(db, from, it.Key(), to, n); ok {
			return all, it.Close()
		}
	}
	return n, errors.Join(it.Err(), it.Close())
}

// estimate returns how many entries are below to when n are below at, if files hold
// enough of them to tell.
func estimate(db stores.DB, from, at, to []byte, n int64) (int64, bool) {
	sizer, ok := db.(stores.Sizer)
	if !ok {
		return 0, false
	}
	part, err := sizer.Size(from, at)
	if err != nil || part == 0 {
		return 0, false
	}
	whole, err := sizer.Size(from, to)
	if err != nil || whole < part {
		return 0, false
	}
	return int64(float64(n) * (float64(whole) / float64(part))), true
}
