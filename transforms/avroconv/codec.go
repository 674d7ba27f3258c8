package avroconv

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/linkedin/goavro/v2"

	"github.com/suiro/suiro/connect/data"
)

// ErrValue is the cause of an error about data that does not fit its schema.
var ErrValue = errors.New("avro value")

// Codec writes and reads the binary encoding of one schema. It may be shared
// by goroutines.
type Codec struct {
	schema *data.Schema
	text   string
	root   *node
	avro   *goavro.Codec
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
	bare, err := withoutLogicalTypes(text)
	if err != nil {
		return nil, err
	}
	avro, err := goavro.NewCodec(bare)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSchema, err)
	}
	return &Codec{schema: s, text: text, root: root, avro: avro}, nil
}

// withoutLogicalTypes leaves goavro the types below the logical ones: which Go
// type a logical one has is decided here, by package data.
func withoutLogicalTypes(text string) (string, error) {
	var raw any
	if err := json.Unmarshal([]byte(text), &raw); err != nil {
		return "", fmt.Errorf("%w: not JSON: %w", ErrSchema, err)
	}
	strip(raw)
	out, err := json.Marshal(raw)
	return string(out), err
}

func strip(raw any) {
	switch raw := raw.(type) {
	case []any:
		for _, v := range raw {
			strip(v)
		}
	case map[string]any:
		delete(raw, "logicalType")
		delete(raw, "default") // reading a datum needs none
		for _, v := range raw {
			strip(v)
		}
	}
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
	native, rest, err := c.avro.NativeFromBinary(raw)
	if err != nil {
		return nil, fmt.Errorf("%w: decode %d bytes: %w", ErrValue, len(raw), err)
	}
	if len(rest) > 0 {
		return nil, fmt.Errorf("%w: %d bytes after the datum of %d: was it written with another schema?",
			ErrValue, len(rest), len(raw)-len(rest))
	}
	return c.root.fromNative(native)
}
