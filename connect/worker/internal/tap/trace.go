package tap

import (
	"time"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/herder/api"
	"github.com/suiro/suiro/internal/excerpt"
	"github.com/twmb/franz-go/pkg/kgo"
)

// What became of a record.
const (
	dropped   = "dropped"
	unchanged = "unchanged"
	failed    = "failed"
)

// maxHeaders is how many headers of a record are shown.
const maxHeaders = 20

// Trace takes note of one record on its way. Its methods are called by the goroutine of
// the task, in the order of the stages, and end with End.
type Trace struct {
	point *Point
	seen  []seen
}

// seen is a tap that has taken the record, under a number.
type seen struct {
	by     watcher
	number int
}

// Polled takes note of what a source has returned.
func (t *Trace) Polled(r *connect.SourceRecord) {
	s := t.decoded(api.StagePolled, &r.Record)
	s.SourcePartition, _ = t.point.mask.data(nil, r.SourcePartition)
	s.SourceOffset, _ = t.point.mask.data(nil, r.NextOffset())
	s.Offset = nil
	t.add(s)
}

// Consumed takes note of what was read from Kafka.
func (t *Trace) Consumed(r *kgo.Record) {
	s := t.bytes(api.StageConsumed, r)
	offset := r.Offset
	s.Offset = &offset
	t.add(s)
}

// Converted takes note of what goes to Kafka.
func (t *Trace) Converted(r *kgo.Record) { t.add(t.bytes(api.StageConverted, r)) }

// Decoded takes note of what a sink's converters have made.
func (t *Trace) Decoded(r *connect.Record) { t.add(t.decoded(api.StageConverted, r)) }

// Transformed takes note of what came out of a transform; nil was dropped. before is what
// went in.
func (t *Trace) Transformed(alias string, before, after *connect.Record) {
	var s api.TappedRecord
	switch after {
	case nil:
		s = api.TappedRecord{Stage: api.StageTransformed, Key: null, Value: null, Outcome: dropped}
	case before:
		s = t.decoded(api.StageTransformed, after)
		s.Outcome = unchanged
	default:
		s = t.decoded(api.StageTransformed, after)
	}
	s.Transform = alias
	t.add(s)
}

// End takes note that there are no further stages, because of err unless it is nil.
func (t *Trace) End(err error) {
	if err != nil {
		t.add(api.TappedRecord{Outcome: failed, Key: null, Value: null, Error: excerpt.Error(err, t.point.mask.hide)})
	}
	for _, s := range t.seen {
		s.by.end()
	}
}

// add hands a stage to every tap that has taken the record.
func (t *Trace) add(r api.TappedRecord) {
	r.Task, r.Time = t.point.task, time.Now().UTC()
	for _, s := range t.seen {
		r.Record = s.number
		s.by.add(r)
	}
}

// decoded shows a record that is data.
func (t *Trace) decoded(stage string, r *connect.Record) api.TappedRecord {
	m := t.point.mask
	s := api.TappedRecord{Stage: stage, Topic: r.Topic, Timestamp: millis(r.Timestamp)}
	if n, ok := r.Partition.Number(); ok {
		s.Partition = &n
	}
	if at := r.Offset; at >= 0 {
		s.Offset = &at
	}
	var kerr, verr error
	s.Key, s.KeySchema, kerr = m.payload(r.Key)
	s.Value, s.ValueSchema, verr = m.payload(r.Value)
	for _, err := range []error{kerr, verr} {
		if err != nil {
			s.Error = excerpt.Error(err, m.hide)
		}
	}
	for i, h := range r.Headers {
		if i == maxHeaders {
			break
		}
		shown, err := m.data(h.Schema, h.Value)
		if err != nil || m.hides(h.Key) {
			shown = hidden
		}
		s.Headers = append(s.Headers, api.TappedHeader{Key: excerpt.Text(h.Key, maxShown), Value: shown})
	}
	return s
}

// bytes shows a record of Kafka.
func (t *Trace) bytes(stage string, r *kgo.Record) api.TappedRecord {
	m := t.point.mask
	s := api.TappedRecord{Stage: stage, Topic: r.Topic, Timestamp: millis(r.Timestamp), Key: m.raw(r.Key),
		Value: m.raw(r.Value)}
	if n := r.Partition; n >= 0 {
		s.Partition = &n
	}
	for i, h := range r.Headers {
		if i == maxHeaders {
			break
		}
		shown := m.raw(h.Value)
		if m.hides(h.Key) {
			shown = hidden
		}
		s.Headers = append(s.Headers, api.TappedHeader{Key: excerpt.Text(h.Key, maxShown), Value: shown})
	}
	return s
}

// millis is a timestamp as Kafka has it, nil for none.
func millis(t time.Time) *int64 {
	if t.IsZero() {
		return nil
	}
	out := t.UnixMilli()
	return &out
}
