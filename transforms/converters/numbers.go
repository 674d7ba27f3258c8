package converters

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/data"
)

// NumberPlugins returns Kafka Connect's BooleanConverter, ShortConverter,
// IntegerConverter, LongConverter, FloatConverter and DoubleConverter as a worker
// loads them. A message is one number, big-endian, or a byte of 0 or 1.
func NumberPlugins() []connect.ConverterPlugin {
	order := binary.BigEndian
	return []connect.ConverterPlugin{
		numberPlugin("Boolean", "A byte, 0 or 1.", number[bool]{optional(data.Boolean), 1, appendBool, readBool}),
		numberPlugin("Short", "A number of 16 bits, big-endian.", number[int16]{optional(data.Int16), 2,
			func(dst []byte, v int16) []byte { return order.AppendUint16(dst, uint16(v)) },
			func(raw []byte) (int16, bool) { return int16(order.Uint16(raw)), true }}),
		numberPlugin("Integer", "A number of 32 bits, big-endian.", number[int32]{optional(data.Int32), 4,
			func(dst []byte, v int32) []byte { return order.AppendUint32(dst, uint32(v)) },
			func(raw []byte) (int32, bool) { return int32(order.Uint32(raw)), true }}),
		numberPlugin("Long", "A number of 64 bits, big-endian.", number[int64]{optional(data.Int64), 8,
			func(dst []byte, v int64) []byte { return order.AppendUint64(dst, uint64(v)) },
			func(raw []byte) (int64, bool) { return int64(order.Uint64(raw)), true }}),
		numberPlugin("Float", "A floating-point number of 32 bits, big-endian.", number[float32]{optional(data.Float32), 4,
			func(dst []byte, v float32) []byte { return order.AppendUint32(dst, math.Float32bits(v)) },
			func(raw []byte) (float32, bool) { return math.Float32frombits(order.Uint32(raw)), true }}),
		numberPlugin("Double", "A floating-point number of 64 bits, big-endian.", number[float64]{optional(data.Float64), 8,
			func(dst []byte, v float64) []byte { return order.AppendUint64(dst, bits64(v)) },
			func(raw []byte) (float64, bool) { return math.Float64frombits(order.Uint64(raw)), true }}),
	}
}

func optional(k data.Kind) *data.Schema { return &data.Schema{Kind: k, Optional: true} }

func appendBool(dst []byte, v bool) []byte {
	if v {
		return append(dst, 1)
	}
	return append(dst, 0)
}

func readBool(raw []byte) (v, ok bool) { return raw[0] == 1, raw[0] <= 1 }

// bits64 gives each NaN the bits of Java's, as its DoubleSerializer does.
func bits64(v float64) uint64 {
	if v != v {
		return 0x7ff8000000000000
	}
	return math.Float64bits(v)
}

func numberPlugin(name, doc string, c connect.Converter) connect.ConverterPlugin {
	return connect.ConverterPlugin{
		Info: connect.Info{Class: "org.apache.kafka.connect.converters." + name + "Converter",
			Def: config.New(typeKey()), Doc: doc},
		New: func(config.Values, bool) (connect.Converter, error) { return c, nil },
	}
}

var _ connect.Converter = number[int64]{}

// number converts messages of a fixed size. It may be shared by goroutines.
type number[T any] struct {
	schema *data.Schema // one, so that sinks see no new schema with each record
	size   int          // bytes of a message
	// append and read are never called with another size.
	append func(dst []byte, v T) []byte
	read   func(raw []byte) (T, bool)
}

// Format is empty: no sink takes such bytes as they are.
func (number[T]) Format() string { return "" }

// FromConnect encodes a value of the converter's type. Null is null in Kafka.
func (c number[T]) FromConnect(topic string, schema *data.Schema, value any) ([]byte, error) {
	if c.schema.Kind == data.Boolean && schema != nil && schema.Kind != data.Boolean { // Java looks at no other's
		return nil, fmt.Errorf("encode BOOLEAN for topic %s: %w: data is %v: use another converter",
			topic, data.ErrInvalid, schema.Kind)
	}
	if value == nil {
		return nil, nil
	}
	v, ok := value.(T)
	if !ok {
		return nil, fmt.Errorf("encode %v for topic %s: %w: %s: use another converter",
			c.schema.Kind, topic, data.ErrInvalid, data.Describe(value))
	}
	return c.append(make([]byte, 0, c.size), v), nil
}

// ToConnect decodes a message. Its schema is optional, null included.
func (c number[T]) ToConnect(topic string, raw []byte) (*data.Schema, any, error) {
	if raw == nil {
		return c.schema, nil, nil
	}
	if len(raw) != c.size {
		return nil, nil, fmt.Errorf("decode %v of topic %s: %w: message of %d bytes, want %d",
			c.schema.Kind, topic, data.ErrInvalid, len(raw), c.size)
	}
	v, ok := c.read(raw)
	if !ok {
		return nil, nil, fmt.Errorf("decode %v of topic %s: %w: byte %#x, want 0 or 1", c.schema.Kind, topic,
			data.ErrInvalid, raw[0])
	}
	return c.schema, v, nil
}
