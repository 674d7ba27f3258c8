package task

import (
	"context"
	"fmt"
	"sync/atomic"

	"github.com/twmb/franz-go/pkg/kgo"
)

// batch is the records of one poll for one task. It is the context of the records
// that it emits, so their promise finds it without an allocation for each record.
type batch struct {
	context.Context
	task    *Task
	records []*kgo.Record
	bytes   int64
	// open counts the emitted records not yet acknowledged, plus one until
	// the callback has returned.
	open atomic.Int64
	// mark is goka's commit of this message.
	mark func(error)
}

// acknowledged is the promise of every record a task emits.
func acknowledged(r *kgo.Record, err error) {
	b := r.Context.(*batch)
	if err != nil {
		b.task.produceError(b, r, err)
	}
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
	if len(b.records) == 0 {
		return "at the end of an epoch"
	}
	first, last := b.records[0], b.records[len(b.records)-1]
	if first == last {
		return fmt.Sprintf("(made of %s-%d@%d)", first.Topic, first.Partition, first.Offset)
	}
	return fmt.Sprintf("(made of one of %s-%d@%d to %d)", first.Topic, first.Partition, first.Offset, last.Offset)
}
