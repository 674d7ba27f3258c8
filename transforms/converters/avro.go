package converters

import (
	"context"
	"fmt"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/transforms/formats/avro"
	"github.com/suiro/suiro/transforms/formats/registry"
)

// AvroClass is the name the AvroConverter is configured by.
const AvroClass = "io.confluent.connect.avro.AvroConverter"

const (
	// keyFile is the one key that Confluent's converter does not have.
	keyFile     = "schema.file"
	keyEnhanced = "enhanced.avro.schema.support"
)

// AvroPlugin returns the AvroConverter as a worker loads it.
func AvroPlugin() connect.ConverterPlugin {
	return connect.ConverterPlugin{
		Info: connect.Info{Class: AvroClass, Def: AvroDef(), Validate: validateAvro,
			Doc: "Avro, with a schema registry or one schema from a file."},
		New: func(c config.Values, isKey bool) (connect.Converter, error) {
			return NewAvro(c, isKey)
		},
	}
}

// AvroDef returns the keys of the AvroConverter.
func AvroDef() *config.Def {
	return config.New(registry.Keys()...).Change(registry.KeyURL, func(k *config.Key) {
		k.Doc = "Addresses of the schema registry, tried in turn; needed unless schema.file is given."
	}).With(
		config.Key{Name: keyFile, Type: config.String, Doc: "Avro schema of every record, from a file instead of a " +
			"schema registry; messages are then Avro alone, without a schema id."},
		config.Key{Name: keyEnhanced, Type: config.Boolean, Default: false, Importance: config.Low,
			Doc: "Whether the fields that stand for the types of a union keep their namespace. Enums always come back as " +
				"enums, and all other names keep it anyway."},
		noEffect("connect.meta.data", true, "schemas always say what Connect knows of them"),
		noEffect("scrub.invalid.names", false, "names of fields that Avro does not allow are always replaced, and come back"),
		noEffect("flatten.singleton.unions", true, "a union of one type is always that type"))
}

// noEffect declares a key of Confluent's converter, so that configurations that
// set it are not refused.
func noEffect(name string, def bool, why string) config.Key {
	return config.Key{Name: name, Type: config.Boolean, Default: def, Importance: config.Low,
		Doc: "No effect: " + why + "."}
}

func validateAvro(c config.Values) config.Errors {
	var errs config.Errors
	file, urls := c.String(keyFile), c.List(registry.KeyURL)
	switch {
	case file == "" && len(urls) == 0:
		errs = append(errs, config.Errorf(registry.KeyURL, "",
			"give the address of a schema registry, or a file with an Avro schema in %s", keyFile))
	case file != "" && len(urls) > 0:
		errs = append(errs, config.Errorf(keyFile, file, "%s is set as well: choose one", registry.KeyURL))
	}
	return append(errs, registry.Validate(c)...)
}

var (
	_ connect.Converter        = (*Avro)(nil)
	_ connect.ConverterChecker = (*Avro)(nil)
)

// Avro turns Connect's data into Avro messages and back, with a schema registry
// or a schema file. It may be shared by goroutines.
//
// With schema.registry.url it writes and reads the messages of Confluent's
// serializers, and registers schemas under the subject that
// value.subject.name.strategy and key.subject.name.strategy name, unless
// auto.register.schemas is false. With schema.file, which Confluent's converter
// does not have, a message is a datum alone. [AvroDef] has all keys; those of TLS
// begin with schema.registry.ssl.
//
// The doc of package avro says how schemas and data map, unions included. These
// parts of Confluent's converter are missing: schemas other than Avro, data without
// a schema unless a schema file gives it one, maps with keys that are not strings,
// schemas that contain themselves, discard.type.doc.default, and what the doc of package
// registry lists.
type Avro struct {
	file     *avro.Codec        // of schema.file, or nil
	messages *registry.Messages // or nil
	part     string             // key or value
}

// NewAvro returns an AvroConverter for keys or values.
func NewAvro(c config.Values, isKey bool) (*Avro, error) {
	if errs := validateAvro(c); len(errs) > 0 {
		return nil, errs
	}
	cv := &Avro{part: "value"}
	if isKey {
		cv.part = "key"
	}
	reading := avro.Reading{FullNames: c.Bool(keyEnhanced)}
	var err error
	if path := c.String(keyFile); path == "" {
		cv.messages, err = registry.OpenMessages(c, isKey, registry.Avro(reading))
	} else if cv.file, err = reading.ReadCodec(path); err != nil {
		err = fmt.Errorf("%s: %w", keyFile, err)
	}
	if err != nil {
		return nil, fmt.Errorf("avro converter: %w", err)
	}
	return cv, nil
}

// Format is [connect.FormatAvro] with a schema file, when a message is a datum
// alone, and nothing anyone else understands with a registry.
func (c *Avro) Format() string {
	if c.file != nil {
		return connect.FormatAvro
	}
	return ""
}

// Check implements [connect.ConverterChecker]: it asks the registry, if there is one.
func (c *Avro) Check(ctx context.Context) (found string, err error) {
	if c.messages == nil {
		return "", nil
	}
	return c.messages.Check(ctx)
}

// FromConnect encodes a value. With a schema file that schema counts, so that
// data without one is encoded too; with a registry the data's own counts, or
// the subject's latest. Null without a schema is null in Kafka.
func (c *Avro) FromConnect(topic string, schema *data.Schema, value any) (raw []byte, err error) {
	switch {
	case value == nil && (schema == nil || c.file != nil):
		return nil, nil
	case c.file != nil:
		raw, err = c.file.Append(nil, value)
	default:
		raw, err = c.messages.Encode(topic, schema, value)
	}
	if err != nil {
		return nil, c.failed("encode", topic, err)
	}
	return raw, nil
}

// ToConnect decodes a message. Null in Kafka is null without a schema.
func (c *Avro) ToConnect(topic string, raw []byte) (schema *data.Schema, value any, err error) {
	switch {
	case raw == nil:
		return nil, nil, nil
	case c.file != nil:
		schema = c.file.Schema()
		value, err = c.file.Decode(raw)
	default:
		schema, value, err = c.messages.Decode(raw)
	}
	if err != nil {
		return nil, nil, c.failed("decode", topic, err)
	}
	return schema, value, nil
}

func (c *Avro) failed(op, topic string, err error) error {
	return fmt.Errorf("%s avro %s for topic %s: %w", op, c.part, topic, err)
}
