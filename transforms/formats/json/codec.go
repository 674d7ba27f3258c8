package json

import (
	"fmt"
	"unicode/utf8"
	"unsafe"

	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/internal/memo"
	"github.com/suiro/suiro/internal/memory"
)

// Options changes what a [Codec] writes and reads. The zero value is a codec
// of plain JSON.
type Options struct {
	// Envelope says that a message holds both its schema and its payload. Default
	// false: a message is the payload, and read by what it looks like.
	Envelope bool
	// Schema is what all messages are read by, as payloads without an envelope.
	// Default nil.
	Schema *data.Schema
	// Kept is how many schemas are kept parsed and written, as long as they take no more
	// than a part of the process' memory (memory.Schemas). Default 0.
	Kept int
	// Form is how values are written; its KeepNulls applies to reading as well.
	Form data.JSONOptions
}

// Codec turns messages into Connect's data and back. It may be shared by
// goroutines.
type Codec struct {
	options Options
	written *memo.Memo[*data.Schema, []byte]
	read    *memo.Memo[string, *data.Schema]
}

// NewCodec returns a codec.
func NewCodec(o Options) *Codec {
	bytes := memory.OfRuntime(memory.Schemas)
	return &Codec{options: o, written: memo.Sized[*data.Schema, []byte](o.Kept, bytes),
		read: memo.Sized[string, *data.Schema](o.Kept, bytes)}
}

// Append appends the message of v, which is of schema s or of none when s is nil.
func (c *Codec) Append(dst []byte, s *data.Schema, v any) ([]byte, error) {
	if !c.options.Envelope {
		return data.AppendJSON(dst, s, v, c.options.Form)
	}
	text, err := c.schemaText(s)
	if err != nil {
		return dst, err
	}
	dst = append(append(dst, `{"schema":`...), text...)
	dst = append(dst, `,"payload":`...)
	if dst, err = data.AppendJSON(dst, s, v, c.options.Form); err != nil {
		return dst, err
	}
	return append(dst, '}'), nil
}

func (c *Codec) schemaText(s *data.Schema) ([]byte, error) {
	if text, ok := c.written.Get(s); ok {
		return text, nil
	}
	text, err := AppendSchema(nil, s, c.options.Form)
	if err != nil {
		return nil, err
	}
	return c.written.PutSized(s, text, len(text)+s.Size()), nil
}

// Decode reads a message. Equal texts of a schema give one schema while they
// are kept.
func (c *Codec) Decode(raw []byte) (*data.Schema, any, error) {
	if !c.options.Envelope || c.options.Schema != nil {
		v, err := Decode(raw, c.options.Schema, c.options.Form.KeepNulls)
		return c.options.Schema, v, err
	}
	if !utf8.Valid(raw) {
		return nil, nil, fmt.Errorf("%w: text is not UTF-8", data.ErrInvalid)
	}
	d := newDecoder(raw, c.options.Form.KeepNulls)
	schema, payload, err := d.envelope()
	if err != nil {
		return nil, nil, err
	}
	s, err := c.schema(schema)
	if err != nil {
		return nil, nil, fmt.Errorf("schema: %w", err)
	}
	d.scanner = scanner{text: payload, depth: 1}
	v, err := d.value(s)
	return s, v, err
}

var errEnvelope = fmt.Errorf("%w: with schemas.enable a message has \"schema\" and \"payload\" and nothing else: "+
	"set schemas.enable=false to read plain JSON", data.ErrInvalid)

// envelope reads a message into the texts of its schema and its payload.
func (s *scanner) envelope() (schema, payload []byte, err error) {
	if s.peek() != '{' {
		if _, err := s.skip(); err != nil {
			return nil, nil, err
		}
		return nil, nil, errEnvelope
	}
	if err := s.open(); err != nil {
		return nil, nil, err
	}
	others := false
	for first := true; ; first = false {
		more, err := s.more(first, '}')
		if err != nil {
			return nil, nil, err
		}
		if !more {
			break
		}
		name, err := s.name()
		if err != nil {
			return nil, nil, err
		}
		text, err := s.skip()
		if err != nil {
			return nil, nil, err
		}
		switch name {
		case "schema":
			schema = text
		case "payload":
			payload = text
		default:
			others = true
		}
	}
	if others || schema == nil || payload == nil {
		return nil, nil, errEnvelope
	}
	return schema, payload, s.end()
}

// schema returns the schema of a text, nil for null.
func (c *Codec) schema(text []byte) (*data.Schema, error) {
	if string(text) == "null" {
		return nil, nil
	}
	// Get keeps no part of the key, so the text need not be copied for it.
	if s, ok := c.read.Get(unsafe.String(unsafe.SliceData(text), len(text))); ok {
		return s, nil
	}
	s, err := ReadSchema(text, c.options.Form.KeepNulls)
	if err != nil {
		return nil, err
	}
	return c.read.PutSized(string(text), s, len(text)+s.Size()), nil
}
