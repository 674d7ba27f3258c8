package task

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/internal/kafka"
	"github.com/suiro/suiro/stores/kinds"
	"github.com/suiro/suiro/streams/internal/node"
	"github.com/suiro/suiro/streams/topology"
)

// WriteChangelog ends the epoch for the nodes and writes the changelog: the
// nodes put what they cached into the overlay, and the latest value of each
// key that changed goes to the changelog, inside the open transaction. All
// records were processed before (see [Task.Wait]).
func (t *Task) WriteChangelog() (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("task %s: end of epoch: %w", t.ID, node.Panicked(p))
		}
	}()
	b := &batch{Context: context.Background(), task: t, mark: func(error) {}}
	b.open.Store(1)
	t.node.begin(b)
	defer t.node.written.Report()
	for _, f := range t.node.flushes {
		err := f.commit()
		if err == nil {
			if err = t.node.oversized(); err != nil {
				err = failing{t.node}.settle(t.node.none(t.node.now), err)
			}
		}
		if err != nil {
			return fmt.Errorf("task %s: end of epoch: %w", t.ID, err)
		}
	}
	if err := t.produceChanges(b); err != nil {
		return fmt.Errorf("task %s: end of epoch: %w", t.ID, err)
	}
	return nil
}

// produceChanges writes what has changed to the changelogs. Changes come in the order of
// their stores.
func (t *Task) produceChanges(b *batch) error {
	if t.overlay == nil || t.overlay.Len() == 0 {
		return nil
	}
	var l *changelog
	var acknowledged func(*kgo.Record, error)
	name := ""
	return t.stores.Changelog(func(store string, r kinds.Record) bool {
		if store != name {
			l, name = t.log(store), store
			acknowledged = t.changeAcknowledged(l)
		}
		if l != nil {
			t.produceChange(b, l, r, acknowledged)
		}
		return true
	})
}

// log returns the changelog of a store, nil when it has none.
func (t *Task) log(store string) *changelog {
	for _, l := range t.logs {
		if l.store.Name == store {
			return l
		}
	}
	return nil
}

func (t *Task) produceChange(b *batch, l *changelog, change kinds.Record, acknowledged func(*kgo.Record, error)) {
	r := t.node.next()
	l.encode(r, change, t.node.now)
	b.open.Add(1)
	t.Produce(b, r, acknowledged)
}

// changeAcknowledged returns the promise of records of a changelog, of which it remembers the
// highest offset.
func (t *Task) changeAcknowledged(l *changelog) func(*kgo.Record, error) {
	return func(r *kgo.Record, err error) {
		if err == nil {
			t.changelogAt(l, r.Offset)
		}
		acknowledged(r, err)
	}
}

// changelogAt remembers the highest acknowledged offset of a changelog.
func (t *Task) changelogAt(l *changelog, offset int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	l.written = max(l.written, offset)
}

// Committed applies the epoch's writes to the DB, after its transaction has
// committed, with the offsets of the changelogs in the same batch. When it fails the
// task must be stopped: the DB is then older than the changelog, which is
// replayed at the next start.
func (t *Task) Committed() error {
	t.streamTime = t.node.now
	t.node.keepTimes(true)
	t.node.timers.Keep(true)
	t.node.cached = 0
	t.rest, t.left = nil, 0
	t.visible()
	if t.overlay == nil {
		return nil
	}
	err := t.apply()
	t.node.account()
	return err
}

// visible observes how long the records of the epoch took to become visible. Those of a
// global store, which has no partition, may have been restored.
func (t *Task) visible() {
	now := time.Now()
	if t.ID.Partition < 0 {
		t.first = t.first[:0]
	}
	for _, r := range t.first {
		t.Metrics.Visible(r.topic, now.Sub(r.at))
	}
	t.first = t.first[:0]
}

// Aborted drops the epoch's writes, after its transaction was aborted. No
// batch may be in process (see [Task.Settle]).
func (t *Task) Aborted() {
	if t.overlay != nil {
		t.overlay.Clear()
		_ = t.overlay.Refused() // it comes again with its record
	}
	for _, f := range slices.Backward(t.node.flushes) {
		f.abort()
	}
	t.node.holds = 0
	t.node.write(false)
	t.node.now = t.streamTime
	t.node.keepTimes(false)
	t.node.timers.Keep(false)
	t.node.cached = 0
	t.rest, t.left = nil, 0
	t.first = t.first[:0]
	t.node.account()
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, l := range t.logs {
		l.written, l.latest = -1, math.MinInt64
	}
	t.lost.Store(false)
	if !t.ended {
		t.err = nil
	}
}

// RejectBatch rejects all records of a batch that takes too much memory, with one dead
// letter that says where they are. All records before it were processed.
func (t *Task) RejectBatch(refused kafka.Batch) error {
	b := &batch{Context: context.Background(), task: t, mark: func(error) {}}
	b.open.Store(1)
	t.node.begin(b)
	defer t.node.written.Report()
	for range refused.Records() - 1 {
		t.Metrics.Rejected(topology.Deserialization)
	}
	r := &kgo.Record{Topic: refused.Topic, Partition: refused.Partition, Offset: refused.First, Timestamp: time.Now()}
	if err := (failing{t.node}).settle(r, &topology.Rejection{Stage: topology.Deserialization, Err: refused}); err != nil {
		return fmt.Errorf("task %s: record %s-%d@%d: %w", t.ID, r.Topic, r.Partition, r.Offset, err)
	}
	return nil
}
