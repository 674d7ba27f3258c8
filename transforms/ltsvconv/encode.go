package ltsvconv

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strconv"
	"time"

	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/transforms/formats/cookie"
	"github.com/suiro/suiro/transforms/formats/ltsv"
)

// FromConnect encodes a struct or a map with string keys as one record without
// a line end. Null is null in Kafka.
func (c *Converter) FromConnect(topic string, schema *data.Schema, value any) ([]byte, error) {
	if value == nil {
		return nil, nil
	}
	raw, err := c.encode(schema, value)
	if err != nil {
		return nil, fmt.Errorf("encode ltsv for topic %s: %w", topic, err)
	}
	return raw, nil
}

func (c *Converter) encode(schema *data.Schema, value any) ([]byte, error) {
	m, ok := value.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("%w: %T is no struct and no map of text", ErrValue, value)
	}
	dst := []byte{} // a record without fields is no null
	for _, name := range order(schema, m) {
		l, ok := c.labels[name]
		if !ok {
			l = c.other
		}
		if l.drop {
			continue
		}
		text, null, err := c.format(l, fieldSchema(schema, name), m[name])
		if err != nil {
			return nil, fmt.Errorf("label %.80q: %w", name, err)
		}
		if null {
			continue
		}
		if dst, err = c.formatter.AppendField(dst, 0, []byte(name), text); err != nil {
			return nil, err
		}
	}
	return dst, nil
}

// order returns the labels of m in the order they are written.
func order(schema *data.Schema, m map[string]any) []string {
	if schema == nil || schema.Kind != data.Struct {
		return slices.Sorted(maps.Keys(m))
	}
	names := make([]string, len(schema.Fields))
	for i, f := range schema.Fields {
		names[i] = f.Name
	}
	return names
}

func fieldSchema(schema *data.Schema, name string) *data.Schema {
	if schema == nil {
		return nil
	}
	if f := schema.Field(name); f != nil {
		return f.Schema
	}
	return schema.Elem
}

// format returns the text of v, or that the field is to be left out.
func (c *Converter) format(l label, s *data.Schema, v any) (text []byte, omit bool, err error) {
	switch v := v.(type) {
	case nil:
		if c.opts.OmitNulls || len(c.opts.Nulls) == 0 {
			return nil, true, nil
		}
		return []byte(c.opts.Nulls[0]), false, nil
	case time.Time:
		if l.typ.Kind() == ltsv.Time {
			return l.typ.AppendTime(nil, v), false, nil
		}
		return v.UTC().AppendFormat(nil, "2006-01-02T15:04:05.000Z"), false, nil
	case map[string]any:
		if l.cookie {
			text, err = header(v)
			return text, false, err
		}
	}
	text, err = scalar(s, v)
	return text, false, err
}

// scalar returns the text of a value that is no null, time or cookie.
func scalar(s *data.Schema, v any) ([]byte, error) {
	switch v := v.(type) {
	case string:
		return []byte(v), nil
	case []byte:
		return v, nil
	case bool:
		return strconv.AppendBool(nil, v), nil
	case int, int8, int16, int32, int64, json.Number:
		return fmt.Append(nil, v), nil
	case float64:
		return strconv.AppendFloat(nil, v, 'g', -1, 64), nil
	case float32:
		return strconv.AppendFloat(nil, float64(v), 'g', -1, 32), nil
	case *big.Rat:
		scale := 0
		if s != nil {
			scale, _ = strconv.Atoi(s.Parameters["scale"])
		}
		return []byte(v.FloatString(max(scale, 0))), nil
	case map[string]any, []any:
		text, err := json.Marshal(v)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrValue, err)
		}
		return text, nil
	default:
		return nil, fmt.Errorf("%w: %T has no text", ErrValue, v)
	}
}

// header returns the Cookie header of m, sorted by name. What was kept because
// it could not be read goes back as it was.
func header(m map[string]any) ([]byte, error) {
	if raw, ok := m[rawKey].(string); ok {
		return []byte(raw), nil
	}
	var b []byte
	for i, name := range slices.Sorted(maps.Keys(m)) {
		value, ok := m[name].(string)
		if !ok {
			return nil, fmt.Errorf("%w: cookie %.80q is %T, want text", ErrValue, name, m[name])
		}
		if i > 0 {
			b = append(b, "; "...)
		}
		if b, ok = cookie.Append(b, name, value); !ok {
			return nil, fmt.Errorf("%w: %.80q cannot be the name of a cookie", ErrValue, name)
		}
	}
	return b, nil
}
