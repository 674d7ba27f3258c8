package plainconv

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/internal/jsontext"
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
		Info: connect.Info{Class: StringClass, Version: "0.1.0", Def: StringDef()},
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
	raw, err := appendText(nil, schema, value)
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

// appendText appends v as Java's toString prints it.
func appendText(b []byte, s *data.Schema, v any) ([]byte, error) {
	switch v := v.(type) {
	case nil:
		return append(b, "null"...), nil
	case string:
		return append(b, v...), nil
	case json.Number:
		return append(b, v...), nil
	case bool:
		return strconv.AppendBool(b, v), nil
	case float64:
		return appendFloat(b, v, 64), nil
	case float32:
		return appendFloat(b, float64(v), 32), nil
	case int, int8, int16, int32, int64:
		return fmt.Append(b, v), nil
	case time.Time:
		return v.UTC().AppendFormat(b, "2006-01-02T15:04:05.000Z"), nil
	case []any:
		return appendList(b, s, v)
	case map[string]any:
		if s != nil && s.Kind == data.Struct {
			return appendStruct(b, s, v)
		}
		return appendMap(b, s, v)
	default:
		return b, fmt.Errorf("%T is no text: use another converter", v)
	}
}

func appendFloat(b []byte, f float64, bits int) []byte {
	switch {
	case math.IsNaN(f):
		return append(b, "NaN"...)
	case math.IsInf(f, 1):
		return append(b, "Infinity"...)
	case math.IsInf(f, -1):
		return append(b, "-Infinity"...)
	}
	return jsontext.AppendFloat(b, f, bits)
}

func appendList(b []byte, s *data.Schema, list []any) ([]byte, error) {
	b = append(b, '[')
	for i, v := range list {
		if i > 0 {
			b = append(b, ", "...)
		}
		var err error
		if b, err = appendText(b, elem(s), v); err != nil {
			return b, err
		}
	}
	return append(b, ']'), nil
}

func appendMap(b []byte, s *data.Schema, m map[string]any) ([]byte, error) {
	b = append(b, '{')
	for i, k := range slices.Sorted(maps.Keys(m)) {
		if i > 0 {
			b = append(b, ", "...)
		}
		var err error
		if b, err = appendText(append(append(b, k...), '='), elem(s), m[k]); err != nil {
			return b, err
		}
	}
	return append(b, '}'), nil
}

func appendStruct(b []byte, s *data.Schema, m map[string]any) ([]byte, error) {
	b = append(b, "Struct{"...)
	first := true
	for _, f := range s.Fields {
		v := m[f.Name]
		if v == nil {
			continue
		}
		if !first {
			b = append(b, ',')
		}
		first = false
		var err error
		if b, err = appendText(append(append(b, f.Name...), '='), f.Schema, v); err != nil {
			return b, err
		}
	}
	return append(b, '}'), nil
}

func elem(s *data.Schema) *data.Schema {
	if s == nil {
		return nil
	}
	return s.Elem
}
