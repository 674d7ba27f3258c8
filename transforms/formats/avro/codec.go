package avro

import (
	"fmt"

	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/internal/smallfile"
	"github.com/suiro/suiro/transforms/formats/avro/internal/datum"
)

// ErrValue is the cause of an error about data that does not fit its schema.
var ErrValue = datum.ErrValue

// Codec encodes and decodes values of one schema in Avro's binary form. Values are
// as package data describes them. It may be shared by goroutines.
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

// ParseCodec returns the codec of the JSON text of an Avro schema. For references
// see [ParseSchema]. [Codec.Text] is the text as given, or with references a text
// that defines all its types itself.
func ParseCodec(text []byte, references ...[]byte) (*Codec, error) {
	return Reading{}.ParseCodec(text, references...)
}

// ParseCodec is the function ParseCodec with schemas that are read like this.
func (r Reading) ParseCodec(text []byte, references ...[]byte) (*Codec, error) {
	s, err := r.parse(text, references)
	if err != nil {
		return nil, err
	}
	if len(references) > 0 {
		return NewCodec(s)
	}
	return newCodec(s, string(text))
}

// ReadCodec returns the codec of the Avro schema in a file. Errors name the file.
func ReadCodec(path string) (*Codec, error) { return Reading{}.ReadCodec(path) }

// ReadCodec is the function ReadCodec with a schema that is read like this.
func (r Reading) ReadCodec(path string) (*Codec, error) {
	text, err := smallfile.ReadRegular(path)
	if err != nil {
		return nil, err
	}
	c, err := r.ParseCodec(text)
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

// Text returns the JSON text of the Avro schema.
func (c *Codec) Text() string { return c.text }

// Size returns about how many bytes of memory the codec takes, for a cache that counts
// them.
func (c *Codec) Size() int { return 2*c.schema.Size() + len(c.text) }

// Append appends value in Avro's binary form. On error it returns dst unchanged;
// the error names the field.
func (c *Codec) Append(dst []byte, value any) ([]byte, error) {
	out, err := c.root.Append(dst, value)
	if err != nil {
		return dst, err
	}
	return out, nil
}

// Decode decodes raw, which must be one datum and nothing else.
func (c *Codec) Decode(raw []byte) (any, error) {
	v, rest, err := c.DecodeNext(raw)
	if err != nil {
		return nil, err
	}
	if len(rest) > 0 {
		return nil, fmt.Errorf("%w: %d bytes follow the datum of %d bytes: was it written with another schema?",
			ErrValue, len(rest), len(raw)-len(rest))
	}
	return v, nil
}

// DecodeNext decodes the datum at the beginning of raw and returns the bytes after
// it.
func (c *Codec) DecodeNext(raw []byte) (v any, rest []byte, err error) {
	if v, rest, err = c.root.Decode(raw); err != nil {
		return nil, nil, fmt.Errorf("decode avro of %d bytes: %w", len(raw), err)
	}
	return v, rest, nil
}
