package converters

import (
	"fmt"
	"strings"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/transforms/formats/json"
)

// JSONClass is the name the JsonConverter is configured by.
const JSONClass = "org.apache.kafka.connect.json.JsonConverter"

const (
	keySchemas = "schemas.enable"
	keyCache   = "schemas.cache.size"
	keyDecimal = "decimal.format"
	keyNull    = "replace.null.with.default"
	keyContent = "schema.content"
)

// JSONDef returns the keys of the JsonConverter.
func JSONDef() *config.Def {
	return config.New(
		config.Key{Name: keySchemas, Type: config.Boolean, Default: true,
			Doc: "Whether each message holds its schema as well as its payload."},
		config.Key{Name: keyCache, Type: config.Int, Default: 1000,
			Doc: "How many schemas to keep parsed and written; 0 for none."},
		config.Key{Name: keyDecimal, Type: config.String, Default: "BASE64", Importance: config.Low,
			Valid: config.OneOf(true, "BASE64", "NUMERIC"),
			Doc:   "Whether decimals are written as base64 text or as numbers; both are read."},
		config.Key{Name: keyNull, Type: config.Boolean, Default: true, Importance: config.Low,
			Doc: "Whether null becomes the default of a field that has one."},
		config.Key{Name: keyContent, Type: config.String, Importance: config.Low,
			Valid: config.Func("the JSON of a schema", func(v any) error {
				_, err := contentSchema(fmt.Sprint(v))
				return err
			}),
			Doc: "Schema that sinks read all messages by, as JSON; the messages are then payloads without a schema."},
		typeKey(),
	)
}

// JSONPlugin returns the JsonConverter as a worker loads it.
func JSONPlugin() connect.ConverterPlugin {
	return connect.ConverterPlugin{
		Info: connect.Info{Class: JSONClass, Def: JSONDef(),
			Doc: "JSON, with its schema in an envelope, or plain with schemas.enable=false."},
		New: func(c config.Values, _ bool) (connect.Converter, error) { return NewJSON(c), nil },
	}
}

var _ connect.Converter = (*JSON)(nil)

// JSON is Kafka Connect's JsonConverter: data as JSON text, with its schema or
// without. It may be shared by goroutines.
type JSON struct {
	codec    *json.Codec
	envelope bool
}

// NewJSON returns a converter of the values of [JSONDef].
func NewJSON(v config.Values) *JSON {
	o := json.Options{
		Envelope: v.Bool(keySchemas),
		Kept:     v.Int(keyCache),
		Form: data.JSONOptions{
			NumericDecimals: strings.EqualFold(v.String(keyDecimal), "NUMERIC"),
			KeepNulls:       !v.Bool(keyNull),
		},
	}
	if o.Envelope {
		o.Schema, _ = contentSchema(v.String(keyContent)) // validated
	}
	return &JSON{codec: json.NewCodec(o), envelope: o.Envelope}
}

// contentSchema reads the schema of schema.content, nil for none.
func contentSchema(text string) (*data.Schema, error) {
	if text == "" || text == "null" {
		return nil, nil
	}
	return json.ReadSchema([]byte(text), false)
}

// Format is [connect.FormatJSON] for messages without schema: a sink may pass such
// bytes on as they are, because decoding and writing them again would change
// nothing. With an envelope or a schema it would.
func (c *JSON) Format() string {
	if c.envelope {
		return ""
	}
	return connect.FormatJSON
}

// FromConnect encodes a value. Null without a schema is null in Kafka.
func (c *JSON) FromConnect(topic string, schema *data.Schema, value any) ([]byte, error) {
	if schema == nil && value == nil {
		return nil, nil
	}
	raw, err := c.codec.Append(nil, schema, value)
	if err != nil {
		return nil, fmt.Errorf("encode json for topic %s: %w", topic, err)
	}
	return raw, nil
}

// ToConnect decodes a message. Null in Kafka is null without a schema, and so
// is the text null when messages hold no schema.
func (c *JSON) ToConnect(topic string, raw []byte) (*data.Schema, any, error) {
	if raw == nil {
		return nil, nil, nil
	}
	schema, value, err := c.codec.Decode(raw)
	if err != nil {
		return nil, nil, fmt.Errorf("decode json of topic %s: %w", topic, err)
	}
	return schema, value, nil
}
