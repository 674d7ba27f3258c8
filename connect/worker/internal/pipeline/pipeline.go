package pipeline

import (
	"context"
	"log/slog"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/plan"
	"github.com/suiro/suiro/connect/worker/internal/counts"
	"github.com/suiro/suiro/connect/worker/internal/tap"
	"github.com/twmb/franz-go/pkg/kgo"
)

// Pipeline converts and transforms the records of one task. One goroutine at a time
// calls ToSink and ToKafka.
type Pipeline struct {
	chain      []step
	key, value connect.Converter
	headers    headers
	tolerance  tolerance
	counts     *counts.Counters
	taps       *tap.Point
	trace      *tap.Trace // of the record on its way, nil when nobody wants to see it

	sinks  block[connect.SinkRecord]
	kafkas block[kgo.Record]
	made   made // of the source record on its way
}

// step is a transform with what measures it.
type step struct {
	plan.Step
	splitter connect.Splitter // nil for a transform that makes one record at most
	meter    *counts.Meter
}

// New returns the pipeline of a task, which counts and logs for it and lets its records
// be tapped.
func New(p *plan.Connector, c *counts.Counters, taps *tap.Point, logger *slog.Logger) *Pipeline {
	chain := make([]step, len(p.Chain))
	for i, s := range p.Chain {
		splitter, _ := s.Transform.(connect.Splitter)
		chain[i] = step{s, splitter, c.Transforms.Of(s.Alias)}
	}
	return &Pipeline{
		chain:     chain,
		key:       stagedConverter{p.Key.Converter, KeyConverter, p.Key.Class, c.Converters.Of("key")},
		value:     stagedConverter{p.Value.Converter, ValueConverter, p.Value.Class, c.Converters.Of("value")},
		headers:   headers{p.Header, c.Converters.Of("header")},
		tolerance: newTolerance(p, c, logger),
		counts:    c,
		taps:      taps,
	}
}

// Begin says how many records the batch has that is converted next.
func (p *Pipeline) Begin(records int) {
	p.counts.Batches.Observe(records)
	p.counts.Converters.Batch(records)
	p.counts.Transforms.Batch(records)
}

// End says that the batch is converted. The pipeline keeps nothing of it.
func (p *Pipeline) End() {
	p.sinks.end()
	p.kafkas.end()
	p.made = made{}
}

// Tolerant reports whether bad records are tolerated.
func (p *Pipeline) Tolerant() bool { return p.tolerance.All }

// Admit returns nil when a bad record is tolerated, and counts and logs it then.
// The error is what ends the task; origin names the record in it, and class is the
// converter, transform or task that failed.
func (p *Pipeline) Admit(origin string, stage Stage, class string, reason error) error {
	return p.tolerance.admit(1, origin, stage, class, reason)
}

// AdmitAll is [Pipeline.Admit] for n records that fail together.
func (p *Pipeline) AdmitAll(n int64, origin string, stage Stage, class string, reason error) error {
	return p.tolerance.admit(n, origin, stage, class, reason)
}

// Close says in the log what was not said yet of bad records.
func (p *Pipeline) Close() { p.tolerance.told.End() }

// ToSink makes a sink record of what was read. keep is false when a transform
// drops it. With an error, which has its stage, r is the record as it was read,
// for a dead letter; when ctx is done as well, nothing says that it is bad.
func (p *Pipeline) ToSink(ctx context.Context, in *kgo.Record) (r *connect.SinkRecord, keep bool, err error) {
	if p.trace = p.taps.Begin(); p.trace != nil {
		p.trace.Consumed(in)
		defer func() { p.trace.End(err) }()
	}
	return p.toSink(ctx, in)
}

func (p *Pipeline) toSink(ctx context.Context, in *kgo.Record) (r *connect.SinkRecord, keep bool, err error) {
	r = p.undecoded(in)
	out, err := p.decode(r, in)
	if p.tolerance.retries(err) {
		out, err = again(ctx, &p.tolerance, err, func() (*connect.Record, error) { return p.decode(r, in) })
	}
	if err != nil || out == nil {
		return r, false, err
	}
	if out != &r.Record {
		original := r.Record
		r.Record, r.Original = *out, &original
		r.Offset = original.Offset
	}
	return r, true, nil
}

// decode decodes the headers and transforms; it returns nil for a record that a
// transform drops.
func (p *Pipeline) decode(r *connect.SinkRecord, in *kgo.Record) (out *connect.Record, err error) {
	if r.Headers, err = p.headers.toConnect(in.Topic, in.Headers); err != nil {
		return nil, err
	}
	if p.trace != nil {
		p.trace.Decoded(&r.Record)
	}
	out, _, err = p.transform(&r.Record, 0)
	return out, err
}

func (p *Pipeline) undecoded(r *kgo.Record) *connect.SinkRecord {
	out := p.sinks.next(r.Context)
	out.Topic, out.Partition = r.Topic, connect.InPartition(r.Partition)
	out.Key = connect.Undecoded(r.Topic, r.Key, p.key)
	out.Value = connect.Undecoded(r.Topic, r.Value, p.value)
	out.Timestamp, out.Offset = r.Timestamp, r.Offset
	out.OriginalTopic, out.OriginalPartition = r.Topic, r.Partition
	return out
}

// ToKafka transforms and converts what a source task read. It returns the records that are
// made of it: mostly one, none when a transform drops it, and several after a
// [connect.Splitter]. The slice is valid until the next call. The error is that of any of
// them and has its stage; when ctx is done as well, nothing says that the record is bad.
func (p *Pipeline) ToKafka(ctx context.Context, r *connect.SourceRecord) (out []*kgo.Record, err error) {
	r.Offset = -1 // it was not read from Kafka
	if p.trace = p.taps.Begin(); p.trace != nil {
		p.trace.Polled(r)
		defer func() { p.trace.End(err) }()
	}
	if out, err = p.encode(&r.Record); p.tolerance.retries(err) {
		return again(ctx, &p.tolerance, err, func() ([]*kgo.Record, error) { return p.encode(&r.Record) })
	}
	return out, err
}

func (p *Pipeline) encode(r *connect.Record) ([]*kgo.Record, error) {
	p.made = made{records: p.made.records[:0]}
	if err := p.made.add(p, r, 0); err != nil {
		return nil, err
	}
	return p.made.records, nil
}

// transform takes a record through the transforms from step i on, up to one that makes
// several records, which is no step of a sink. It returns where it has stopped, and nil
// when a transform drops the record.
func (p *Pipeline) transform(r *connect.Record, i int) (*connect.Record, int, error) {
	for ; i < len(p.chain) && p.chain[i].splitter == nil; i++ {
		next, err := apply(&p.chain[i], r)
		if p.trace != nil && err == nil {
			p.trace.Transformed(p.chain[i].Alias, r, next)
		}
		if next == nil || err != nil {
			return nil, i, err
		}
		r = next
	}
	return r, i, nil
}

func apply(step *step, r *connect.Record) (next *connect.Record, err error) {
	defer recovered(Transformation, step.Class, &err)
	defer step.meter.Begin().End()
	applies, err := step.Applies(r)
	if err != nil {
		return nil, MarkStage(Transformation, step.Class, err)
	}
	if !applies {
		return r, nil
	}
	next, err = step.Transform.Apply(r)
	return next, MarkStage(Transformation, step.Class, err)
}

// payloadIn returns a payload in the converter's format: the bytes as they are
// when they have it already.
func payloadIn(conv connect.Converter, topic string, payload *connect.Payload) ([]byte, error) {
	if format := conv.Format(); format != "" {
		if raw, ok := payload.Raw(format); ok {
			return raw, nil
		}
	}
	schema, value, err := payload.Decode()
	if err != nil {
		return nil, err
	}
	return conv.FromConnect(topic, schema, value)
}
