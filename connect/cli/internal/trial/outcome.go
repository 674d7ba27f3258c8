package trial

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/cli/internal/cases"
	"github.com/suiro/suiro/connect/cli/internal/samples"
	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/connect/worker/dryrun"
	"github.com/twmb/franz-go/pkg/kgo"
)

// outcome is what becomes of a sample. The error says that it cannot be known.
func (t *trial) outcome(ctx context.Context, s samples.Sample) (out cases.Outcome, err error) {
	r, err := t.try(ctx, s)
	if err != nil {
		return out, err
	}
	switch {
	case r.Outcome == dryrun.Dropped:
		return cases.Outcome{Dropped: true}, nil
	case r.Outcome == dryrun.Rejected:
		return cases.Outcome{Rejected: &cases.Rejection{Stage: r.Rejection.Stage, Class: r.Rejection.Class,
			Reason: r.Rejection.Reason}}, nil
	case r.Rejection != nil:
		return out, fmt.Errorf("something that the connector needs does not answer: %s", r.Rejection.Reason)
	case r.ToSink != nil:
		out.Fields, err = fieldsOf(&r.ToSink.Record)
		return out, err
	}
	for _, one := range r.ToKafka {
		written, err := t.readBack(one)
		if err != nil {
			return out, fmt.Errorf("read back what the converters have written: %w", err)
		}
		fields, err := fieldsOf(written)
		if err != nil {
			return out, err
		}
		out.Several = append(out.Several, fields)
	}
	if len(out.Several) == 1 {
		return cases.Outcome{Fields: out.Several[0]}, nil
	}
	return out, nil
}

// readBack is what the converters read of a record that they have written.
func (t *trial) readBack(r *kgo.Record) (*connect.Record, error) {
	out := &connect.Record{Topic: r.Topic, Partition: connect.InPartition(r.Partition), Timestamp: r.Timestamp,
		Key: connect.Undecoded(r.Topic, r.Key, t.plan.Key), Value: connect.Undecoded(r.Topic, r.Value, t.plan.Value)}
	for _, h := range r.Headers {
		schema, value, err := t.plan.Header.ToConnectHeader(r.Topic, h.Key, h.Value)
		if err != nil {
			return nil, err
		}
		out.Headers = append(out.Headers, connect.Header{Key: h.Key, Schema: schema, Value: value})
	}
	return out, nil
}

// fieldsOf are the fields of a record as JSON.
func fieldsOf(r *connect.Record) (map[string]json.RawMessage, error) {
	null := json.RawMessage("null")
	topic, _ := json.Marshal(r.Topic) // a text can always be written
	out := map[string]json.RawMessage{"topic": topic, "partition": null, "timestamp": null}
	if n, ok := r.Partition.Number(); ok {
		out["partition"] = json.RawMessage(strconv.Itoa(int(n)))
	}
	if !r.Timestamp.IsZero() {
		out["timestamp"] = json.RawMessage(strconv.FormatInt(r.Timestamp.UnixMilli(), 10))
	}
	for name, p := range map[string]*connect.Payload{"key": &r.Key, "value": &r.Value} {
		schema, value, err := p.Decode()
		if err == nil {
			out[name], err = data.JSON(schema, value)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	headers := map[string]json.RawMessage{}
	for _, h := range r.Headers {
		text, err := data.JSON(h.Schema, h.Value)
		if err != nil {
			return nil, fmt.Errorf("header %s: %w", h.Key, err)
		}
		headers[h.Key] = text
	}
	text, err := json.Marshal(headers)
	out["headers"] = text
	return out, err
}
