package avro

import (
	"errors"
	"fmt"

	"github.com/suiro/suiro/connect/data"
)

// ErrValue is the cause of an error about data that does not fit its schema.
var ErrValue = errors.New("avro value")

// Codec writes and reads the binary encoding of one schema. It may be shared
// by goroutines. It gives and takes data as package data describes it, which
// goavro would want wrapped in a map for each optional value.
type Codec struct {
	schema *data.Schema
	text   string
	root   *node
}

// NewCodec returns the codec of a Connect schema.
func NewCodec(s *data.Schema) (*Codec, error) {
	text, err := SchemaText(s)
	if err != nil {
		return nil, err
	}
	return newCodec(s, text)
}

// ParseCodec returns the codec of the JSON text of an Avro schema. The text
// stays as it is, properties that mean nothing here included.
func ParseCodec(text []byte) (*Codec, error) {
	s, err := ParseSchema(text)
	if err != nil {
		return nil, err
	}
	return newCodec(s, string(text))
}

func newCodec(s *data.Schema, text string) (*Codec, error) {
	root, err := compile(s)
	if err != nil {
		return nil, err
	}
	return &Codec{schema: s, text: text, root: root}, nil
}

// Schema returns the Connect schema.
func (c *Codec) Schema() *data.Schema { return c.schema }

// Text returns the JSON text of the Avro schema.
func (c *Codec) Text() string { return c.text }

// Append appends the binary encoding of value, as package data describes it.
// On error dst comes back as given, and the error names the field.
func (c *Codec) Append(dst []byte, value any) ([]byte, error) {
	out, err := c.root.append(dst, value)
	if err != nil {
		return dst, err
	}
	return out, nil
}

// Decode reads one datum, which must be all of raw.
func (c *Codec) Decode(raw []byte) (any, error) {
	v, rest, err := c.root.decode(raw)
	if err != nil {
		return nil, fmt.Errorf("decode avro of %d bytes: %w", len(raw), err)
	}
	if len(rest) > 0 {
		return nil, fmt.Errorf("%w: %d bytes after the datum of %d: was it written with another schema?",
			ErrValue, len(rest), len(raw)-len(rest))
	}
	return v, nil
}
