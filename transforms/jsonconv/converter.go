package jsonconv

import (
	"fmt"
	"strings"
	"sync"

	"github.com/valyala/fastjson"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/data"
)

// Class is the name the converter is configured by.
const Class = "org.apache.kafka.connect.json.JsonConverter"

const (
	keySchemas = "schemas.enable"
	keyCache   = "schemas.cache.size"
	keyDecimal = "decimal.format"
	keyNull    = "replace.null.with.default"
)

// Def returns the keys of the converter.
func Def() *config.Def {
	return config.New(
		config.Key{Name: keySchemas, Type: config.Boolean, Default: true,
			Doc: "Whether each message holds its schema beside its payload."},
		config.Key{Name: keyCache, Type: config.Int, Default: 1000, Valid: config.AtLeast(1),
			Doc: "How many schemas to keep parsed and written."},
		config.Key{Name: keyDecimal, Type: config.String, Default: "BASE64", Importance: config.Low,
			Valid: config.OneOf(true, "BASE64", "NUMERIC"),
			Doc:   "Whether decimals are written as base64 text or as numbers; both are read."},
		config.Key{Name: keyNull, Type: config.Boolean, Default: true, Importance: config.Low,
			Doc: "Whether null becomes the default of a field that has one."},
	)
}

// Plugin returns the converter as a worker loads it.
func Plugin() connect.ConverterPlugin {
	return connect.ConverterPlugin{
		Info: connect.Info{Class: Class, Version: "0.1.0", Def: Def()},
		New:  func(c config.Values, _ bool) (connect.Converter, error) { return New(c), nil },
	}
}

var _ connect.Converter = (*Converter)(nil)

// Converter turns Connect's data into JSON and back. It may be shared by
// goroutines.
type Converter struct {
	schemas bool
	form    data.JSONOptions
	kept    int // how many schemas are remembered
	parsers fastjson.ParserPool

	mu      sync.RWMutex
	written map[*data.Schema][]byte // guarded by mu; keeps its keys from being freed
	parsed  map[string]*data.Schema // guarded by mu
}

// New returns a converter of the values of [Def].
func New(c config.Values) *Converter {
	return &Converter{
		schemas: c.Bool(keySchemas),
		form: data.JSONOptions{
			NumericDecimals: strings.EqualFold(c.String(keyDecimal), "NUMERIC"),
			KeepNulls:       !c.Bool(keyNull),
		},
		kept:    c.Int(keyCache),
		written: map[*data.Schema][]byte{},
		parsed:  map[string]*data.Schema{},
	}
}

// Format is [connect.FormatJSON] without schemas; an envelope means nothing to
// who looks for the payload.
func (c *Converter) Format() string {
	if c.schemas {
		return ""
	}
	return connect.FormatJSON
}

// FromConnect encodes a value. Null without a schema is null in Kafka.
func (c *Converter) FromConnect(topic string, schema *data.Schema, value any) ([]byte, error) {
	if schema == nil && value == nil {
		return nil, nil
	}
	raw, err := c.encode(schema, value)
	if err != nil {
		return nil, fmt.Errorf("encode json for topic %s: %w", topic, err)
	}
	return raw, nil
}

func (c *Converter) encode(schema *data.Schema, value any) ([]byte, error) {
	if !c.schemas {
		return data.AppendJSON(nil, schema, value, c.form)
	}
	text, err := c.schemaText(schema)
	if err != nil {
		return nil, err
	}
	raw := append([]byte(`{"schema":`), text...)
	raw = append(raw, `,"payload":`...)
	if raw, err = data.AppendJSON(raw, schema, value, c.form); err != nil {
		return nil, err
	}
	return append(raw, '}'), nil
}

// schemaText returns the JSON of schema, which is not written twice.
func (c *Converter) schemaText(schema *data.Schema) ([]byte, error) {
	c.mu.RLock()
	text, ok := c.written[schema]
	c.mu.RUnlock()
	if ok {
		return text, nil
	}
	text, err := c.appendSchema(nil, schema, "")
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.written) >= c.kept {
		clear(c.written)
	}
	c.written[schema] = text
	return text, nil
}

// ToConnect decodes a message. Null in Kafka is null without a schema, and so
// is the text null when messages hold no schema.
func (c *Converter) ToConnect(topic string, raw []byte) (*data.Schema, any, error) {
	if raw == nil {
		return nil, nil, nil
	}
	schema, value, err := c.decode(raw)
	if err != nil {
		return nil, nil, fmt.Errorf("decode json of topic %s: %w", topic, err)
	}
	return schema, value, nil
}
