package connect

import "github.com/suiro/suiro/connect/data"

// Payload is a record's key or value: the bytes as they came, the data they
// mean, or both. It decodes on first touch and remembers the result. The zero
// Payload is null. A Payload is not safe for concurrent use.
type Payload struct {
	raw     []byte
	conv    Converter
	topic   string
	schema  *data.Schema
	value   any
	err     error
	decoded bool
}

// Undecoded returns a Payload of bytes read from topic that conv can decode.
// raw is kept, not copied; nil is null (a tombstone).
func Undecoded(topic string, raw []byte, conv Converter) Payload {
	return Payload{raw: raw, conv: conv, topic: topic, decoded: raw == nil && conv == nil}
}

// Decoded returns a Payload of a value and its schema (nil for schemaless).
func Decoded(schema *data.Schema, value any) Payload {
	return Payload{schema: schema, value: value, decoded: true}
}

// IsNull reports whether the payload holds nothing, without decoding bytes: a
// tombstone's value is null.
func (p *Payload) IsNull() bool {
	if p.conv != nil {
		return p.raw == nil
	}
	return p.value == nil
}

// Raw returns the bytes as they came from Kafka, uncopied, when nobody changed
// the payload since and they are in the given format (see [Converter.Format]).
// The caller does not change them.
func (p *Payload) Raw(format string) ([]byte, bool) {
	if p.conv == nil || p.raw == nil || p.conv.Format() != format {
		return nil, false
	}
	return p.raw, true
}

// Bytes returns the bytes as they came from Kafka whatever their format, nil
// when there are none. Dead letters carry them.
func (p *Payload) Bytes() []byte { return p.raw }

// Decode returns the data. The schema is nil for schemaless data. An error is
// the converter's and comes again at each call, but a [Retriable] one makes the
// next call decode again.
func (p *Payload) Decode() (*data.Schema, any, error) {
	if !p.decoded && p.conv != nil {
		p.schema, p.value, p.err = p.conv.ToConnect(p.topic, p.raw)
		p.decoded = !IsRetriable(p.err)
	}
	return p.schema, p.value, p.err
}
