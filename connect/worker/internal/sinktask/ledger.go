package sinktask

import (
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/internal/acks"
	"github.com/suiro/suiro/connect/worker/internal/counts"
	"github.com/suiro/suiro/connect/worker/internal/marks"
	"github.com/suiro/suiro/internal/kafka"
)

// partition is a partition of the task, from Open to Close. One that goes and
// comes back is another partition.
type partition struct {
	fetched int64 // where to go on after what was fetched, -1 before that; the loop's

	held acks.Tracker[int64] // offsets of dead letters that are not acknowledged

	// The rest is guarded by the ledger.
	begun     bool        // the client knows where to read; until then a seek waits for it
	start     int64       // where reading began, -1 when that is not known
	next      int64       // where to go on after what was put or skipped, -1 before that
	lastPut   int64       // highest offset handed to the task, -1 before the first
	committed int64       // -1 when the group has no offset
	end       int64       // end of the partition as of the last fetch
	marks     marks.Marks // of batches that were put and are not committed
}

// batch is what goes to the task in one call of Put.
type batch struct {
	records []*connect.SinkRecord
	from    []*partition // of each record
	// ends are where partitions stand once the batch is put, records that were
	// skipped included.
	ends map[*partition]int64
	// dated are the partitions with the timestamps of their first records.
	dated []dated
	// skips are batches of topics that are too large to be read, and were rejected.
	skips []skip
}

// dated is a partition with the timestamp of the first record of a batch.
type dated struct {
	*partition
	at time.Time
}

// skip is a batch of a partition behind which the client is to go on once the batch
// that has the skip is put.
type skip struct {
	kafka.Batch
	from *partition
}

// ledger knows where the partitions of the task stand. It is safe for
// concurrent use.
type ledger struct {
	counts *counts.Counters

	mu     sync.Mutex // guards the rest, and the partitions
	owned  map[connect.TopicPartition]*partition
	sought connect.Offsets
}

func newLedger(c *counts.Counters) *ledger {
	return &ledger{counts: c, owned: map[connect.TopicPartition]*partition{}, sought: connect.Offsets{}}
}

// add begins with partitions that were assigned.
func (l *ledger) add(list []connect.TopicPartition) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, tp := range list {
		l.owned[tp] = &partition{fetched: -1, start: -1, next: -1, lastPut: -1, committed: -1}
	}
	l.counts.Partitions.Store(int64(len(l.owned)))
}

// remove ends with partitions that are closed.
func (l *ledger) remove(list []connect.TopicPartition) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, tp := range list {
		delete(l.owned, tp)
		delete(l.sought, tp)
	}
	l.counts.Partitions.Store(int64(len(l.owned)))
	l.measure()
}

// find returns a partition of the task, or nil.
func (l *ledger) find(tp connect.TopicPartition) *partition {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.owned[tp]
}

// all returns the partitions of the task.
func (l *ledger) all() []connect.TopicPartition {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Collect(maps.Keys(l.owned))
}

// begin notes where the group and the partition stand before the first fetch,
// and returns where the task has sought to. first is the partition's own start,
// -1 when it is not known.
func (l *ledger) begin(tp connect.TopicPartition, committed, first, end int64) (seek int64, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	seek, ok = l.sought[tp]
	delete(l.sought, tp)
	p := l.owned[tp]
	if p == nil {
		return seek, ok
	}
	p.begun, p.committed = true, committed
	if p.start = max(committed, first); ok {
		p.start = seek
	}
	p.end = max(p.end, end)
	l.measure()
	return seek, ok
}

// fetching notes the end of a partition and returns where its next record is
// expected, -1 when that is not known.
func (l *ledger) fetching(p *partition, end int64) (expected int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	p.end = max(p.end, end)
	if p.fetched < 0 {
		return p.start
	}
	return p.fetched
}

// flowing are where the partitions that flow are read next.
func (l *ledger) flowing() connect.Offsets {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := connect.Offsets{}
	for tp, p := range l.owned {
		switch {
		case p.fetched >= 0:
			out[tp] = p.fetched
		case p.begun && p.start >= 0:
			out[tp] = p.start
		}
	}
	return out
}

// seek notes where the task wants to go on.
func (l *ledger) seek(offsets connect.Offsets) {
	l.mu.Lock()
	defer l.mu.Unlock()
	maps.Copy(l.sought, offsets)
}

// takeSeeks moves the positions of partitions that flow to where the task wants
// to go on, and returns them. A partition that does not flow yet begins there.
func (l *ledger) takeSeeks() connect.Offsets {
	l.mu.Lock()
	defer l.mu.Unlock()
	taken := connect.Offsets{}
	for tp, at := range l.sought {
		p := l.owned[tp]
		if p != nil && !p.begun {
			continue
		}
		delete(l.sought, tp)
		if p != nil {
			taken[tp] = at
			p.fetched, p.next, p.lastPut = at, at, min(p.lastPut, at-1)
			p.marks = nil // what lies behind is read again
		}
	}
	return taken
}

// put moves the positions over a batch that the task took.
func (l *ledger) put(b batch) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for p, end := range b.ends {
		p.next = end
	}
	for _, d := range b.dated {
		d.marks.Add(b.ends[d.partition], d.at)
	}
	for i, r := range b.records {
		b.from[i].lastPut = r.Offset
	}
	l.measure()
}

// stillOwned returns the batch without the records of partitions that have gone.
func (l *ledger) stillOwned(b batch) batch {
	l.mu.Lock()
	defer l.mu.Unlock()
	kept := batch{ends: b.ends, dated: b.dated} // the end of a partition that has gone is of no use to anyone
	for i, r := range b.records {
		if l.owned[r.TopicPartition()] == b.from[i] {
			kept.records = append(kept.records, r)
			kept.from = append(kept.from, b.from[i])
		}
	}
	return kept
}

// positions returns where partitions stand of which something was put or
// skipped.
func (l *ledger) positions() connect.Offsets {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := connect.Offsets{}
	for tp, p := range l.owned {
		if p.next >= 0 {
			out[tp] = p.next
		}
	}
	return out
}

// check refuses offsets beyond what the task was given or has sought to: whoever
// says that they are safe is wrong about what it has written.
func (l *ledger) check(current, safe connect.Offsets) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	for tp, offset := range safe {
		end, ok := current[tp]
		if ok && l.owned[tp] != nil && offset > max(end, l.sought[tp]) {
			return fmt.Errorf("the task says that %s is safe up to offset %d, but what it was given ends at %d", tp, offset, end)
		}
	}
	return nil
}

// clamp makes of what the task returned what can be committed: not beyond what
// was put, not beyond a dead letter on its way, not backwards. Behind the last
// record that was put, what was skipped counts as done.
func (l *ledger) clamp(current, safe connect.Offsets) connect.Offsets {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := connect.Offsets{}
	for tp, end := range current {
		p := l.owned[tp]
		offset, ok := safe[tp]
		if p == nil || !ok && p.lastPut >= 0 {
			continue
		}
		if offset > p.lastPut || p.lastPut < 0 {
			offset = end
		}
		if first, ok := p.held.First(); ok {
			offset = min(offset, first)
		}
		if offset > p.committed {
			out[tp] = offset
		}
	}
	return out
}

// commit notes what the group took.
func (l *ledger) commit(offsets connect.Offsets) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for tp, offset := range offsets {
		if p := l.owned[tp]; p != nil {
			p.committed = offset
			p.marks.Committed(offset, &l.counts.Latency)
		}
	}
	l.measure()
}

// ended notes the ends of partitions, which move on while nothing is fetched.
func (l *ledger) ended(ends connect.Offsets) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for tp, end := range ends {
		if p := l.owned[tp]; p != nil {
			p.end = max(p.end, end)
		}
	}
	l.measure()
}

// lags returns how far each partition is behind.
func (l *ledger) lags() []counts.Lag {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := make([]counts.Lag, 0, len(l.owned))
	for tp, p := range l.owned {
		next, safe := p.behind()
		out = append(out, counts.Lag{Topic: tp.Topic, Partition: tp.Partition,
			Committed: max(p.end-safe, 0), Position: max(p.end-next, 0)})
	}
	return out
}

// behind returns where the partition goes on after what was put, and after what is
// committed; the ledger's lock is held.
func (p *partition) behind() (next, safe int64) {
	safe = max(p.committed, p.start, 0)
	return max(p.next, safe), safe
}

// measure updates the gauges; mu is held.
func (l *ledger) measure() {
	var lag, uncommitted int64
	for _, p := range l.owned {
		next, safe := p.behind()
		lag += max(p.end-safe, 0)
		uncommitted += next - safe
	}
	l.counts.Lag.Store(lag)
	l.counts.Uncommitted.Store(uncommitted)
}
