package avro

import (
	"errors"
	"fmt"

	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/streams/serdes"
	"github.com/suiro/suiro/streams/topology"
	"github.com/suiro/suiro/transforms/formats/avro"
	"github.com/suiro/suiro/transforms/formats/registry"
)

// RegistrySerde writes the messages of Confluent's Avro serializer with one schema, and
// reads those of any schema that the registry has. It is a [serdes.RecordSerde], because
// the name of a schema depends on the topic. In a store use [RegistrySerde.ForTopic], or
// [Schema].
type RegistrySerde struct {
	messages *registry.Messages
	schema   *data.Schema
}

var _ serdes.RecordSerde[any] = (*RegistrySerde)(nil)

// Registry returns the Serde of keys or values for a registry. The properties are those
// of Confluent's serializer, schema.registry.url first; package registry has them all.
// schema is the text of the schema that values are written with; a Serde that only reads
// may have none. No request is made before the first record.
func Registry(properties map[string]string, isKey bool, schema string) (*RegistrySerde, error) {
	values, err := config.New(registry.Keys()...).Parse(properties)
	if err != nil {
		return nil, fmt.Errorf("avro serde: %w", err)
	}
	if errs := registry.Validate(values); len(errs) > 0 {
		return nil, fmt.Errorf("avro serde: %w", errs)
	}
	if len(values.List(registry.KeyURL)) == 0 {
		return nil, fmt.Errorf("avro serde: %w", config.MissingKey(registry.KeyURL))
	}
	s := &RegistrySerde{}
	if s.messages, err = registry.OpenMessages(values, isKey, registry.Avro(avro.Reading{})); err != nil {
		return nil, fmt.Errorf("avro serde: %w", err)
	}
	if schema != "" {
		if s.schema, err = avro.ParseSchema([]byte(schema)); err != nil {
			return nil, fmt.Errorf("avro serde: %w", err)
		}
	}
	return s, nil
}

var (
	errNoTopic = errors.New("write Avro into a store: the registry names schemas for topics: " +
		"give the store the serde that ForTopic returns, or one with a schema alone")
	errNoSchema = errors.New("write Avro: the serde has no schema, and can only read: give it one")
)

// Serialize is an error: there is no topic that names the schema.
func (s *RegistrySerde) Serialize(any) ([]byte, error) { return nil, errNoTopic }

// Deserialize reads a message with the schema that it was written with.
func (s *RegistrySerde) Deserialize(raw []byte) (any, error) {
	_, v, err := s.messages.Decode(raw)
	return v, err
}

// SerializeRecord implements [serdes.RecordSerde].
func (s *RegistrySerde) SerializeRecord(
	topic string, headers []topology.Header, v any,
) ([]byte, []topology.Header, error) {
	if s.schema == nil {
		return nil, headers, errNoSchema
	}
	raw, err := s.messages.Encode(topic, s.schema, v)
	return raw, headers, err
}

// DeserializeRecord implements [serdes.RecordSerde].
func (s *RegistrySerde) DeserializeRecord(_ string, _ []topology.Header, raw []byte) (any, error) {
	return s.Deserialize(raw)
}

// ForTopic returns a Serde that names schemas as records of that topic do, for a store:
// Kafka Streams takes the name of its changelog.
func (s *RegistrySerde) ForTopic(topic string) serdes.Serde[any] {
	return serdes.New(func(v any) ([]byte, error) {
		raw, _, err := s.SerializeRecord(topic, nil, v)
		return raw, err
	}, s.Deserialize)
}
