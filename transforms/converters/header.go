package converters

import (
	"fmt"
	"unicode/utf8"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/transforms/formats/text"
)

// SimpleHeaderClass is the name the SimpleHeaderConverter is configured by.
const SimpleHeaderClass = "org.apache.kafka.connect.storage.SimpleHeaderConverter"

// HeaderPlugins returns the header converters as a worker loads them.
func HeaderPlugins() []connect.HeaderConverterPlugin {
	all := []connect.HeaderConverterPlugin{{
		Info: connect.Info{Class: SimpleHeaderClass, Def: config.New(),
			Doc: "Headers are text; what looks like a number, a boolean, a list or a map is read as one."},
		New: func(config.Values) (connect.HeaderConverter, error) { return SimpleHeader{}, nil },
	}}
	for _, p := range append(NumberPlugins(), StringPlugin(), JSONPlugin(), BytesPlugin()) {
		all = append(all, ofHeaders(p))
	}
	return all
}

// ofHeaders returns the plugin of a header converter that works as the converter of p does.
func ofHeaders(p connect.ConverterPlugin) connect.HeaderConverterPlugin {
	return connect.HeaderConverterPlugin{
		Info: p.Info,
		New: func(v config.Values) (connect.HeaderConverter, error) {
			c, err := p.New(v, false)
			if err != nil {
				return nil, err
			}
			return header{c}, nil
		},
	}
}

var (
	_ connect.HeaderConverter = SimpleHeader{}
	_ connect.HeaderConverter = header{}
)

// SimpleHeader is Kafka Connect's SimpleHeaderConverter: values are text and are
// read by what they look like, as package text says. Bytes that are not UTF-8 are read
// as bytes. It may be shared by goroutines.
type SimpleHeader struct{}

// FromConnectHeader encodes a value as text. Null is null in Kafka.
func (SimpleHeader) FromConnectHeader(topic, _ string, schema *data.Schema, value any) ([]byte, error) {
	if value == nil {
		return nil, nil
	}
	raw, err := text.Append([]byte{}, schema, value)
	if err != nil {
		return nil, fmt.Errorf("encode text for topic %s: %w", topic, err)
	}
	return raw, nil
}

var requiredBytes = &data.Schema{Kind: data.Bytes}

// ToConnectHeader decodes text. Null in Kafka is null without a schema.
func (SimpleHeader) ToConnectHeader(_, _ string, raw []byte) (*data.Schema, any, error) {
	if raw == nil {
		return nil, nil, nil
	}
	if !utf8.Valid(raw) {
		return requiredBytes, raw, nil
	}
	s, v := text.Parse(string(raw))
	return s, v, nil
}

// header converts headers as a converter does values.
type header struct{ converter connect.Converter }

// FromConnectHeader encodes a value as the converter does.
func (h header) FromConnectHeader(topic, _ string, schema *data.Schema, value any) ([]byte, error) {
	return h.converter.FromConnect(topic, schema, value)
}

// ToConnectHeader decodes bytes as the converter does.
func (h header) ToConnectHeader(topic, _ string, raw []byte) (*data.Schema, any, error) {
	return h.converter.ToConnect(topic, raw)
}
