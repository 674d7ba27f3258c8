package task

import (
	"context"
	"fmt"
	"sync/atomic"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/streams/internal/node"
	"github.com/suiro/suiro/streams/topology"
)

// batch is the records of one poll for one task. It is the context of the records
// that it emits, so their promise finds it without an allocation for each record.
type batch struct {
	context.Context
	task *Task
	// records are dropped when they were processed: outputs that are not acknowledged
	// refer to the batch for longer than that, and all records to what they were
	// decompressed into.
	records []*kgo.Record
	bytes   int64
	from    origin
	// open counts the emitted records not yet acknowledged, plus one until
	// the callback has returned.
	open atomic.Int64
	// mark is goka's commit of this message.
	mark func(error)
}

// origin says where the records of a batch come from. It is zero for a batch of what is
// made at the end of an epoch.
type origin struct {
	topic       string
	partition   int32
	first, last int64 // offsets
	others      bool  // of other partitions too
}

// from returns the origin of records.
func from(records []*kgo.Record) (o origin) {
	if len(records) == 0 {
		return o
	}
	r := records[0]
	o = origin{topic: r.Topic, partition: r.Partition, first: r.Offset, last: records[len(records)-1].Offset}
	for _, other := range records[1:] {
		o.others = o.others || !samePartition(r, other)
	}
	return o
}

// acknowledged is the promise of every record a task emits. The record was allocated
// with others, of which some may never be used, so it gives up what it refers to.
func acknowledged(r *kgo.Record, err error) {
	b := r.Context.(*batch)
	if err != nil {
		b.task.produceError(b, r, err)
	}
	*r = kgo.Record{}
	b.done()
}

// done counts one acknowledgement; the last one marks the message.
func (b *batch) done() {
	if b.open.Add(-1) == 0 {
		b.mark(nil)
	}
}

// made says which records the outputs of the batch were made of.
func (b *batch) made() string {
	o := b.from
	switch {
	case o.topic == "":
		return "at the end of an epoch"
	case o.others:
		return fmt.Sprintf("(made of a record of several partitions, of which the first is %s-%d@%d)", o.topic,
			o.partition, o.first)
	case o.first == o.last:
		return fmt.Sprintf("(made of %s-%d@%d)", o.topic, o.partition, o.first)
	}
	return fmt.Sprintf("(made of one of %s-%d@%d to %d)", o.topic, o.partition, o.first, o.last)
}

// walk is the way through the records of a batch.
type walk struct {
	t       *Task
	records []*kgo.Record
	next    int // the first record that is not done
}

// run processes records until they are done, or the epoch has no room for more or has
// failed. It returns true after a panic that is dealt with: then it is to be called again.
func (w *walk) run() (again bool) {
	t := w.t
	defer func() {
		p := recover()
		if p == nil {
			return
		}
		r := w.records[w.next]
		if again = w.settled(r, t.node.settle(r, node.Panicked(p))); again {
			w.next++
		}
	}()
	for ; w.next < len(w.records) && !t.lost.Load() && !t.full(w.records[w.next:]); w.next++ {
		r := w.records[w.next]
		err := t.node.process(r)
		if err == nil && t.node.now >= t.node.timers.Stream() {
			err = t.node.punctuate(topology.StreamTime, t.node.now)
		}
		if !w.settled(r, err) {
			return false
		}
	}
	return false
}

// settled fails the task if there is an error.
func (w *walk) settled(r *kgo.Record, err error) bool {
	if err != nil {
		w.t.fail(fmt.Errorf("task %s: record %s-%d@%d: %w", w.t.ID, r.Topic, r.Partition, r.Offset, err))
	}
	return err == nil
}
