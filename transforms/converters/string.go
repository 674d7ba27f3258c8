package converters

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/ianaindex"
	"golang.org/x/text/encoding/unicode"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/data"
)

// StringClass is the name the StringConverter is configured by.
const StringClass = "org.apache.kafka.connect.storage.StringConverter"

const keyEncoding = "converter.encoding"

// StringDef returns the keys of the StringConverter.
func StringDef() *config.Def {
	return config.New(
		config.Key{Name: keyEncoding, Type: config.String, Default: "UTF-8",
			Valid: config.Func("the IANA name of an encoding", func(v any) error {
				_, err := encodingOf(fmt.Sprint(v))
				return err
			}),
			Doc: "Encoding of the text in messages, as UTF-8, ISO-8859-1, UTF-16 or Shift_JIS."},
		typeKey(),
	)
}

// encodingOf returns the encoding of a name, nil for UTF-8, which needs no other.
func encodingOf(name string) (encoding.Encoding, error) {
	if strings.EqualFold(name, "UTF8") { // Java's name
		return nil, nil
	}
	e, err := ianaindex.IANA.Encoding(name)
	if err != nil || e == nil {
		return nil, errors.New("there is no such encoding")
	}
	if e == unicode.UTF8 {
		return nil, nil
	}
	return e, nil
}

// StringPlugin returns the StringConverter as a worker loads it.
func StringPlugin() connect.ConverterPlugin {
	return connect.ConverterPlugin{
		Info: connect.Info{Class: StringClass, Def: StringDef(),
			Doc: "Text; values of other types are written as Java prints them."},
		New: func(c config.Values, _ bool) (connect.Converter, error) { return NewString(c), nil },
	}
}

var _ connect.Converter = (*String)(nil)

// String converts messages that are one text. It may be shared by goroutines.
type String struct {
	name     string
	encoding encoding.Encoding // nil for UTF-8
}

// NewString returns a converter of the values of [StringDef].
func NewString(v config.Values) *String {
	name := v.String(keyEncoding)
	e, _ := encodingOf(name) // validated
	return &String{name: name, encoding: e}
}

// Format is [connect.FormatString] when messages are UTF-8.
func (c *String) Format() string {
	if c.encoding != nil {
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
	if err == nil && c.encoding != nil {
		if raw, err = c.encoding.NewEncoder().Bytes(raw); err != nil {
			err = fmt.Errorf("a character is not in the encoding %s: use UTF-8", c.name)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("encode string for topic %s: %w", topic, err)
	}
	return raw, nil
}

var optionalString = &data.Schema{Kind: data.String, Optional: true}

// ToConnect decodes text. Its schema is an optional string, null included.
func (c *String) ToConnect(topic string, raw []byte) (*data.Schema, any, error) {
	if raw == nil {
		return optionalString, nil, nil
	}
	if c.encoding == nil {
		return optionalString, string(raw), nil
	}
	text, err := c.encoding.NewDecoder().Bytes(raw)
	if err != nil || bytes.ContainsRune(text, utf8.RuneError) && !c.isTextOf(raw, text) {
		return nil, nil, fmt.Errorf("decode string of topic %s: message is not %s", topic, c.name)
	}
	return optionalString, string(text), nil
}

// isTextOf reports whether raw is the encoded text. It is for text that has U+FFFD,
// which decoders also make of damage. Encoders put a byte order mark before UTF-16,
// which raw may lack, and have the larger byte first, which raw need not.
func (c *String) isTextOf(raw, text []byte) bool {
	again, err := c.encoding.NewEncoder().Bytes(text)
	if err != nil {
		return false
	}
	if bytes.Equal(raw, again) {
		return true
	}
	unmarked, marked := bytes.CutPrefix(again, []byte("\xfe\xff"))
	if !marked || bytes.Equal(raw, unmarked) {
		return marked
	}
	for i := 0; i+1 < len(again); i += 2 {
		again[i], again[i+1] = again[i+1], again[i]
	}
	return bytes.Equal(raw, again)
}
