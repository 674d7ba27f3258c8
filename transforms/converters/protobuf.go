package converters

import (
	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/transforms/formats/protobuf"
	"github.com/suiro/suiro/transforms/formats/registry"
)

// ProtobufClass is the name the ProtobufConverter is configured by.
const ProtobufClass = "io.confluent.connect.protobuf.ProtobufConverter"

const (
	keyFullNames    = "enhanced.protobuf.schema.support"
	keyScrub        = "scrub.invalid.names"
	keyIntEnums     = "int.for.enums"
	keyOptional     = "optional.for.nullables"
	keyProto2       = "optional.for.proto2"
	keyWrapper      = "wrapper.for.nullables"
	keyRawWrapper   = "wrapper.for.raw.primitives"
	keyNullStructs  = "generate.struct.for.nulls"
	keyUnionIndex   = "generate.index.for.unions"
	keyFlattenUnion = "flatten.unions"
)

// ProtobufPlugin returns the ProtobufConverter as a worker loads it.
func ProtobufPlugin() connect.ConverterPlugin {
	return connect.ConverterPlugin{
		Info: connect.Info{Class: ProtobufClass, Def: ProtobufDef(), Validate: validateRegistered,
			Doc: "Protobuf, with a schema registry."},
		New: func(c config.Values, isKey bool) (connect.Converter, error) { return NewProtobuf(c, isKey) },
	}
}

// ProtobufDef returns the keys of the ProtobufConverter.
func ProtobufDef() *config.Def {
	key := func(name string, def bool, doc string) config.Key {
		return config.Key{Name: name, Type: config.Boolean, Default: def, Importance: config.Medium, Doc: doc}
	}
	return config.New(registry.Keys()...).With(
		key(keyFullNames, false, "Whether names of schemas keep the package of the message or enum."),
		key(keyScrub, false, "Whether names that Protobuf does not allow are replaced when schemas are registered, as in "+
			"x_2Dforwarded; otherwise they are an error."),
		key(keyIntEnums, false, "Whether enums are read as INT32; otherwise they are STRING."),
		key(keyOptional, false, "Whether what is optional is an optional field, which keeps null and a value of 0 or empty "+
			"apart. Otherwise, and without wrapper.for.nullables, all is read as optional, and null is written as nothing, "+
			"which reads as 0 or empty."),
		key(keyProto2, true, "Whether optional fields of proto2 that are not there are null; otherwise they are their "+
			"default."),
		key(keyWrapper, false, "Whether what is optional is in a wrapper, such as google.protobuf.Int32Value; otherwise "+
			"a wrapper is read as a STRUCT."),
		key(keyRawWrapper, true, "Whether a record that is a wrapper is read as the value in it."),
		key(keyNullStructs, false, "Whether a message that is not there is read as a STRUCT whose fields are 0 or empty; "+
			"otherwise it is null."),
		key(keyUnionIndex, true, "Whether the field of a oneof has its number in its name, as in kind_0."),
		key(keyFlattenUnion, false, "Whether the fields of a oneof are read as fields of the message; otherwise they are a "+
			"STRUCT."),
		config.Key{Name: keyKeepNulls, Type: config.Boolean, Default: false, Importance: config.Low,
			Doc: "Whether null is left out where its schema has a default, instead of written as the default."},
		sumsKey(),
		noEffect("skip.known.types", true, "the files of Protobuf and Confluent are never registered as references"))
}

var _ connect.Converter = (*Protobuf)(nil)

// Protobuf turns Connect's data into Protobuf whose schema is in a schema registry, and
// back. It may be shared by goroutines.
//
// It writes and reads the messages of Confluent's serializers, and registers schemas as
// [Avro] does. The doc of package protobuf says how schemas and data map, and what differs
// from Confluent's converter.
type Protobuf struct{ registered }

// NewProtobuf returns a ProtobufConverter for keys or values.
func NewProtobuf(c config.Values, isKey bool) (*Protobuf, error) {
	r, err := openRegistered(c, isKey, "protobuf", protobuf.Format(protobuf.Options{
		FullNames:            c.Bool(keyFullNames),
		ScrubNames:           c.Bool(keyScrub),
		IntEnums:             c.Bool(keyIntEnums),
		OptionalNullables:    c.Bool(keyOptional),
		IgnoreProto2Optional: !c.Bool(keyProto2),
		WrapperNullables:     c.Bool(keyWrapper),
		KeepRootWrappers:     !c.Bool(keyRawWrapper),
		StructsForNulls:      c.Bool(keyNullStructs),
		PlainUnionNames:      !c.Bool(keyUnionIndex),
		FlattenUnions:        c.Bool(keyFlattenUnion),
		KeepNulls:            c.Bool(keyKeepNulls),
		GeneralSums:          c.Bool(keySums),
	}))
	if err != nil {
		return nil, err
	}
	return &Protobuf{r}, nil
}

// Format is none that anyone else understands.
func (c *Protobuf) Format() string { return "" }

// FromConnect encodes a value with its schema, or with the latest schema of the subject.
// Null is null in Kafka, because Protobuf has none.
func (c *Protobuf) FromConnect(topic string, schema *data.Schema, value any) ([]byte, error) {
	if value == nil {
		return nil, nil
	}
	return c.encode(topic, schema, value)
}

// ToConnect decodes a message. Null in Kafka is null without a schema.
func (c *Protobuf) ToConnect(topic string, raw []byte) (*data.Schema, any, error) {
	return c.decode(topic, raw)
}
