package elasticsearch

import (
	"sync"
	"time"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/data"
)

// item is one record on its way: where its lines are in the batch's body, and
// what is needed to settle it.
type item struct {
	record *connect.SinkRecord
	part   *partition
	ticket uint64
	// from and to bound the item's lines in the body.
	from, to int
	// order is equal for items whose writes must not overtake each other; 0
	// for items that meet no other.
	order     uint64
	op        operation
	versioned bool
	// faults counts the answers that blamed the server for this item.
	faults int
}

// size is what the item holds in memory: its lines, and the bytes of the record
// they came from, kept for the dead-letter queue.
func (it *item) size() int64 {
	as := &it.record.Record
	if it.record.Original != nil {
		as = it.record.Original
	}
	return int64(it.to - it.from + len(as.Value.Bytes()) + len(as.Key.Bytes()))
}

// batch is a bulk body and the items in it, in order.
type batch struct {
	body  []byte
	items []item
	// born is when the first item came; linger counts from it.
	born time.Time
	// schemas are those of indices that may need a mapping first.
	schemas map[string]*data.Schema
}

// halves splits the batch into two that share its body.
func (b *batch) halves() (first, second *batch) {
	n := len(b.items) / 2
	first, second = &batch{born: b.born, items: b.items[:n]}, &batch{born: b.born, items: b.items[n:]}
	at := second.items[0].from
	first.body, second.body = b.body[:at:at], b.body[at:]
	for i := range second.items {
		second.items[i].from -= at
		second.items[i].to -= at
	}
	return first, second
}

// only returns a batch of the items that keep accepts, in their order, with a
// body of its own: the old one may still be read by a request given up.
func (b *batch) only(keep func(i int) bool) *batch {
	out := &batch{born: b.born, schemas: b.schemas}
	for i := range b.items {
		if !keep(i) {
			continue
		}
		it := b.items[i]
		from := len(out.body)
		out.body = append(out.body, b.body[it.from:it.to]...)
		it.from, it.to = from, len(out.body)
		out.items = append(out.items, it)
	}
	return out
}

// lane is a queue of batches whose order is kept. With ids made of keys every
// id belongs to one lane and a lane has one request in flight, so that two
// requests in flight never carry the same id. Without, there is one lane with
// many requests in flight. The writer's mutex guards it.
type lane struct {
	filling *batch
	full    []*batch
	wake    *sync.Cond
	// room is the size of the last body, a guess for the next.
	room int
}

// open returns the batch to add to.
func (l *lane) open() *batch {
	if l.filling == nil {
		l.filling = &batch{body: make([]byte, 0, l.room+l.room/8)}
	}
	return l.filling
}

// add adds an item whose lines are in the body of the open batch already. The
// first starts the clock of linger: a batch without items is never due.
func (l *lane) add(it item, now time.Time, linger time.Duration) {
	b := l.filling
	if len(b.items) == 0 {
		b.born = now
		time.AfterFunc(linger, l.wake.Signal)
	}
	b.items = append(b.items, it)
}

// seal moves the batch being filled to the full ones.
func (l *lane) seal() {
	l.room = len(l.filling.body)
	l.full = append(l.full, l.filling)
	l.filling = nil
	l.wake.Signal()
}

// take returns the next batch to send, nil when none is due.
func (l *lane) take(now time.Time, linger time.Duration) *batch {
	if len(l.full) > 0 {
		b := l.full[0]
		l.full = l.full[1:]
		return b
	}
	if b := l.filling; b != nil && len(b.items) > 0 && now.Sub(b.born) >= linger {
		l.room = len(b.body)
		l.filling = nil
		return b
	}
	return nil
}
