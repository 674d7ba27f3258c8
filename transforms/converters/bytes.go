package converters

import (
	"fmt"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/data"
)

// BytesClass is the name the ByteArrayConverter is configured by.
const BytesClass = "org.apache.kafka.connect.converters.ByteArrayConverter"

// BytesPlugin returns the ByteArrayConverter as a worker loads it.
func BytesPlugin() connect.ConverterPlugin {
	return connect.ConverterPlugin{
		Info: connect.Info{Class: BytesClass, Def: config.New(typeKey()),
			Doc: "Bytes as they are."},
		New: func(config.Values, bool) (connect.Converter, error) { return Bytes{}, nil },
	}
}

var _ connect.Converter = Bytes{}

// Bytes passes bytes through. It may be shared by goroutines.
type Bytes struct{}

// Format is [connect.FormatBytes].
func (Bytes) Format() string { return connect.FormatBytes }

// FromConnect returns value, which must be bytes or null.
func (Bytes) FromConnect(topic string, schema *data.Schema, value any) ([]byte, error) {
	if schema != nil && schema.Kind != data.Bytes {
		return nil, fmt.Errorf("encode bytes for topic %s: data is %v: use another converter", topic, schema.Kind)
	}
	if value == nil {
		return nil, nil
	}
	raw, ok := value.([]byte)
	if !ok {
		return nil, fmt.Errorf("encode bytes for topic %s: %s is not bytes: use another converter", topic,
			data.Describe(value))
	}
	return raw, nil
}

var optionalBytes = &data.Schema{Kind: data.Bytes, Optional: true}

// ToConnect returns raw itself. Its schema is optional bytes, null included.
func (Bytes) ToConnect(_ string, raw []byte) (*data.Schema, any, error) {
	if raw == nil {
		return optionalBytes, nil, nil
	}
	return optionalBytes, raw, nil
}
