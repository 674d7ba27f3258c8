package task

import (
	"errors"
	"fmt"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/internal/excerpt"
	"github.com/suiro/suiro/internal/rejections"
	"github.com/suiro/suiro/streams/handlers"
	"github.com/suiro/suiro/streams/internal/failures"
	"github.com/suiro/suiro/streams/topology"
)

// ErrRetry is in the error of an epoch whose records are to be processed again after a
// pause, besides [topology.ErrRepeat].
var ErrRetry = errors.New("a handler wants it to be tried again")

// failing deals with the failures of a task. It belongs to the goroutine of nodeContext.
type failing struct{ n *nodeContext }

// settle decides what becomes of r, or of what r stands for. It returns the error that
// fails the task, nil for none. An error of the DB is no record's fault.
func (f failing) settle(r *kgo.Record, err error) error {
	t := f.n.t
	if errors.Is(err, topology.ErrRepeat) || t.overlay != nil && t.overlay.Failed() != nil {
		return err
	}
	why := f.describe(r, err)
	t.Metrics.Rejected(why.Stage)
	answer, fatal := t.Failures.Decide(why)
	switch answer {
	case handlers.Continue:
		t.Metrics.Skipped()
		f.log(r, why)
		return nil
	case handlers.DeadLetter:
		return f.bury(r, why)
	case handlers.Retry:
		return fmt.Errorf("%w: %w: %w", topology.ErrRepeat, ErrRetry, err)
	}
	return fatal
}

// describe is what a handler gets.
func (f failing) describe(r *kgo.Record, err error) handlers.Failure {
	t := f.n.t
	why := handlers.Failure{Stage: topology.Processing, Task: t.ID, Topic: r.Topic, Partition: r.Partition,
		Offset: r.Offset, Timestamp: r.Timestamp, Key: r.Key, Value: r.Value, Err: err}
	if len(r.Headers) > 0 {
		why.Headers = headersIn(nil, r.Headers)
	}
	var rejected *topology.Rejection
	if errors.As(err, &rejected) {
		why.Stage = rejected.Stage
		if rejected.Topic != "" {
			why.Output = t.Topic(rejected.Topic)
		}
	}
	var of *topology.Failed
	if errors.As(err, &of) {
		why.Node = of.Node
	} else if s := t.source(r.Topic); s != nil {
		why.Node = s.Name
	}
	if r.Offset < 0 {
		why.Topic = "" // there is no record
	}
	return why
}

// bury writes a dead letter, in the open transaction.
func (f failing) bury(r *kgo.Record, why handlers.Failure) error {
	t := f.n.t
	topic := t.Failures.DeadLetters
	letter, fits := t.Failures.Letter(r, why, t.Limits).Fit(t.Limits.Bytes(topic))
	if !fits {
		return fmt.Errorf("%w (and topic %s takes %d bytes at most, which no dead letter fits: raise its max.message.bytes)",
			why.Err, topic, t.Limits.Bytes(topic))
	}
	t.Metrics.DeadLetter()
	f.log(r, why)
	t.Meter.Add(Cost(letter), 1, 0)
	f.n.produce(letter)
	return nil
}

// log says which record is left out.
func (f failing) log(r *kgo.Record, why handlers.Failure) {
	rejection := rejections.Rejection{Stage: why.Stage, Place: r.Topic,
		Reason: excerpt.Error(failures.Reason(why.Err), nil), Record: fmt.Sprintf("%s-%d@%d", r.Topic, r.Partition, r.Offset)}
	if why.Node != "" {
		rejection.Attrs = []any{"node", why.Node}
	}
	f.n.t.Rejections.Add(rejection)
}

// update makes a record of an update, for a handler and for its dead letter.
func (f failing) update(u topology.Update) *kgo.Record {
	at := f.n.record
	return &kgo.Record{Topic: at.Topic, Partition: at.Partition, Offset: u.Offset, Key: u.Key, Value: u.Value,
		Timestamp: u.Timestamp}
}
