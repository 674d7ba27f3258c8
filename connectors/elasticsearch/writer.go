package elasticsearch

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/suiro/suiro/connect"
)

// writer buffers documents and sends them in the background. Its put never
// waits for Elasticsearch: when too much is buffered it pauses partitions.
type writer struct {
	s      *settings
	tc     connect.SinkContext
	log    *slog.Logger
	client *client
	stats  stats
	health health
	// ctx ends all sending when cancelled.
	ctx    context.Context
	cancel context.CancelFunc
	wg     sync.WaitGroup
	ready  chan struct{} // closed once the cluster has been found

	// mu guards what follows, and every lane and partition. It is never held
	// while the network or the SinkContext is called.
	mu       sync.Mutex
	docs     *documents
	lanes    []*lane
	parts    map[connect.TopicPartition]*partition
	attempts map[*attempt]struct{}
	mapped   map[string]bool
	records  int
	bytes    int64
	limit    int  // most bytes of a bulk body, lowered by 413 answers
	retrying bool // records are being put again
	stopped  bool
	failed   error

	// pauseMu serialises pausing and resuming, so that the last word told to
	// the SinkContext is the one that counts. It is taken before mu.
	pauseMu sync.Mutex
	paused  bool
}

func newWriter(s *settings, c *client, tc connect.SinkContext) *writer {
	w := &writer{
		s: s, tc: tc, log: tc.Logger(), client: c, ready: make(chan struct{}),
		docs: newDocuments(s), limit: s.batchBytes,
		parts:    map[connect.TopicPartition]*partition{},
		attempts: map[*attempt]struct{}{},
		mapped:   map[string]bool{},
	}
	lanes := s.inFlight
	if s.keyIgnore.all || s.autoIDs && s.onNull != onNullDelete {
		lanes = 1
	}
	for range lanes {
		w.lanes = append(w.lanes, &lane{wake: sync.NewCond(&w.mu)})
	}
	return w
}

// start begins to send in the background until stop.
func (w *writer) start() {
	w.ctx, w.cancel = context.WithCancel(context.Background())
	for i := range w.s.inFlight {
		l := w.lanes[i%len(w.lanes)]
		w.wg.Go(func() { w.run(w.ctx, l) })
	}
}

// stop gives up what is not written and waits for the goroutines to end.
func (w *writer) stop() {
	w.mu.Lock()
	w.stopped = true
	w.wakeAll()
	w.mu.Unlock()
	w.cancel()
	w.wg.Wait()
	w.client.close()
	w.log.Info("elasticsearch sink stops", "unwritten", w.String())
}

// fail ends all sending; the task returns err from its next call.
func (w *writer) fail(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.failed == nil && !w.stopped {
		w.failed = err
		w.log.Error("elasticsearch sink gives up", "error", err)
	}
	w.cancel()
	w.wakeAll()
}

// wakeAll wakes every sender; mu is held.
func (w *writer) wakeAll() {
	for _, l := range w.lanes {
		l.wake.Broadcast()
	}
}

// err returns why the writer gave up, nil while it has not.
func (w *writer) err() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.failed
}

// run sends the batches of a lane, one after the other.
func (w *writer) run(ctx context.Context, l *lane) {
	select {
	case <-w.ready:
	case <-ctx.Done():
		return
	}
	for {
		b := w.next(l)
		if b == nil {
			return
		}
		if err := w.deliver(ctx, b); err != nil && ctx.Err() == nil {
			w.fail(err)
		}
	}
}

// next waits for a batch of the lane; nil when the writer ends.
func (w *writer) next(l *lane) *batch {
	w.mu.Lock()
	defer w.mu.Unlock()
	for {
		if w.stopped || w.failed != nil {
			return nil
		}
		if b := l.take(time.Now(), w.s.linger); b != nil {
			return b
		}
		l.wake.Wait()
	}
}

// refusal is a record that cannot become a document.
type refusal struct {
	record *connect.SinkRecord
	part   *partition
	ticket uint64
	err    error
}

// put buffers records and returns those that cannot become documents. Its error
// is retriable, as when a converter cannot reach its schema registry: then the
// records before are taken, and are passed over when all are put again.
func (w *writer) put(records []*connect.SinkRecord) ([]refusal, error) {
	var refused []refusal
	w.mu.Lock()
	defer w.mu.Unlock()
	now := time.Now()
	for i, r := range records {
		part := w.parts[r.TopicPartition()]
		if part == nil || part.closed || r.Offset < part.taken {
			continue // Not ours any more, its new owner reads it again; or taken before.
		}
		p, err := w.docs.plan(r)
		if err != nil && connect.IsRetriable(err) {
			w.taken(records[:i])
			return refused, err
		}
		ticket := part.put(r.Offset)
		if err == nil {
			err = w.add(now, &p, r, part, ticket)
		}
		if err != nil {
			refused = append(refused, refusal{r, part, ticket, err})
		}
	}
	w.forget()
	return refused, nil
}

// taken notes which records to pass over when they are put again; mu is held.
func (w *writer) taken(records []*connect.SinkRecord) {
	w.retrying = true
	for _, r := range records {
		if part := w.parts[r.TopicPartition()]; part != nil {
			part.taken = max(part.taken, r.Offset+1)
		}
	}
}

// forget ends what taken noted; mu is held.
func (w *writer) forget() {
	if !w.retrying {
		return
	}
	w.retrying = false
	for _, part := range w.parts {
		part.taken = 0
	}
}

// add puts one planned record into the batch it belongs to; mu is held.
func (w *writer) add(now time.Time, p *plan, r *connect.SinkRecord, part *partition, ticket uint64) error {
	if p.skip {
		w.stats.skipped.Add(1)
		part.settle(ticket)
		return nil
	}
	l := w.lane(p, r)
	b := l.open()
	from := len(b.body)
	body, err := w.docs.append(b.body, p, r)
	if err != nil {
		return err
	}
	b.body = body
	it := item{record: r, part: part, ticket: ticket, from: from, to: len(body),
		order: p.order, op: p.op, versioned: p.versioned}
	if len(body) > w.limit && len(b.items) > 0 {
		b = overflow(l, b, &it)
	}
	l.add(it, now, w.s.linger)
	w.records++
	w.bytes += it.size()
	w.noteSchema(b, p, r)
	if len(b.items) >= w.s.batchRecords || len(b.body) >= w.limit {
		l.seal()
	}
	return nil
}

// overflow seals the batch without the item that made it too long, and starts
// another with that item's lines.
func overflow(l *lane, b *batch, it *item) *batch {
	lines := b.body[it.from:it.to]
	b.body = b.body[:it.from:it.from]
	l.seal()
	b = l.open()
	b.body = append(b.body, lines...)
	it.from, it.to = 0, len(lines)
	return b
}

// lane chooses the queue of a record: by its id when other records may share
// it, else by where it was read.
func (w *writer) lane(p *plan, r *connect.SinkRecord) *lane {
	if p.order == 0 {
		return w.lanes[int(r.OriginalPartition)%len(w.lanes)]
	}
	return w.lanes[p.order%uint64(len(w.lanes))]
}

// noteSchema remembers that an index may need a mapping made of the record's
// schema before its first document.
func (w *writer) noteSchema(b *batch, p *plan, r *connect.SinkRecord) {
	if p.target.ignoreSchema || p.op == opDelete || w.s.stream() || w.mapped[p.target.index] {
		return
	}
	if _, raw := r.Value.Raw(connect.FormatJSON); raw {
		return
	}
	schema, _, err := r.Value.Decode()
	if err != nil || schema == nil {
		return
	}
	if b.schemas == nil {
		b.schemas = newSchemas()
	}
	b.schemas[p.target.index] = schema
}

// released takes settled items off the buffer's count; mu is held.
func (w *writer) released(items []item) {
	for i := range items {
		w.records--
		w.bytes -= items[i].size()
	}
}

// open starts to accept records of partitions.
func (w *writer) open(tps []connect.TopicPartition) {
	w.mu.Lock()
	for _, tp := range tps {
		w.parts[tp] = &partition{tp: tp}
	}
	w.mu.Unlock()
	w.pauseMu.Lock()
	defer w.pauseMu.Unlock()
	if w.paused {
		w.tc.Pause(tps...)
	}
}

// pressure pauses all partitions when too much is buffered and resumes them
// when half of that is written.
func (w *writer) pressure() {
	w.pauseMu.Lock()
	defer w.pauseMu.Unlock()
	w.mu.Lock()
	over := w.records >= w.s.bufferRecords || w.bytes >= w.s.bufferBytes
	under := w.records <= w.s.bufferRecords/2 && w.bytes <= w.s.bufferBytes/2
	var tps []connect.TopicPartition
	if over && !w.paused || under && w.paused {
		for tp := range w.parts {
			tps = append(tps, tp)
		}
	}
	w.mu.Unlock()
	switch {
	case over && !w.paused:
		w.paused = true
		w.stats.pauses.Add(1)
		w.tc.Pause(tps...)
	case under && w.paused:
		w.paused = false
		w.tc.Resume(tps...)
	}
}

// safe returns the offsets up to which everything is settled.
func (w *writer) safe(current connect.Offsets) connect.Offsets {
	w.mu.Lock()
	defer w.mu.Unlock()
	out := make(connect.Offsets, len(current))
	for tp, end := range current {
		if p := w.parts[tp]; p != nil {
			out[tp] = p.safe(end)
		}
	}
	return out
}

// close drops what is buffered of partitions and waits for the requests under
// way that carry them, at most until ctx is done; then, or at once when the
// partitions are lost, it cancels these requests. Afterwards this writer sends
// nothing more for them.
func (w *writer) close(ctx context.Context, tps []connect.TopicPartition, lost bool) error {
	w.mu.Lock()
	closing := map[*partition]bool{}
	for _, tp := range tps {
		if p := w.parts[tp]; p != nil {
			p.closed = true
			closing[p] = true
			delete(w.parts, tp)
		}
	}
	var busy []*attempt
	for a := range w.attempts {
		if a.carries(closing) {
			busy = append(busy, a)
		}
	}
	w.mu.Unlock()
	for _, a := range busy {
		if !lost {
			select {
			case <-a.done:
			case <-ctx.Done():
			}
		}
		a.cancel()
		<-a.done
	}
	w.dropClosed()
	w.pressure()
	return nil
}

// dropClosed frees what waits in the lanes for closed partitions.
func (w *writer) dropClosed() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, l := range w.lanes {
		for i, b := range l.full {
			l.full[i] = w.live(b)
		}
		if l.filling != nil {
			l.filling = w.live(l.filling)
			if len(l.filling.items) == 0 {
				l.filling = nil
			}
		}
	}
}

// live returns the batch without the items of closed partitions; mu is held.
func (w *writer) live(b *batch) *batch {
	open := func(i int) bool { return !b.items[i].part.closed }
	n := 0
	for i := range b.items {
		if !open(i) {
			w.released(b.items[i : i+1])
			n++
		}
	}
	if n == 0 {
		return b
	}
	return b.only(open)
}

// String names the writer's state for logs.
func (w *writer) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return fmt.Sprintf("%d records (%d bytes) buffered, %d requests under way",
		w.records, w.bytes, len(w.attempts))
}
