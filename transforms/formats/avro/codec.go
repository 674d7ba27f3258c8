package avro

import (
	"fmt"
	"os"

	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/transforms/formats/avro/internal/datum"
)

// ErrValue is the cause of an error about data that does not fit its schema.
var ErrValue = datum.ErrValue

// Codec writes and reads the binary encoding of one schema. It may be shared
// by goroutines. It gives and takes data as package data describes it, which
// goavro would want wrapped in a map for each optional value.
type Codec struct {
	schema *data.Schema
	text   string
	root   *datum.Type
}

// NewCodec returns the codec of a Connect schema.
func NewCodec(s *data.Schema) (*Codec, error) {
	text, err := SchemaText(s)
	if err != nil {
		return nil, err
	}
	return newCodec(s, text)
}

// ParseCodec returns the codec of the JSON text of an Avro schema, and of
// references as [ParseSchema] has them. The text stays as it is, properties that
// mean nothing to Connect included.
func ParseCodec(text []byte, references ...[]byte) (*Codec, error) {
	s, err := ParseSchema(text, references...)
	if err != nil {
		return nil, err
	}
	return newCodec(s, string(text))
}

// ReadCodec returns the codec of the Avro schema in a file.
func ReadCodec(path string) (*Codec, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	c, err := ParseCodec(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return c, nil
}

func newCodec(s *data.Schema, text string) (*Codec, error) {
	root, err := datum.Compile(s)
	if err != nil {
		return nil, err
	}
	return &Codec{schema: s, text: text, root: root}, nil
}

// Schema returns the Connect schema.
func (c *Codec) Schema() *data.Schema { return c.schema }

// Text returns the JSON text of the Avro schema, without its references.
func (c *Codec) Text() string { return c.text }

// Append appends the binary encoding of value, as package data describes it.
// On error dst comes back as given, and the error names the field.
func (c *Codec) Append(dst []byte, value any) ([]byte, error) {
	out, err := c.root.Append(dst, value)
	if err != nil {
		return dst, err
	}
	return out, nil
}

// Decode reads one datum, which must be all of raw.
func (c *Codec) Decode(raw []byte) (any, error) {
	v, rest, err := c.DecodeNext(raw)
	if err != nil {
		return nil, err
	}
	if len(rest) > 0 {
		return nil, fmt.Errorf("%w: %d bytes after the datum of %d: was it written with another schema?",
			ErrValue, len(rest), len(raw)-len(rest))
	}
	return v, nil
}

// DecodeNext reads the datum that raw begins with, and returns what comes
// after it.
func (c *Codec) DecodeNext(raw []byte) (v any, rest []byte, err error) {
	if v, rest, err = c.root.Decode(raw); err != nil {
		return nil, nil, fmt.Errorf("decode avro of %d bytes: %w", len(raw), err)
	}
	return v, rest, nil
}
