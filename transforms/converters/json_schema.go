package converters

import (
	"strings"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/transforms/formats/jsonschema"
	"github.com/suiro/suiro/transforms/formats/registry"
)

// JSONSchemaClass is the name the JsonSchemaConverter is configured by.
const JSONSchemaClass = "io.confluent.connect.json.JsonSchemaConverter"

const (
	keyOpen      = "object.additional.properties"
	keyRequired  = "use.optional.for.nonrequired"
	keyKeepNulls = "ignore.default.for.nullables"
	keySums      = "generalized.sum.type.support"
	keyInvalid   = "json.fail.invalid.schema"
)

// JSONSchemaPlugin returns the JsonSchemaConverter as a worker loads it.
func JSONSchemaPlugin() connect.ConverterPlugin {
	return connect.ConverterPlugin{
		Info: connect.Info{Class: JSONSchemaClass, Def: JSONSchemaDef(), Validate: validateRegistered,
			Doc: "JSON with a JSON Schema in a schema registry."},
		New: func(c config.Values, isKey bool) (connect.Converter, error) { return NewJSONSchema(c, isKey) },
	}
}

// JSONSchemaDef returns the keys of the JsonSchemaConverter.
func JSONSchemaDef() *config.Def {
	return config.New(registry.Keys()...).With(
		config.Key{Name: keyDecimal, Type: config.String, Default: "BASE64", Importance: config.Low,
			Valid: config.OneOf(true, "BASE64", "NUMERIC"),
			Doc:   "Whether decimals are written as base64 text or as numbers; both are read."},
		config.Key{Name: keyOpen, Type: config.Boolean, Default: true, Importance: config.Medium,
			Doc: "Whether schemas that are registered allow objects to have members that they do not name."},
		config.Key{Name: keyRequired, Type: config.Boolean, Default: false, Importance: config.Medium,
			Doc: "Whether fields are optional that a schema does not have among those required."},
		config.Key{Name: keyInvalid, Type: config.Boolean, Default: false, Importance: config.Medium,
			Doc: "Whether each message is checked against its schema: lengths, patterns, ranges and all else. Otherwise only " +
				"types are; what is written with use.latest.version or use.schema.id is checked always."},
		config.Key{Name: keyKeepNulls, Type: config.Boolean, Default: false, Importance: config.Low,
			Doc: "Whether null is written as null where its schema has a default, and not as the default."},
		sumsKey(),
		noEffect("flatten.singleton.unions", true, "a union of one type is always that type"),
		noEffect("json.fail.unknown.properties", true, "members that the schema does not name are left out"),
		noEffect("json.oneof.for.nullables", true, "what is optional is always written as oneOf with null"),
		noEffect("json.indent.output", false, "messages have no blanks"))
}

// sumsKey is a key that several of Confluent's converters have.
func sumsKey() config.Key {
	return config.Key{Name: keySums, Type: config.Boolean, Default: false, Importance: config.Medium,
		Doc: "Whether unions and enums have the names that Confluent's converters have in common, such as connect_union_0."}
}

var _ connect.Converter = (*JSONSchema)(nil)

// JSONSchema turns Connect's data into JSON whose JSON Schema is in a schema registry,
// and back. It may be shared by goroutines.
//
// It writes and reads the messages of Confluent's serializers, and registers schemas as
// [Avro] does. The doc of package jsonschema says how schemas and data map, and what
// differs from Confluent's converter; of that, the keys of schema.backup and of rules are
// missing, preserve.additional.properties, and what the doc of package registry lists.
type JSONSchema struct{ registered }

// NewJSONSchema returns a JsonSchemaConverter for keys or values.
func NewJSONSchema(c config.Values, isKey bool) (*JSONSchema, error) {
	r, err := openRegistered(c, isKey, "json schema", jsonschema.Format(jsonschema.Options{
		NumericDecimals: strings.EqualFold(c.String(keyDecimal), "NUMERIC"),
		Open:            c.Bool(keyOpen),
		Required:        c.Bool(keyRequired),
		KeepNulls:       c.Bool(keyKeepNulls),
		GeneralSums:     c.Bool(keySums),
		Validate:        c.Bool(keyInvalid),
	}))
	if err != nil {
		return nil, err
	}
	return &JSONSchema{r}, nil
}

// Format is none that anyone else understands.
func (c *JSONSchema) Format() string { return "" }

// FromConnect encodes a value with its schema, or with the latest schema of the subject.
// Null without a schema is null in Kafka.
func (c *JSONSchema) FromConnect(topic string, schema *data.Schema, value any) ([]byte, error) {
	return c.encode(topic, schema, value)
}

// ToConnect decodes a message. Null in Kafka is null without a schema.
func (c *JSONSchema) ToConnect(topic string, raw []byte) (*data.Schema, any, error) {
	return c.decode(topic, raw)
}
