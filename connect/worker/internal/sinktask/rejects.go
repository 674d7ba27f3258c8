package sinktask

import (
	"context"
	"fmt"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/internal/acks"
	"github.com/suiro/suiro/connect/worker/internal/counts"
	"github.com/suiro/suiro/connect/worker/internal/pipeline"
	"github.com/suiro/suiro/internal/kafka"
)

// rejects turns bad records into dead letters. It is safe for concurrent use.
type rejects struct {
	pipeline *pipeline.Pipeline
	letters  *pipeline.DeadLetters // nil drops what is tolerated
	ledger   *ledger
	signals  *signals
	counts   *counts.Counters
	class    string          // of the task, for what it reports
	stop     context.Context // done when the task is told to stop
}

// reject tolerates a bad record and sends its dead letter, or says why not. Its
// offset is held back until the dead letter is acknowledged; then done is
// called.
func (j *rejects) reject(r *connect.SinkRecord, reason error, done func(error)) error {
	stage, class := pipeline.StageOf(reason, pipeline.TaskPut, j.class)
	if err := j.pipeline.Admit(pipeline.SinkOrigin(r), stage, class, reason); err != nil {
		return err
	}
	if j.letters == nil {
		done(nil)
		return nil
	}
	j.send(r.TopicPartition(), r.Offset, j.pipeline.SinkLetter(r, stage, class, reason), done)
	return nil
}

// rejectBatch is reject for a batch that is too large to be read: its letter says
// where it is and has no value.
func (j *rejects) rejectBatch(b kafka.Batch) error {
	origin := fmt.Sprintf("batch of %d records %s-%d@%d", b.Records(), b.Topic, b.Partition, b.First)
	if err := j.pipeline.AdmitAll(b.Records(), origin, pipeline.KafkaConsume, clientClass, b); err != nil {
		return err
	}
	if j.letters == nil {
		return nil
	}
	j.send(connect.TopicPartition{Topic: b.Topic, Partition: b.Partition}, b.First, pipeline.BatchLetter(b, clientClass),
		func(error) {})
	return nil
}

// clientClass is what failed when a batch cannot be read.
const clientClass = "kgo.Client"

func (j *rejects) send(tp connect.TopicPartition, offset int64, letter pipeline.Letter, done func(error)) {
	var held *acks.Entry[int64]
	if p := j.ledger.find(tp); p != nil {
		held = acks.Insert(&p.held, offset)
	}
	// The letter outlives the call; closing the client ends it.
	j.letters.Send(context.Background(), j.stop, letter, func(err error) {
		if err != nil {
			j.counts.DeadLetterFailures.Add(1)
			j.signals.fail(err)
		} else {
			j.counts.DeadLetters.Add(1)
			if held != nil {
				held.Ack()
			}
		}
		done(err)
	})
}
