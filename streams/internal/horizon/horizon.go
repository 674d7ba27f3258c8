// Package horizon knows up to which offset a changelog of windows has nothing but windows
// that have expired, so that the records below can be deleted.
//
// A changelog of windows is compacted, and no tombstone is written for a window that expires:
// without more it grew with every window there ever was. Brokers could delete by age, as they
// do for Kafka Streams, but they go by their clock, and a store by the times of its records:
// when old records are replayed brokers delete windows that the store still has. So the app
// deletes, by the time of the store: all below an offset once the latest window there has
// expired.
package horizon

import (
	"encoding/binary"
	"math"
	"slices"
)

// parts is how many points there are about, and so how much later than at once records are
// deleted: by a part of the time that they are kept.
const parts = 16

// Horizon is what is known of one changelog. Times are in milliseconds. It belongs to one
// goroutine.
type Horizon struct {
	keep   int64
	points []point
	latest int64 // time of all records so far
}

// point says that no record below an offset has a later time.
type point struct {
	offset, time int64
	first        int64 // the time when the point began
}

// New returns the Horizon of a changelog whose records are kept until the store's time has
// passed theirs by so many milliseconds.
func New(keep int64) *Horizon { return &Horizon{keep: keep, latest: math.MinInt64} }

// Add notes that the records below next have at most this time, or one that was added before.
func (h *Horizon) Add(next, time int64) {
	h.latest = max(h.latest, time)
	if n := len(h.points); n > 0 && h.latest-h.points[n-1].first < h.keep/parts {
		h.points[n-1].offset, h.points[n-1].time = next, h.latest
		return
	}
	h.points = append(h.points, point{next, h.latest, h.latest})
}

// Below returns the offset below which all has expired at a time of the store, and false
// while that is nothing, or nothing new. Each offset is returned once.
func (h *Horizon) Below(now int64) (offset int64, ok bool) {
	for len(h.points) > 0 && h.points[0].time < math.MaxInt64-h.keep && h.points[0].time+h.keep < now {
		offset, ok = h.points[0].offset, true
		h.points = slices.Delete(h.points, 0, 1)
	}
	return offset, ok
}

// pointLen is how many bytes a point has.
const pointLen = 24

// Append appends the bytes of h, from which [Horizon.Parse] goes on.
//
//	24 bytes for each point: offset, time, time when it began
func (h *Horizon) Append(dst []byte) []byte {
	for _, p := range h.points {
		for _, n := range []int64{p.offset, p.time, p.first} {
			dst = binary.BigEndian.AppendUint64(dst, uint64(n))
		}
	}
	return dst
}

// Parse replaces what h knows by what Append has written. Bytes of another kind are none.
func (h *Horizon) Parse(data []byte) {
	h.points, h.latest = nil, math.MinInt64
	if len(data)%pointLen != 0 {
		return
	}
	for ; len(data) > 0; data = data[pointLen:] {
		at := func(i int) int64 { return int64(binary.BigEndian.Uint64(data[8*i:])) }
		h.points = append(h.points, point{at(0), at(1), at(2)})
		h.latest = max(h.latest, at(1))
	}
}
