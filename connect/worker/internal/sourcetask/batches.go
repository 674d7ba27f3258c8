package sourcetask

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/plan"
	"github.com/suiro/suiro/connect/worker/internal/lives"
	"github.com/suiro/suiro/connect/worker/internal/rawproducer"
	"github.com/twmb/franz-go/pkg/kgo"
)

// leastRecords is how long a life with records lasts at least, which began because somebody tapped
// the task: who looks at records mostly looks again.
const leastRecords = 30 * time.Second

// batches is what a life has that writes batches as they are. Everything else is as in one with
// records: a batch has its place among the offsets of its source partition, and a failure ends the
// life. The methods for all lives can be called on nil.
type batches struct {
	life *Life
	task connect.BatchTask
	raw  *rawproducer.Producer
}

// mayPass reports whether the task can hand over batches, and nobody minds but who taps.
func (l *Life) mayPass() (task connect.BatchTask, ok bool) {
	task, ok = l.o.Task.(connect.BatchTask)
	return task, ok && !l.o.RecordsOnly.Load() && passesBytes(l.o.Plan) && task.OffersBatches(l.o.Values)
}

// passesBytes reports whether the bytes of keys and values reach Kafka as a source makes them: no
// transform and no converter changes them. Headers that a source has as bytes always do.
func passesBytes(p *plan.Connector) bool {
	return len(p.Chain) == 0 && p.Key.Format() == connect.FormatBytes && p.Value.Format() == connect.FormatBytes
}

// chooseBatches returns what the life needs for batches, nil when it is one with records.
func (l *Life) chooseBatches() *batches {
	task, ok := l.mayPass()
	if !ok || l.o.Taps.Tapped() {
		return nil
	}
	task.UseBatches()
	return &batches{life: l, task: task}
}

// outdated reports whether the life is one with batches and must be one with records, or could be the
// other way round.
func (l *Life) outdated() bool {
	if l.batches != nil {
		return l.o.Taps.Tapped()
	}
	if l.o.Taps.Tapped() || time.Since(l.began) < leastRecords {
		return false
	}
	_, ok := l.mayPass()
	return ok
}

// turn makes records follow on a batch that was refused: of these the one at fault is rejected alone.
func (l *Life) turn(err error) error {
	if !errors.Is(err, rawproducer.ErrRefused) {
		return err
	}
	l.o.RecordsOnly.Store(true)
	l.o.Logger.Warn("a batch cannot be written as it is; until it is started anew, the task writes records", "reason", err)
	return fmt.Errorf("%w: %w", lives.ErrAgain, err)
}

// open makes what writes batches, with the client of the life.
func (b *batches) open(transactionalID string) {
	l := b.life
	if !l.o.Plan.Records.ExactlyOnce {
		transactionalID = ""
	}
	most, _ := l.client.OptValue(kgo.MaxBufferedBytes).(int)
	b.raw = rawproducer.New(rawproducer.Options{Client: l.client, TransactionalID: transactionalID,
		MaxBytes: int64(most), Failed: l.delivery.fail})
}

// producer is what writes batches, nil in a life with records.
func (b *batches) producer() *rawproducer.Producer {
	if b == nil {
		return nil
	}
	return b.raw
}

// close drops what is on its way.
func (b *batches) close() {
	if b != nil && b.raw != nil {
		b.raw.Close()
	}
}

// poll returns how many records the next batches have, and what sends them on their way.
func (b *batches) poll(ctx context.Context) (n int, process func() error, err error) {
	all, err := b.task.PollBatches(ctx)
	for _, one := range all {
		n += one.Records
	}
	return n, func() error { return b.sendAll(ctx, all) }, err
}

func (b *batches) sendAll(ctx context.Context, all []*connect.Batch) error {
	came := time.Now()
	for i, one := range all {
		b.life.o.Counts.Batches.Observe(one.Records)
		var t *times
		if i == 0 { // one of each poll is measured
			t = &times{one.Timestamp, came}
			b.life.o.Counts.Age.Observe(one.Timestamp, came)
		}
		if err := b.send(ctx, one, t); err != nil {
			return err
		}
	}
	return nil
}

// send sends a batch on its way.
func (b *batches) send(ctx context.Context, one *connect.Batch, t *times) error {
	l := b.life
	if err := l.committer.begin(); err != nil {
		return err
	}
	st, err := l.offsets.stream(one.SourcePartition)
	if err != nil {
		return err
	}
	switch misfit, err := l.topics.ensure(ctx, &kgo.Record{Topic: one.Topic, Partition: one.Partition}); {
	case err != nil:
		return err
	case misfit != nil:
		return fmt.Errorf("%w: %w", misfit, rawproducer.ErrRefused)
	}
	e := st.tracker.Add(one.Position)
	return b.raw.Write(ctx, one, func(offset int64) { b.written(one, e, t, offset) })
}

// written is called when Kafka has acknowledged a batch.
func (b *batches) written(one *connect.Batch, e *entry, t *times, offset int64) {
	counts := b.life.o.Counts
	counts.Written.Add(int64(one.Records))
	counts.Topics.Add(one.Topic, int64(one.Records))
	counts.WrittenBytes.Add(int64(len(one.Bytes)))
	if t != nil {
		now := time.Now()
		counts.Writing.Observe(now.Sub(t.at))
		counts.Latency.Observe(t.came, now)
	}
	b.task.BatchWritten(one, offset)
	e.Ack()
}
