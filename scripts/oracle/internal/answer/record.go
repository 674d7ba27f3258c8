package answer

import (
	"time"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/scripts/oracle/internal/cases"
)

func (a *answerer) record(in *cases.Record) (*connect.Record, error) {
	a.stage = "input"
	r := &connect.Record{Topic: in.Topic, Offset: -1}
	if in.Partition != nil {
		r.Partition = connect.InPartition(*in.Partition)
	}
	if !in.Source && in.Partition != nil {
		r.Offset = 7
		if in.Offset != nil {
			r.Offset = *in.Offset
		}
	}
	if in.Timestamp != nil {
		r.Timestamp = time.UnixMilli(*in.Timestamp)
	}
	var err error
	if r.Key, err = a.payload(in.Key); err != nil {
		return nil, err
	}
	if r.Value, err = a.payload(in.Value); err != nil {
		return nil, err
	}
	for _, h := range in.Headers {
		p, err := a.payload(h.Data)
		if err != nil {
			return nil, err
		}
		s, v, err := p.Decode()
		if err != nil {
			return nil, err
		}
		r.Headers = append(r.Headers, connect.Header{Key: h.Key, Schema: s, Value: v})
	}
	a.stage = "apply"
	return r, nil
}

// payload is undecoded where it is JSON, as the worker of a sink gives it to
// transforms, after one look that it can be decoded.
func (a *answerer) payload(p *cases.Payload) (connect.Payload, error) {
	conv, raw := a.plain, []byte(nil)
	switch {
	case p == nil:
	case p.JSON != nil:
		raw = []byte(*p.JSON)
	case p.Envelope != nil:
		conv, raw = a.envelope, []byte(*p.Envelope)
	default:
		s, v, err := a.typed(p.Typed)
		return connect.Decoded(s, v), err
	}
	if raw == nil && p != nil {
		raw = []byte{}
	}
	if _, _, err := conv.ToConnect("t", raw); err != nil {
		return connect.Payload{}, err
	}
	return connect.Undecoded("t", raw, conv), nil
}

func (a *answerer) typed(d *cases.Data) (*data.Schema, any, error) {
	s, err := parseSchema(d.Schema)
	if err != nil {
		return nil, nil, err
	}
	v, err := parseValue(s, d.Value)
	return s, v, err
}

func dumpData(s *data.Schema, v any) any {
	return map[string]any{"schema": dumpSchema(s), "value": dumpValue(s, v)}
}

func dumpRecord(r *connect.Record) (any, error) {
	o := map[string]any{"topic": r.Topic, "partition": nil, "timestamp": nil}
	if number, chosen := r.Partition.Number(); chosen {
		o["partition"] = number
	}
	if !r.Timestamp.IsZero() {
		o["timestamp"] = r.Timestamp.UnixMilli()
	}
	for _, part := range []struct {
		name string
		p    connect.Payload
	}{{"key", r.Key}, {"value", r.Value}} {
		s, v, err := part.p.Decode()
		if err != nil {
			return nil, err
		}
		o[part.name] = dumpData(s, v)
	}
	headers := []any{}
	for _, h := range r.Headers {
		headers = append(headers, map[string]any{"key": h.Key, "data": dumpData(h.Schema, h.Value)})
	}
	o["headers"] = headers
	return o, nil
}
