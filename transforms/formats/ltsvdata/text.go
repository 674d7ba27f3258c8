package ltsvdata

import (
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/transforms/formats/cookie"
)

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

// textOf returns the text of a value that is not null, a time or a cookie. Floats
// are written as logs have them, 0.0001, and not as Java prints them, 1.0E-4.
func textOf(s *data.Schema, v any) ([]byte, error) {
	switch v := v.(type) {
	case []byte:
		return v, nil
	case float64:
		return strconv.AppendFloat(nil, v, 'g', -1, 64), nil
	case float32:
		return strconv.AppendFloat(nil, float64(v), 'g', -1, 32), nil
	case map[string]any, map[any]any, data.Pairs, []any:
		return data.AppendJSON(nil, s, v, data.JSONOptions{})
	default:
		return data.AppendText(nil, s, v)
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
			return nil, fmt.Errorf("%w: cookie %.80q is %s, want a string", data.ErrInvalid, name, data.Describe(m[name]))
		}
		if i > 0 {
			b = append(b, "; "...)
		}
		if b, ok = cookie.Append(b, name, value); !ok {
			return nil, fmt.Errorf("%w: %.80q cannot be the name of a cookie", data.ErrInvalid, name)
		}
	}
	return b, nil
}
