// Package syncs decides when the offsets of a partition and of its mirror are worth an offset sync,
// as MirrorMaker 2 does, and writes the syncs.
//
// A sync says of one record where it is upstream and downstream. The offset of a consumer group is
// translated by the last sync before it. So there is one when the distance between the two offsets
// may have changed, because records are missing upstream or were written again downstream, and one
// every offset.lag.max records. Of what lies behind the last sync, the latest is written when
// offsets are kept, so that a topic in which little happens is translated to its end. The first sync is
// that of the first record, also where others have been mirrored before it can be written: MirrorMaker
// 2 writes that of the latest then, and groups that are before it are not translated.
package syncs

import (
	"context"
	"log/slog"
	"sync"

	"github.com/suiro/suiro/connectors/mirror/internal/formats"
	"github.com/twmb/franz-go/pkg/kgo"
)

// inFlight is how many syncs are on their way at a time. More that come meanwhile of one partition
// become one.
const inFlight = 10

// Writer writes the offset syncs of a task. Its methods may be called from any goroutine.
type Writer struct {
	topic  string
	lagMax int64
	client *kgo.Client
	logger *slog.Logger

	mu       sync.Mutex // guards the rest, and what is in a Partition
	due      []*Partition
	late     map[*Partition]bool // has something behind its last sync
	onTheWay int
	failing  bool // the last one was refused, which was logged
}

// New returns a Writer of a topic. Once downstream is lagMax records and more beyond the last sync of
// a partition, the next sync is due.
func New(client *kgo.Client, topic string, lagMax int64, logger *slog.Logger) *Writer {
	return &Writer{topic: topic, lagMax: lagMax, client: client, logger: logger, late: map[*Partition]bool{}}
}

// Partition is what is known of a partition upstream.
type Partition struct {
	topic                string
	number               int32
	upstream, downstream int64    // of the last record, -1 for none
	first                [2]int64 // upstream and downstream, of the first record
	synced               int64    // downstream, by the last sync; -1 for none
	isDue                bool
}

// NewPartition returns a Partition of which nothing is known yet.
func NewPartition(topic string, number int32) *Partition {
	return &Partition{topic: topic, number: number, upstream: -1, downstream: -1, synced: -1}
}

// Written notes where a record is, and writes a sync when it is time for one. It does not wait.
func (w *Writer) Written(p *Partition, upstream, downstream int64) {
	w.AllWritten(p, upstream, downstream, 1)
}

// AllWritten is Written for n records without a gap between them, of which the first is there. A sync
// is that of the last, unless it is the first sync of the partition.
func (w *Writer) AllWritten(p *Partition, upstream, downstream, n int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	wants := p.wants(upstream, downstream, w.lagMax-(n-1))
	if p.upstream < 0 {
		p.first = [2]int64{upstream, downstream}
	}
	p.upstream, p.downstream = upstream+n-1, downstream+n-1
	w.late[p] = true
	if wants {
		w.add(p)
	}
	w.send()
}

// wants reports whether there is to be a sync at a record. A sync translates the offset behind its
// record too, hence the 1.
func (p *Partition) wants(upstream, downstream, lagMax int64) bool {
	return p.synced < 0 || downstream-(p.synced+1) >= lagMax || upstream != p.upstream+1 || downstream < p.downstream
}

// Catch writes a sync of each partition that has records behind its last one.
func (w *Writer) Catch() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for p := range w.late {
		w.add(p)
	}
	w.send()
}

// add makes a sync of the last record of a partition due.
func (w *Writer) add(p *Partition) {
	if !p.isDue {
		p.isDue = true
		w.due = append(w.due, p)
	}
}

// send sends what is due, as far as there may be more on the way.
func (w *Writer) send() {
	for len(w.due) > 0 && w.onTheWay < inFlight {
		p := w.due[0]
		w.due = w.due[1:]
		key, value, err := w.next(p).Record()
		if err != nil { // no broker has a topic with such a name
			w.logger.Error("an offset sync cannot be written", "error", err)
			continue
		}
		w.onTheWay++
		w.client.TryProduce(context.Background(), &kgo.Record{Topic: w.topic, Key: key, Value: value}, w.answered)
	}
}

// next is the sync of a partition that is due: that of the first record, and then of the last one.
// Without the first, groups that are before all others could not be translated.
func (w *Writer) next(p *Partition) formats.OffsetSync {
	up, down := p.upstream, p.downstream
	if p.synced < 0 {
		up, down = p.first[0], p.first[1]
	}
	p.isDue, p.synced = false, down
	if up == p.upstream {
		delete(w.late, p)
	}
	return formats.OffsetSync{Topic: p.topic, Partition: p.number, Upstream: up, Downstream: down}
}

// answered is called when Kafka answers for a sync. One that is lost is made up for by the next, so
// that it is not tried again.
func (w *Writer) answered(_ *kgo.Record, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.onTheWay--
	switch {
	case err == nil:
		w.failing = false
	case !w.failing:
		w.failing = true
		w.logger.Warn("offset syncs cannot be written, so that offsets of consumer groups are translated to older ones",
			"topic", w.topic, "error", err)
	}
	w.send()
}
