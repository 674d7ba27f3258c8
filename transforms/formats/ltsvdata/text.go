package ltsvdata

import (
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/transforms/formats/cookie"
)

// labelled is a label and the schema of its values, nil when there is none.
type labelled struct {
	name   string
	schema *data.Schema
}

// order returns the labels of m in the order they are written.
func order(schema *data.Schema, m map[string]any) []labelled {
	if schema == nil || schema.Kind != data.Struct {
		var elem *data.Schema
		if schema != nil {
			elem = schema.Elem
		}
		list := make([]labelled, 0, len(m))
		for _, name := range slices.Sorted(maps.Keys(m)) {
			list = append(list, labelled{name, elem})
		}
		return list
	}
	list := make([]labelled, len(schema.Fields))
	for i, f := range schema.Fields {
		list[i] = labelled{f.Name, f.Schema}
	}
	return list
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
	if raw, ok := m[cookie.RawName].(string); ok {
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
