package converters

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/data"
)

// StringClass is the name the StringConverter is configured by.
const StringClass = "org.apache.kafka.connect.storage.StringConverter"

const keyEncoding = "converter.encoding"

// StringDef returns the keys of the StringConverter.
func StringDef() *config.Def {
	return config.New(config.Key{Name: keyEncoding, Type: config.String, Default: "UTF-8",
		Valid: config.OneOf(true, "UTF-8", "UTF8", "ISO-8859-1", "US-ASCII"), Doc: "Encoding of the text in messages."})
}

// StringPlugin returns the StringConverter as a worker loads it.
func StringPlugin() connect.ConverterPlugin {
	return connect.ConverterPlugin{
		Info: connect.Info{Class: StringClass, Version: version, Def: StringDef()},
		New:  func(c config.Values, _ bool) (connect.Converter, error) { return NewString(c), nil },
	}
}

var _ connect.Converter = (*String)(nil)

// String converts text. It may be shared by goroutines.
type String struct {
	highest rune // of the encoding; above it UTF-8
}

// NewString returns a converter of the values of [StringDef].
func NewString(c config.Values) *String {
	switch strings.ToUpper(c.String(keyEncoding)) {
	case "ISO-8859-1":
		return &String{highest: 0xff}
	case "US-ASCII":
		return &String{highest: 0x7f}
	default:
		return &String{highest: utf8.MaxRune}
	}
}

// Format is [connect.FormatString] when messages are UTF-8.
func (c *String) Format() string {
	if c.highest < utf8.MaxRune {
		return ""
	}
	return connect.FormatString
}

// FromConnect encodes a value as text. Null is null in Kafka.
func (c *String) FromConnect(topic string, schema *data.Schema, value any) ([]byte, error) {
	if value == nil {
		return nil, nil
	}
	if _, ok := value.([]byte); ok {
		return nil, fmt.Errorf("encode string for topic %s: bytes are not text: use ByteArrayConverter", topic)
	}
	raw, err := data.AppendText([]byte{}, schema, value) // empty text is not null
	if err == nil && c.highest < utf8.MaxRune {
		raw, err = c.narrow(raw)
	}
	if err != nil {
		return nil, fmt.Errorf("encode string for topic %s: %w", topic, err)
	}
	return raw, nil
}

// narrow turns UTF-8 into one byte a character.
func (c *String) narrow(raw []byte) ([]byte, error) {
	out := make([]byte, 0, len(raw))
	for _, r := range string(raw) {
		if r > c.highest {
			return nil, fmt.Errorf("character %q is not in the encoding: use UTF-8", r)
		}
		out = append(out, byte(r))
	}
	return out, nil
}

var optionalString = &data.Schema{Kind: data.String, Optional: true}

// ToConnect decodes text. Its schema is an optional string, null included.
func (c *String) ToConnect(topic string, raw []byte) (*data.Schema, any, error) {
	if raw == nil {
		return optionalString, nil, nil
	}
	if c.highest == utf8.MaxRune {
		return optionalString, string(raw), nil
	}
	runes := make([]rune, len(raw))
	for i, b := range raw {
		if rune(b) > c.highest {
			return nil, nil, fmt.Errorf("decode string of topic %s: byte %d is %#x, which is not in the encoding", topic, i, b)
		}
		runes[i] = rune(b)
	}
	return optionalString, string(runes), nil
}
