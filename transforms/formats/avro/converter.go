package avro

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"sync"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/data"
)

// Class is the name the converter is configured by.
const Class = "io.confluent.connect.avro.AvroConverter"

// Plugin returns the converter as a worker loads it.
func Plugin() connect.ConverterPlugin {
	return connect.ConverterPlugin{
		Info: connect.Info{Class: Class, Version: "0.1.0", Def: Def(), Validate: Validate},
		New: func(c config.Values, isKey bool) (connect.Converter, error) {
			return NewConverter(c, isKey)
		},
	}
}

var _ connect.Converter = (*Converter)(nil)

// Converter turns Connect's data into Avro messages and back. It may be shared
// by goroutines.
type Converter struct {
	file     *Codec    // of schema.file, or nil
	registry *Registry // or nil
	isKey    bool
	strategy string
	lookup   bool
	latest   bool
	most     int

	mu       sync.RWMutex
	compiled map[compiledKey]registryID // guarded by mu
}

// compiledKey holds the schema by its address: it is immutable, and the map
// keeps it from being freed and its address from being used again.
type compiledKey struct {
	subject string
	schema  *data.Schema
}

// NewConverter returns a converter for keys or values.
func NewConverter(c config.Values, isKey bool) (*Converter, error) {
	if errs := Validate(c); len(errs) > 0 {
		return nil, errs
	}
	cv := &Converter{isKey: isKey, strategy: shortClass(c.String(keyStrategy)), lookup: !c.Bool(keyRegister),
		latest: c.Bool(keyLatest), most: c.Int(keyCache), compiled: map[compiledKey]registryID{}}
	if isKey {
		cv.strategy = shortClass(c.String(keyKeyStrategy))
	}
	var err error
	if path := c.String(keyFile); path != "" {
		cv.file, err = ReadCodec(path)
	} else {
		cv.registry, err = OpenRegistry(c)
	}
	if err != nil {
		return nil, fmt.Errorf("avro converter: %w", err)
	}
	return cv, nil
}

// ReadCodec returns the codec of the Avro schema in a file.
func ReadCodec(path string) (*Codec, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", keyFile, err)
	}
	c, err := ParseCodec(text)
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", keyFile, path, err)
	}
	return c, nil
}

// Format is [connect.FormatAvro] with a schema file, when a message is a datum
// alone, and nothing anyone else understands with a registry.
func (c *Converter) Format() string {
	if c.file != nil {
		return connect.FormatAvro
	}
	return ""
}

// FromConnect encodes a value. With a schema file that schema counts, so that
// data without one is encoded too; with a registry the data's own counts, or
// the subject's latest. Null without a schema is null in Kafka.
func (c *Converter) FromConnect(topic string, schema *data.Schema, value any) ([]byte, error) {
	if value == nil && (schema == nil || c.file != nil) {
		return nil, nil
	}
	if c.file != nil {
		raw, err := c.file.Append(nil, value)
		return raw, c.failed(topic, "encode", err)
	}
	r, err := c.writeSchema(topic, schema)
	if err != nil {
		return nil, c.failed(topic, "encode", err)
	}
	raw := binary.BigEndian.AppendUint32([]byte{0}, uint32(r.id))
	if raw, err = r.codec.Append(raw, value); err != nil {
		return nil, c.failed(topic, "encode", err)
	}
	return raw, nil
}

// writeSchema finds or registers what to write data of schema with.
func (c *Converter) writeSchema(topic string, schema *data.Schema) (registryID, error) {
	subject, err := c.subject(topic, schema)
	if err != nil {
		return registryID{}, err
	}
	if c.latest {
		id, codec, err := c.registry.Latest(subject)
		return registryID{id, codec}, err
	}
	key := compiledKey{subject, schema}
	c.mu.RLock()
	r, ok := c.compiled[key]
	c.mu.RUnlock()
	if ok {
		return r, nil
	}
	codec, err := NewCodec(schema)
	if err != nil {
		return registryID{}, err
	}
	id, err := c.registry.Register(subject, codec.Text(), c.lookup)
	if err != nil {
		return registryID{}, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.compiled) >= c.most {
		clear(c.compiled)
	}
	c.compiled[key] = registryID{id, codec}
	return c.compiled[key], nil
}

// subject names the registry's subject by the strategy.
func (c *Converter) subject(topic string, schema *data.Schema) (string, error) {
	if c.strategy == "TopicNameStrategy" {
		if c.isKey {
			return topic + "-key", nil
		}
		return topic + "-value", nil
	}
	if schema == nil || schema.Name == "" {
		return "", fmt.Errorf("%w: %s wants a schema with a name", ErrSchema, c.strategy)
	}
	if c.strategy == "RecordNameStrategy" {
		return schema.Name, nil
	}
	return topic + "-" + schema.Name, nil
}

// ToConnect decodes a message. Null in Kafka is null without a schema.
func (c *Converter) ToConnect(topic string, raw []byte) (*data.Schema, any, error) {
	if raw == nil {
		return nil, nil, nil
	}
	codec, datum := c.file, raw
	if codec == nil {
		var err error
		if codec, datum, err = c.readSchema(raw); err != nil {
			return nil, nil, c.failed(topic, "decode", err)
		}
	}
	v, err := codec.Decode(datum)
	if err != nil {
		return nil, nil, c.failed(topic, "decode", err)
	}
	return codec.Schema(), v, nil
}

var errMagic = errors.New("message is not Avro of a schema registry, which begins with byte 0 and a schema id " +
	"of 4 bytes: is it plain Avro, for schema.file, or another format?")

func (c *Converter) readSchema(raw []byte) (*Codec, []byte, error) {
	if len(raw) < 5 || raw[0] != 0 {
		return nil, nil, fmt.Errorf("%w: %w", ErrValue, errMagic)
	}
	codec, err := c.registry.Codec(int(binary.BigEndian.Uint32(raw[1:5])))
	return codec, raw[5:], err
}

func (c *Converter) failed(topic, op string, err error) error {
	if err == nil {
		return nil
	}
	part := "value"
	if c.isKey {
		part = "key"
	}
	return fmt.Errorf("%s avro %s for topic %s: %w", op, part, topic, err)
}
