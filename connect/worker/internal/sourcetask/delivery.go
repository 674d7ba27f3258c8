package sourcetask

import (
	"cmp"
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/worker/internal/counts"
	"github.com/suiro/suiro/connect/worker/internal/pipeline"
	"github.com/twmb/franz-go/pkg/kgo"
)

// delivery sends records to Kafka and sees to those that it refuses. Kafka's
// answers come from goroutines of the client; the methods are the loop's.
type delivery struct {
	client   *kgo.Client
	pipeline *pipeline.Pipeline
	letters  *pipeline.DeadLetters // nil drops what is tolerated
	counts   *counts.Counters
	class    string                // of the task, for what it rejects
	observer connect.WriteObserver // the task, nil when it does not ask where its records are
	records  context.Context       // done when a stop has been graceful long enough

	mu      sync.Mutex // guards the rest
	failed  error
	refused []refusal
}

// refusal is a record on its way to Kafka, which may refuse it together with those that
// share its batch or wait behind it.
type refusal struct {
	record *connect.SourceRecord
	out    *kgo.Record
	part   part   // holds the offset back meanwhile
	times  *times // of a record that is measured
}

// times are when a record that is measured came and was handed to the producer.
type times struct{ came, at time.Time }

// send sends what a record has become on its way. The first one is measured unless t is
// nil.
func (d *delivery) send(r *connect.SourceRecord, all []*kgo.Record, e *entry, t *times) {
	p := partOf(e, len(all))
	for _, out := range all {
		one := refusal{r, out, p, t}
		d.client.Produce(d.records, out, func(_ *kgo.Record, err error) { d.answered(one, err) })
		t = nil
	}
}

// answered is called when Kafka answers for a record. It must not wait for the
// client.
func (d *delivery) answered(r refusal, err error) {
	switch {
	case err == nil:
		d.arrived(r)
	case pipeline.IsRecordsFault(err):
		d.refuse(r)
	default:
		d.fail(fmt.Errorf("write to topic %s: %w", r.out.Topic, err))
	}
}

func (d *delivery) arrived(r refusal) {
	d.counts.Written.Add(1)
	d.counts.Topics.Add(r.out.Topic, 1)
	d.counts.WrittenBytes.Add(int64(len(r.out.Key) + len(r.out.Value)))
	if r.times != nil {
		now := time.Now()
		d.counts.Writing.Observe(now.Sub(r.times.at))
		d.counts.Latency.Observe(r.times.came, now)
	}
	if d.observer != nil {
		d.observer.Written(r.record, connect.TopicPartition{Topic: r.out.Topic, Partition: r.out.Partition}, r.out.Offset)
	}
	*r.out = kgo.Record{} // it is allocated with others, which may be on their way for long
	r.part.ack()
}

// reject tolerates a bad record and sends its dead letter, or says why not.
// place gives a tolerated record its place in the order, where ack acknowledges it.
func (d *delivery) reject(r *connect.SourceRecord, reason error,
	place func(*connect.SourceRecord) (ack func())) error {
	stage, class := pipeline.StageOf(reason, pipeline.TaskPoll, d.class)
	if err := d.pipeline.Admit(pipeline.SourceOrigin(r), stage, class, reason); err != nil {
		return err
	}
	ack := place(r)
	if d.letters == nil {
		ack()
		return nil
	}
	d.letters.Send(d.records, d.records, d.pipeline.SourceLetter(r, stage, class, reason), func(err error) {
		if err != nil {
			d.counts.DeadLetterFailures.Add(1)
			d.fail(err)
			return
		}
		d.counts.DeadLetters.Add(1)
		ack()
	})
	return nil
}

// flush waits until Kafka has answered for every record, and sends again what
// it refused. Dead letters may still be on their way after it.
func (d *delivery) flush(ctx context.Context) error {
	if err := d.client.Flush(ctx); err != nil {
		return fmt.Errorf("wait for kafka to acknowledge: %w", err)
	}
	if err := d.sendAlone(ctx); err != nil {
		return err
	}
	return d.failure()
}

// sendAlone sends refused records again, each in a batch of its own, so that
// only those that are at fault themselves are rejected. They come behind records of
// batches that were on their way at the same time and are not refused.
func (d *delivery) sendAlone(ctx context.Context) error {
	refused := d.takeRefused()
	if len(refused) == 0 {
		return nil
	}
	if err := d.client.Flush(ctx); err != nil {
		d.putBack(refused) // a flush that has more time sees to them
		return fmt.Errorf("send refused records again: %w", err)
	}
	for _, r := range append(refused, d.takeRefused()...) {
		err := d.write(d.records, r.out)
		if err == nil {
			d.arrived(r)
			continue
		}
		err = fmt.Errorf("write to topic %s: %w", r.out.Topic, err)
		if !pipeline.IsRecordsFault(err) {
			d.fail(err)
			return err
		}
		if r.part.reject() {
			r.part.ack() // there is a dead letter of the whole record
			continue
		}
		took := func(*connect.SourceRecord) func() { return r.part.ack }
		if err := d.reject(r.record, pipeline.MarkStage(pipeline.KafkaProduce, "kgo.Client", err), took); err != nil {
			d.fail(err)
			return err
		}
	}
	return nil
}

// write writes records and waits for Kafka's answers, but not for linger.ms. It returns
// the first error.
func (d *delivery) write(ctx context.Context, records ...*kgo.Record) error {
	answers := make(chan error, len(records))
	for _, r := range records {
		d.client.Produce(ctx, r, func(_ *kgo.Record, err error) { answers <- err })
	}
	_ = d.client.Flush(ctx) // when it ends early the context of the records has ended too
	var first error
	for range records {
		first = cmp.Or(first, <-answers)
	}
	return first
}

func (d *delivery) refuse(r refusal) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.refused = append(d.refused, r)
}

// putBack undoes takeRefused: those that were refused since come behind.
func (d *delivery) putBack(taken []refusal) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.refused = append(taken, d.refused...)
}

func (d *delivery) takeRefused() []refusal {
	d.mu.Lock()
	defer d.mu.Unlock()
	taken := d.refused
	d.refused = nil
	return taken
}

// fail notes what ends the life: a record or dead letter that cannot be written.
func (d *delivery) fail(err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.failed == nil {
		d.failed = err
	}
}

// failure returns what fail was told first.
func (d *delivery) failure() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.failed
}
