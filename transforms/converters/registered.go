package converters

import (
	"context"
	"fmt"

	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/transforms/formats/registry"
)

// registered turns data into the messages of a schema registry and back.
type registered struct {
	messages *registry.Messages
	what     string // such as: json schema value
}

// validateRegistered checks the keys of a converter that needs a registry.
func validateRegistered(c config.Values) config.Errors {
	var errs config.Errors
	if len(c.List(registry.KeyURL)) == 0 {
		errs = append(errs, config.Errorf(registry.KeyURL, "", "give the address of a schema registry"))
	}
	return append(errs, registry.Validate(c)...)
}

// openRegistered returns the messages of a format for the values of the registry's keys.
// name is what errors call it.
func openRegistered(c config.Values, isKey bool, name string, format *registry.Format) (registered, error) {
	if errs := validateRegistered(c); len(errs) > 0 {
		return registered{}, errs
	}
	messages, err := registry.OpenMessages(c, isKey, format)
	if err != nil {
		return registered{}, fmt.Errorf("%s converter: %w", name, err)
	}
	part := "value"
	if isKey {
		part = "key"
	}
	return registered{messages, name + " " + part}, nil
}

// Check implements [connect.ConverterChecker]: it asks the registry.
func (r registered) Check(ctx context.Context) (found string, err error) {
	return r.messages.Check(ctx)
}

// encode writes a message. Null without a schema is null in Kafka, and so is null with a
// schema that does not allow it, as in Confluent's converters.
func (r registered) encode(topic string, schema *data.Schema, value any) ([]byte, error) {
	if value == nil && (schema == nil || !schema.Optional && schema.Default == nil) {
		return nil, nil
	}
	raw, err := r.messages.Encode(topic, schema, value)
	if err != nil {
		return nil, fmt.Errorf("encode %s for topic %s: %w", r.what, topic, err)
	}
	return raw, nil
}

// decode reads a message. Null in Kafka is null without a schema.
func (r registered) decode(topic string, raw []byte) (*data.Schema, any, error) {
	if raw == nil {
		return nil, nil, nil
	}
	schema, value, err := r.messages.Decode(raw)
	if err != nil {
		return nil, nil, fmt.Errorf("decode %s for topic %s: %w", r.what, topic, err)
	}
	return schema, value, nil
}
