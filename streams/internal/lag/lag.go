// Package lag knows how far an app is behind in the partitions that it owns: from
// the next offset that is not committed to the end of the partition. What was read
// and not committed counts as not done, because after a crash it is processed again.
//
// The end is the high watermark that a broker last told, with the records of
// transactions that are still open. Transaction markers take offsets and are not
// records: the reader passes on where they end, so that a partition of which
// everything is committed has no lag although its last offset is a marker.
package lag

import (
	"maps"
	"slices"
	"sync"

	"github.com/suiro/suiro/streams/internal/telemetry"
)

// Tracker follows the partitions of an app. It may be used from any goroutine.
type Tracker struct {
	missed func(topic string, partition int32, from, to int64)

	mu    sync.Mutex
	parts map[partition]*position
}

type partition struct {
	topic string
	id    int32
}

// position is what is known of a partition. Offsets are those of the next record.
type position struct {
	committed, read, end int64
	known                bool  // end was told by a broker
	told                 int64 // up to here it is told what was missed
}

// New returns a Tracker without partitions. missed is called once for each gap that
// retention has left in front of the reader: the offsets from one to the one before the
// other were deleted before they were read.
func New(missed func(topic string, partition int32, from, to int64)) *Tracker {
	return &Tracker{missed: missed, parts: map[partition]*position{}}
}

// Own adds a partition that is read from offset.
func (t *Tracker) Own(topic string, id int32, offset int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.parts[partition{topic, id}] = &position{committed: offset, read: offset, told: offset}
}

// Begin notes that a partition now begins at an offset, before what was read there is
// noted with Read.
func (t *Tracker) Begin(topic string, id int32, start int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	p := t.parts[partition{topic, id}]
	if p == nil {
		return
	}
	if from := max(p.read, p.told); from < start {
		p.told = start
		t.missed(topic, id, from, start)
	}
}

// Lose forgets a partition.
func (t *Tracker) Lose(topic string, id int32) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.parts, partition{topic, id})
}

// Read notes that everything before next was read, and that the partition ended at
// end then.
func (t *Tracker) Read(topic string, id int32, next, end int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if p := t.parts[partition{topic, id}]; p != nil {
		p.read = max(p.read, next)
		p.end, p.known = max(end, next), true
	}
}

// Back notes that what was read from next on is read again.
func (t *Tracker) Back(topic string, id int32, next int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if p := t.parts[partition{topic, id}]; p != nil {
		p.read = min(p.read, next)
	}
}

// Commit notes that what was read of a partition is committed.
func (t *Tracker) Commit(topic string, id int32) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if p := t.parts[partition{topic, id}]; p != nil {
		p.committed = p.read
	}
}

// Abort notes that what was read of a partition since the last commit is read again.
func (t *Tracker) Abort(topic string, id int32) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if p := t.parts[partition{topic, id}]; p != nil {
		p.read = p.committed
	}
}

// End notes where a partition ends.
func (t *Tracker) End(topic string, id int32, end int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if p := t.parts[partition{topic, id}]; p != nil {
		p.end, p.known = end, true
	}
}

// unknown reports whether there is a partition whose end no broker has told.
func (t *Tracker) unknown() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, p := range t.parts {
		if !p.known {
			return true
		}
	}
	return false
}

// topics returns the topics of the partitions, sorted.
func (t *Tracker) topics() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	topics := map[string]bool{}
	for p := range t.parts {
		topics[p.topic] = true
	}
	return slices.Sorted(maps.Keys(topics))
}

// Lags returns the lag of each partition whose end is known.
func (t *Tracker) Lags() []telemetry.Lag {
	t.mu.Lock()
	defer t.mu.Unlock()
	var out []telemetry.Lag
	for at, p := range t.parts {
		if p.known {
			out = append(out, telemetry.Lag{Topic: at.topic, Partition: at.id, Records: max(p.end-p.committed, 0)})
		}
	}
	return out
}
