package sinktask

import (
	"context"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/internal/acks"
	"github.com/suiro/suiro/connect/worker/internal/counts"
	"github.com/suiro/suiro/connect/worker/internal/pipeline"
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
	var held *acks.Entry[int64]
	if p := j.ledger.find(r.TopicPartition()); p != nil {
		held = acks.Insert(&p.held, r.Offset)
	}
	// The letter outlives the call; closing the client ends it.
	j.letters.Send(context.Background(), j.stop, j.pipeline.SinkLetter(r, stage, class, reason), func(err error) {
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
	return nil
}
