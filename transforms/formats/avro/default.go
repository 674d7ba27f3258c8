package avro

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/internal/jsontext"
	"github.com/suiro/suiro/transforms/formats/avro/internal/datum"
)

// defaultValue reads the default of a field from the JSON of an Avro schema.
func defaultValue(s *data.Schema, raw any) (any, error) {
	v, err := defaultPlain(s, raw)
	if err != nil {
		return nil, err
	}
	if v == nil {
		return nil, fmt.Errorf("%w: default %v does not fit %v", ErrSchema, raw, s.Kind)
	}
	return datum.FromPlain(s, v)
}

// defaultPlain reads raw as the type below a logical one; nil means it does not fit.
func defaultPlain(s *data.Schema, raw any) (any, error) {
	switch raw := raw.(type) {
	case bool:
		if s.Kind == data.Boolean {
			return raw, nil
		}
	case json.Number:
		return defaultNumber(s.Kind, raw), nil
	case string:
		switch s.Kind {
		case data.String:
			return raw, nil
		case data.Bytes:
			return fromLatin1(raw), nil
		}
	case []any:
		if s.Kind == data.Array {
			return defaultList(s, raw)
		}
	case map[string]any:
		switch s.Kind {
		case data.Map:
			return defaultMap(raw, func(string) *data.Schema { return s.Elem })
		case data.Struct:
			return defaultMap(raw, func(name string) *data.Schema {
				if f := s.Field(name); f != nil {
					return f.Schema
				}
				return nil
			})
		}
	}
	return nil, nil
}

func defaultNumber(k data.Kind, n json.Number) any {
	if i, ok := data.AsInt(n); ok && k.Fits(i) {
		return k.Sized(i)
	}
	f, err := n.Float64()
	switch {
	case err == nil && k == data.Float32:
		return float32(f)
	case err == nil && k == data.Float64:
		return f
	}
	return nil
}

func defaultList(s *data.Schema, raw []any) (any, error) {
	out := make([]any, len(raw))
	for i := range raw {
		v, err := defaultOrNull(s.Elem, raw[i])
		if err != nil {
			return nil, err
		}
		out[i] = v
	}
	return out, nil
}

func defaultMap(raw map[string]any, schema func(string) *data.Schema) (any, error) {
	out := make(map[string]any, len(raw))
	for k, r := range raw {
		s := schema(k)
		if s == nil {
			return nil, fmt.Errorf("%w: default for unknown field %q", ErrSchema, k)
		}
		v, err := defaultOrNull(s, r)
		if err != nil {
			return nil, err
		}
		out[k] = v
	}
	return out, nil
}

func defaultOrNull(s *data.Schema, raw any) (any, error) {
	if raw == nil && s.Optional {
		return nil, nil
	}
	return defaultValue(s, raw)
}

// defaultText is the JSON of default v of a field of schema s.
func defaultText(s *data.Schema, v any) (string, error) {
	b, err := appendDefault(nil, s, v)
	if err != nil {
		return "", fmt.Errorf("default: %w", err)
	}
	return string(b), nil
}

func appendDefault(b []byte, s *data.Schema, v any) ([]byte, error) {
	if v == nil && s.Optional {
		return append(b, "null"...), nil
	}
	v, err := datum.ToPlain(s, v)
	if err != nil {
		return nil, err
	}
	switch v := v.(type) {
	case bool:
		return strconv.AppendBool(b, v), nil
	case int64:
		return strconv.AppendInt(b, v, 10), nil
	case float64:
		text, err := json.Marshal(v)
		return append(b, text...), err
	case string:
		return jsontext.AppendString(b, v), nil
	case []byte:
		return jsontext.AppendString(b, toLatin1(v)), nil
	case []any:
		return appendDefaultList(b, s.Elem, v)
	case map[string]any:
		return appendDefaultMap(b, s, v)
	default:
		return nil, fmt.Errorf("%w: %T cannot be a default", ErrSchema, v)
	}
}

func appendDefaultList(b []byte, elem *data.Schema, list []any) ([]byte, error) {
	b = append(b, '[')
	for i, v := range list {
		if i > 0 {
			b = append(b, ',')
		}
		var err error
		if b, err = appendDefault(b, elem, v); err != nil {
			return nil, err
		}
	}
	return append(b, ']'), nil
}

func appendDefaultMap(b []byte, s *data.Schema, m map[string]any) ([]byte, error) {
	b = append(b, '{')
	for i, k := range slices.Sorted(maps.Keys(m)) {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(jsontext.AppendString(b, k), ':')
		elem := s.Elem
		if s.Kind == data.Struct {
			f := s.Field(k)
			if f == nil {
				return nil, fmt.Errorf("%w: default for unknown field %q", ErrSchema, k)
			}
			elem = f.Schema
		}
		var err error
		if b, err = appendDefault(b, elem, m[k]); err != nil {
			return nil, err
		}
	}
	return append(b, '}'), nil
}

// fromLatin1 and toLatin1 are how Avro writes bytes in JSON: a code point from
// U+0000 to U+00FF for each byte.
func fromLatin1(s string) []byte {
	b := make([]byte, 0, len(s))
	for _, r := range s {
		b = append(b, byte(r))
	}
	return b
}

func toLatin1(b []byte) string {
	r := make([]rune, len(b))
	for i, c := range b {
		r[i] = rune(c)
	}
	return string(r)
}
