package elasticsearch

import (
	"sync"
	"time"

	"github.com/suiro/suiro/connect/sinkkit"
	"github.com/suiro/suiro/connectors/elasticsearch/internal/settings"
)

// lanes are the queues between Put and the senders. With ids made of keys every
// id belongs to one lane and a lane has one sender, so that two requests in
// flight never carry the same id. Without, there is one lane with many senders.
//
//	Put ─ open, add ─▶ filling ─ seal, flush ─▶ full ─ next ─▶ a sender ─▶ sent
//	                      └─────────── linger is over ──────────▲
//
// While a request of the lane is under way, a batch that is not full waits for more
// records: what is sent in the meantime keeps Elasticsearch busy, and fewer and larger
// requests cost it less. It does not wait for long, as that request may be a slow one.
//
// Put holds mu while it fills batches; senders hold it to take one.
type lanes struct {
	linger time.Duration

	mu      sync.Mutex // guards the rest and every lane
	list    []*lane
	limit   int // most bytes of a bulk body, lowered by 413 answers
	stopped bool
}

// gather is how much longer than linger.ms a batch that is not full waits while a request
// is under way.
const gather = 100 * time.Millisecond

// lane is one queue of batches whose order is kept.
type lane struct {
	filling *batch
	full    []*batch
	wake    *sync.Cond
	sending int // batches that senders have taken and not brought to an end
	// room is the size of the last body, a guess for the next.
	room int
}

// newLanes returns the lanes that the settings need.
func newLanes(s *settings.Settings) *lanes {
	l := &lanes{linger: s.Linger, limit: s.BodyLimit}
	n := s.InFlight
	if s.IgnoreKey || s.AutoIDs && s.OnNull != settings.NullDelete {
		n = 1
	}
	for range n {
		l.list = append(l.list, &lane{wake: sync.NewCond(&l.mu)})
	}
	return l
}

// of chooses the lane of a record: by its id when other records may share it,
// else by where it was read.
func (l *lanes) of(order uint64, partition int32) *lane {
	if order == 0 {
		return l.list[int(partition)%len(l.list)]
	}
	return l.list[order%uint64(len(l.list))]
}

// next waits for a batch of the lane; nil when there is no more to send.
func (l *lanes) next(from *lane) *batch {
	l.mu.Lock()
	defer l.mu.Unlock()
	for !l.stopped {
		if b := from.take(time.Now(), l.linger); b != nil {
			from.sending++
			return b
		}
		from.wake.Wait()
	}
	return nil
}

// sent says that a batch of the lane has been brought to an end. Whoever says so asks for
// the next one, and so nobody else is woken.
func (l *lanes) sent(from *lane) {
	l.mu.Lock()
	defer l.mu.Unlock()
	from.sending--
}

// stop ends every next.
func (l *lanes) stop() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.stopped = true
	for _, lane := range l.list {
		lane.wake.Broadcast()
	}
}

// flush makes every batch due that has items.
func (l *lanes) flush() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, lane := range l.list {
		if lane.filling != nil && len(lane.filling.items) > 0 {
			lane.seal()
		}
	}
}

// lower makes later bodies at most n bytes long; it reports whether they were
// longer before.
func (l *lanes) lower(n int) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if n >= l.limit {
		return false
	}
	l.limit = n
	return true
}

// drop frees what waits for closed partitions, and returns how much that was.
func (l *lanes) drop() sinkkit.Load {
	l.mu.Lock()
	defer l.mu.Unlock()
	var sum sinkkit.Load
	live := func(b *batch) *batch {
		b, n := b.live()
		sum.Records, sum.Bytes = sum.Records+n.Records, sum.Bytes+n.Bytes
		return b
	}
	for _, lane := range l.list {
		for i, b := range lane.full {
			lane.full[i] = live(b)
		}
		if lane.filling != nil {
			if lane.filling = live(lane.filling); len(lane.filling.items) == 0 {
				lane.filling = nil
			}
		}
	}
	return sum
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
		time.AfterFunc(linger, l.remind)
		time.AfterFunc(linger+gather, l.remind)
	}
	b.items = append(b.items, it)
}

// remind wakes a sender that waits. With the lock, it cannot come between the look of a
// sender at the clock and its waiting.
func (l *lane) remind() {
	l.wake.L.Lock()
	defer l.wake.L.Unlock()
	l.wake.Signal()
}

// seal moves the batch being filled to the full ones.
func (l *lane) seal() {
	l.room = len(l.filling.body)
	l.full = append(l.full, l.filling)
	l.filling = nil
	l.wake.Signal()
}

// overflow seals the batch without the item that made it too long, and starts
// another with that item's lines.
func (l *lane) overflow(it *item) {
	b := l.filling
	lines := b.body[it.from:it.to]
	b.body = b.body[:it.from:it.from]
	l.seal()
	b = l.open()
	b.body = append(b.body, lines...)
	it.from, it.to = 0, len(lines)
}

// take returns the next batch to send, nil when none is due.
func (l *lane) take(now time.Time, linger time.Duration) *batch {
	if len(l.full) > 0 {
		b := l.full[0]
		l.full[0] = nil // else the queue keeps what was sent in memory, and its share of the memory taken
		l.full = l.full[1:]
		return b
	}
	if l.sending > 0 {
		linger += gather
	}
	if b := l.filling; b != nil && len(b.items) > 0 && now.Sub(b.born) >= linger {
		l.room = len(b.body)
		l.filling = nil
		return b
	}
	return nil
}
