package samples

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/data"
	"github.com/twmb/franz-go/pkg/kgo"
)

// Sample is a record as somebody wrote it.
type Sample struct {
	// Line is its line in the input, from 1; 0 when it has none.
	Line int
	// Topic, Partition, Offset and Time are those of the record; "" and nil when it says
	// nothing of them.
	Topic     string
	Partition *int32
	Offset    *int64
	Time      *time.Time
	// Key and Value are its key and its value.
	Key, Value Part
	// Headers are its headers, in their order.
	Headers []Header
}

// Header is a header of a sample.
type Header struct {
	// Key is the header's name.
	Key string
	// Value is its value.
	Value Part
}

// Part is a key, a value, or the value of a header. The zero Part is null.
type Part struct {
	json json.RawMessage // nil unless it was written as JSON
	raw  []byte          // nil unless it was written as bytes or as a line
	text bool            // raw is a line
}

// Text returns a part that is a text.
func Text(s string) Part { return Part{raw: []byte(s), text: true} }

// JSON returns a part that was written as JSON.
func JSON(text []byte) Part {
	if bytes.Equal(bytes.TrimSpace(text), []byte("null")) {
		return Part{}
	}
	return Part{json: text}
}

// Bytes are what Kafka has: nil for null, the text of a JSON string, and the JSON of
// anything else.
func (p Part) Bytes() []byte {
	if p.json == nil {
		return p.raw
	}
	var text string
	if json.Unmarshal(p.json, &text) == nil {
		return []byte(text)
	}
	return p.json
}

// payload is what a source has polled. plain reads JSON without a schema, and enveloped
// JSON with one.
func (p Part) payload(c Converters) (connect.Payload, error) {
	switch {
	case p.text:
		return connect.Decoded(&data.Schema{Kind: data.String}, string(p.raw)), nil
	case p.raw != nil:
		return connect.Decoded(&data.Schema{Kind: data.Bytes}, p.raw), nil
	case p.json == nil:
		return connect.Payload{}, nil
	}
	conv := c.Plain
	var fields map[string]json.RawMessage
	if json.Unmarshal(p.json, &fields) == nil && len(fields) == 2 && fields["schema"] != nil && fields["payload"] != nil {
		conv = c.Enveloped
	}
	if conv == nil {
		return connect.Payload{}, errors.New("values of a source are read by the JsonConverter, which this program does " +
			"not have: give plain lines")
	}
	schema, value, err := conv.ToConnect("", p.json)
	return connect.Decoded(schema, value), err
}

// Converters make data of the JSON of a source's records.
type Converters struct {
	// Plain reads JSON without a schema, and Enveloped {"schema": ..., "payload": ...}; nil
	// refuses either.
	Plain, Enveloped connect.Converter
}

// Defaults are what a record has that says nothing of it. Of a partition that is 0, of an
// offset the one after that of the record before.
type Defaults struct {
	// Topic is the topic; "" when a record must name its own.
	Topic string
	// Time is the timestamp of a record that is read from Kafka; the zero time means none.
	Time time.Time
	// Name is what the records come from.
	Name string
}

// ErrNoTopic says that a record has no topic, and that there is none by default.
var ErrNoTopic = errors.New("topic is missing")

func (s Sample) topic(d Defaults) (string, error) {
	if s.Topic != "" {
		return s.Topic, nil
	}
	if d.Topic == "" {
		return "", ErrNoTopic
	}
	return d.Topic, nil
}

// Consumed is the record as Kafka holds it, for a sink. offset is that of a record that has
// none of its own.
func (s Sample) Consumed(d Defaults, offset int64) (*kgo.Record, error) {
	topic, err := s.topic(d)
	if err != nil {
		return nil, err
	}
	out := &kgo.Record{Topic: topic, Key: s.Key.Bytes(), Value: s.Value.Bytes(), Timestamp: d.Time, Offset: offset}
	if s.Partition != nil {
		out.Partition = *s.Partition
	}
	if s.Offset != nil {
		out.Offset = *s.Offset
	}
	if s.Time != nil {
		out.Timestamp = *s.Time
	}
	for _, h := range s.Headers {
		out.Headers = append(out.Headers, kgo.RecordHeader{Key: h.Key, Value: h.Value.Bytes()})
	}
	return out, nil
}

// Polled is the record as a source's task has polled it.
func (s Sample) Polled(d Defaults, c Converters) (*connect.SourceRecord, error) {
	topic, err := s.topic(d)
	if err != nil {
		return nil, err
	}
	out := &connect.SourceRecord{Record: connect.Record{Topic: topic},
		SourcePartition: map[string]any{"input": d.Name}, SourceOffset: map[string]any{"line": s.Line}}
	if s.Partition != nil {
		out.Partition = connect.InPartition(*s.Partition)
	}
	if s.Time != nil {
		out.Timestamp = *s.Time
	}
	if out.Key, err = s.Key.payload(c); err != nil {
		return nil, fmt.Errorf("key: %w", err)
	}
	if out.Value, err = s.Value.payload(c); err != nil {
		return nil, fmt.Errorf("value: %w", err)
	}
	for _, h := range s.Headers {
		p, err := h.Value.payload(c)
		if err != nil {
			return nil, fmt.Errorf("header %s: %w", h.Key, err)
		}
		schema, value, _ := p.Decode() // it is data
		out.Headers = append(out.Headers, connect.Header{Key: h.Key, Value: value, Schema: schema})
	}
	return out, nil
}

// record is what a sample is written as.
type record struct {
	Topic       string          `json:"topic"`
	Partition   *int32          `json:"partition"`
	Offset      *int64          `json:"offset"`
	Timestamp   json.RawMessage `json:"timestamp"`
	Key         json.RawMessage `json:"key"`
	Value       json.RawMessage `json:"value"`
	KeyBase64   []byte          `json:"key_base64"`
	ValueBase64 []byte          `json:"value_base64"`
	Headers     json.RawMessage `json:"headers"`
}

// Parse reads a record from its JSON.
func Parse(text []byte) (s Sample, err error) {
	var r record
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&r); err != nil {
		return s, explained(err)
	}
	if d.More() {
		return s, errors.New("there is more on the line than one JSON object")
	}
	s = Sample{Topic: r.Topic, Partition: r.Partition, Offset: r.Offset}
	if s.Time, err = parseTime(r.Timestamp); err != nil {
		return s, fmt.Errorf("timestamp: %w", err)
	}
	if s.Key, err = part(r.Key, r.KeyBase64); err != nil {
		return s, fmt.Errorf("key: %w", err)
	}
	if s.Value, err = part(r.Value, r.ValueBase64); err != nil {
		return s, fmt.Errorf("value: %w", err)
	}
	if s.Headers, err = parseHeaders(r.Headers); err != nil {
		return s, fmt.Errorf("headers: %w", err)
	}
	return s, nil
}

// known are the fields of a record.
var known = strings.Fields("topic partition offset timestamp key value key_base64 value_base64 headers")

func explained(err error) error {
	text := strings.TrimPrefix(err.Error(), "json: ")
	if strings.HasPrefix(text, "unknown field") {
		return fmt.Errorf("%s: a record has %s", text, strings.Join(known, ", "))
	}
	return fmt.Errorf("is not a record: %s", text)
}

func part(text json.RawMessage, raw []byte) (Part, error) {
	switch {
	case raw == nil && text == nil:
		return Part{}, nil
	case raw == nil:
		return JSON(text), nil
	case text != nil:
		return Part{}, errors.New("it is there twice, as JSON and as base64")
	}
	return Part{raw: raw}, nil
}

// parseTime reads milliseconds since 1970, or a time by RFC 3339.
func parseTime(text json.RawMessage) (*time.Time, error) {
	if text == nil || string(text) == "null" {
		return nil, nil
	}
	var millis int64
	if err := json.Unmarshal(text, &millis); err == nil {
		t := time.UnixMilli(millis)
		return &t, nil
	}
	var t time.Time
	if err := json.Unmarshal(text, &t); err != nil {
		return nil, fmt.Errorf("%s is neither a number of milliseconds since 1970 nor a time such as "+
			"\"2026-01-31T12:00:00Z\"", text)
	}
	return &t, nil
}

// parseHeaders reads an object, or a list of objects with key and value.
func parseHeaders(text json.RawMessage) (out []Header, err error) {
	if text == nil {
		return nil, nil
	}
	var byName map[string]json.RawMessage
	if err := json.Unmarshal(text, &byName); err == nil {
		for _, name := range slices.Sorted(maps.Keys(byName)) {
			out = append(out, Header{name, JSON(byName[name])})
		}
		return out, nil
	}
	var list []struct {
		Key   string          `json:"key"`
		Value json.RawMessage `json:"value"`
	}
	if err := json.Unmarshal(text, &list); err != nil {
		return nil, errors.New("must be an object, or a list of objects with key and value")
	}
	for _, h := range list {
		p, err := part(h.Value, nil)
		if err != nil {
			return nil, err
		}
		out = append(out, Header{h.Key, p})
	}
	return out, nil
}
