package connect

import "github.com/suiro/suiro/connect/data"

// Payload is the key or value of a record: bytes from Kafka, data, or both. It
// decodes its bytes at the first call of Decode and keeps the result. The zero
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

// Undecoded returns a Payload of bytes that were read from topic and that conv can
// decode. raw is kept, not copied; nil is null, as the value of a tombstone is.
func Undecoded(topic string, raw []byte, conv Converter) Payload {
	return Payload{raw: raw, conv: conv, topic: topic, decoded: raw == nil && conv == nil}
}

// Decoded returns a Payload of a value and its schema, nil for none.
func Decoded(schema *data.Schema, value any) Payload {
	return Payload{schema: schema, value: value, decoded: true}
}

// IsNull reports whether the payload is null, as the value of a tombstone is. It
// decodes nothing.
func (p *Payload) IsNull() bool {
	if p.conv != nil {
		return p.raw == nil
	}
	return p.value == nil
}

// Raw returns the bytes from Kafka, not copied, and true if they are in the given
// format (see [Converter.Format]). It returns false for other formats, for null and
// for a Payload made by [Decoded]. The caller does not change the bytes.
func (p *Payload) Raw(format string) ([]byte, bool) {
	if p.conv == nil || p.raw == nil || p.conv.Format() != format {
		return nil, false
	}
	return p.raw, true
}

// Bytes returns the bytes from Kafka in whatever format, nil when there are none.
// They are the key or value of a dead letter. The caller does not change them.
func (p *Payload) Bytes() []byte { return p.raw }

// Bare returns the payload without what Decode has made of its bytes, for a sink that
// keeps records and counts what they hold: decoded data may take many times as much as
// the bytes. A payload without bytes comes back as it is.
func (p *Payload) Bare() Payload {
	if p.conv == nil || p.raw == nil {
		return *p
	}
	return Undecoded(p.topic, p.raw, p.conv)
}

// IsDecoded reports whether the payload holds data, so that Decode has nothing to do.
func (p *Payload) IsDecoded() bool { return p.decoded }

// Decode returns the data and its schema, nil for data without one. The error is
// the converter's. Every later call returns the same result; only after a
// [Retriable] error does the next call decode again.
func (p *Payload) Decode() (*data.Schema, any, error) {
	if !p.decoded && p.conv != nil {
		p.schema, p.value, p.err = p.conv.ToConnect(p.topic, p.raw)
		p.decoded = !IsRetriable(p.err)
	}
	return p.schema, p.value, p.err
}
