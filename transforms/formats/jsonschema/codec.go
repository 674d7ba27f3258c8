package jsonschema

import (
	"fmt"
	"sync"

	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/transforms/formats/json"
	"github.com/suiro/suiro/transforms/formats/registry"
)

// Options changes how schemas and data map. The zero value is the default of Confluent's
// converter, except that Open is true there.
type Options struct {
	// NumericDecimals writes decimals as numbers (decimal.format=NUMERIC). Default: base64
	// text. Both are read.
	NumericDecimals bool
	// Open says that objects that are written may have members that the schema does not
	// name (object.additional.properties). Default: they may not.
	Open bool
	// Required makes fields optional that are not among those required
	// (use.optional.for.nonrequired). Default: required is ignored.
	Required bool
	// KeepNulls writes null for a null whose schema has a default
	// (ignore.default.for.nullables). Default: the default is written.
	KeepNulls bool
	// GeneralSums names unions and enums as all of Confluent's converters do
	// (generalized.sum.type.support). Default: as this one does.
	GeneralSums bool
	// Validate checks each message against its schema (json.fail.invalid.schema).
	Validate bool
}

// Format returns the format of JSON Schema.
func Format(o Options) *registry.Format {
	return &registry.Format{
		Name: "JSON Schema", Type: "JSON", ErrSchema: ErrSchema, ErrValue: data.ErrInvalid,
		Hint: "is it JSON without a registry, for JsonConverter, or another format?",
		Parse: func(text string, references []registry.Reference) (registry.Codec, error) {
			return Parse(text, references, o)
		},
		New: func(s *data.Schema) (registry.Codec, error) { return New(s, o) },
	}
}

// Codec writes and reads JSON of one schema. It may be shared by goroutines.
type Codec struct {
	schema  *data.Schema
	text    string
	options Options
	reading json.Dialect
	writing func() *validator // of what is written
	checks  *validator        // of what is read, nil if it is not checked
}

var _ registry.Codec = (*Codec)(nil)

// New returns the codec of a Connect schema.
func New(s *data.Schema, o Options) (*Codec, error) {
	text, err := Text(s, o)
	if err != nil {
		return nil, err
	}
	return newCodec(s, text, nil, o)
}

// Parse returns the codec of the text of a JSON Schema. What is written with it is always
// checked, because the data may be of another schema.
func Parse(text string, references []registry.Reference, o Options) (*Codec, error) {
	s, err := ParseSchema(text, references, o)
	if err != nil {
		return nil, err
	}
	c, err := newCodec(s, text, references, o)
	if err == nil && !o.Validate {
		c.writing = sync.OnceValue(func() *validator { return newValidator(text, references) })
	}
	return c, err
}

func newCodec(s *data.Schema, text string, references []registry.Reference, o Options) (*Codec, error) {
	c := &Codec{schema: s, text: text, options: o, reading: dialect()}
	if o.Validate {
		c.checks = newValidator(text, references)
		if c.checks.err != nil {
			return nil, c.checks.err
		}
	}
	c.writing = func() *validator { return c.checks }
	return c, nil
}

// dialect is how JSON of Confluent's converter differs from that of Kafka Connect's.
func dialect() json.Dialect {
	return json.Dialect{Absent: true, Entries: true, IsUnion: isUnion, Branch: branch}
}

// Schema returns the Connect schema.
func (c *Codec) Schema() *data.Schema { return c.schema }

// Text returns the JSON Schema.
func (c *Codec) Text() string { return c.text }

// Size implements [registry.Codec].
func (c *Codec) Size() int { return 2*c.schema.Size() + 10*len(c.text) }

// Append appends a value as JSON, by its own schema, or by what it is when that is nil.
func (c *Codec) Append(dst []byte, s *data.Schema, value any) ([]byte, error) {
	out, err := encoder{c.options}.append(dst, s, value)
	if err != nil {
		return dst, err
	}
	if err := c.writing().check(out[len(dst):]); err != nil {
		return dst, err
	}
	return out, nil
}

// Decode reads a message.
func (c *Codec) Decode(raw []byte) (*data.Schema, any, error) {
	v, err := c.reading.Decode(raw, c.schema)
	if err != nil {
		return nil, nil, fmt.Errorf("decode json of %d bytes: %w", len(raw), err)
	}
	if err := c.checks.check(raw); err != nil {
		return nil, nil, err
	}
	return c.schema, v, nil
}
