package pipeline

import (
	"fmt"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/connect/plan"
	"github.com/suiro/suiro/connect/worker/internal/counts"
	"github.com/twmb/franz-go/pkg/kgo"
)

// headers converts the headers of records.
type headers struct {
	plan.HeaderConverter
	meter *counts.Meter
}

func (c headers) decode(topic string, h kgo.RecordHeader) (schema *data.Schema, value any, err error) {
	defer recovered(HeaderConverter, c.Class, &err)
	if schema, value, err = c.ToConnectHeader(topic, h.Key, h.Value); err != nil {
		err = MarkStage(HeaderConverter, c.Class, fmt.Errorf("header %s: %w", h.Key, err))
	}
	return schema, value, err
}

func (c headers) encode(topic string, h connect.Header) (raw []byte, err error) {
	defer recovered(HeaderConverter, c.Class, &err)
	if raw, err = c.FromConnectHeader(topic, h.Key, h.Schema, h.Value); err != nil {
		err = MarkStage(HeaderConverter, c.Class, fmt.Errorf("header %s: %w", h.Key, err))
	}
	return raw, err
}

// toConnect returns headers with their bytes, and with their values unless the
// error says that these cannot be converted.
func (c headers) toConnect(topic string, in []kgo.RecordHeader) ([]connect.Header, error) {
	if len(in) == 0 {
		return nil, nil
	}
	defer c.meter.Begin().End()
	var failed error
	out := make([]connect.Header, len(in))
	for i, h := range in {
		schema, value, err := c.decode(topic, h)
		if err != nil && failed == nil {
			failed = err
		}
		out[i] = connect.Header{Key: h.Key, Value: value, Schema: schema, Raw: h.Value}
	}
	return out, failed
}

// shown returns headers as a dead letter carries them; a value that cannot be
// converted is shown as Go prints it.
func (c headers) shown(topic string, in []connect.Header) []kgo.RecordHeader {
	out := make([]kgo.RecordHeader, 0, len(in))
	for _, h := range in {
		raw := h.Raw
		if raw == nil {
			var err error
			if raw, err = c.encode(topic, h); err != nil {
				raw = fmt.Append(nil, h.Value)
			}
		}
		out = append(out, kgo.RecordHeader{Key: h.Key, Value: raw})
	}
	return out
}

func (c headers) fromConnect(topic string, in []connect.Header) ([]kgo.RecordHeader, error) {
	if len(in) == 0 {
		return nil, nil
	}
	defer c.meter.Begin().End()
	out := make([]kgo.RecordHeader, len(in))
	for i, h := range in {
		raw := h.Raw
		if raw == nil {
			var err error
			if raw, err = c.encode(topic, h); err != nil {
				return nil, err
			}
		}
		out[i] = kgo.RecordHeader{Key: h.Key, Value: raw}
	}
	return out, nil
}
